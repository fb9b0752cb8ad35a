/** The plan that adds the lines of a file at once. */
import type { ForwardFacts } from '../../firewall/nat-facts.ts';
import type { SourceNat } from '../../records/nat.ts';
import type { Seen } from '../../state/state.ts';
import { addForwards, forwardingConsent, type ForwardPlan, type WantedForward } from './forward.ts';
import { addSource, type WantedSource } from './source.ts';
import { natSteps } from './steps.ts';

export interface ImportPlan extends ForwardPlan {
  readonly sources: readonly SourceNat[];
}

/** @see addForwards and addSource for the errors: where one line is refused, none is added */
export function planNatImport(
  wanted: { readonly forwards: readonly WantedForward[]; readonly sources: readonly WantedSource[] },
  facts: ForwardFacts,
  state: Seen<'networks' | 'domains' | 'host'>,
  now: number,
): ImportPlan {
  const sources: SourceNat[] = [];
  const warnings: string[] = [];
  let { rules } = facts;
  for (const each of wanted.sources) {
    const added = addSource(rules, each, state);
    rules = added.rules;
    sources.push(added.source);
    warnings.push(...added.warnings);
  }
  const added = addForwards(rules, wanted.forwards, facts, state, now);
  return {
    title: `import ${String(added.forwards.length)} forwards and ${String(sources.length)} source NAT`,
    forwards: added.forwards,
    sources,
    steps: [...added.reservations, ...natSteps(added.rules, facts)],
    warnings: [...warnings, ...added.warnings],
    consent: forwardingConsent([...sources, ...added.forwards], facts),
  };
}
