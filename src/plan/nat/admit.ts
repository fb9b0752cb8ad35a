/** Finds rules of other programs that would drop the connections of new forwards. */
import { admittedRules, examineForward } from '../../firewall/examine-forward.ts';
import type { NatFacts } from '../../firewall/nat-facts.ts';
import { formatPlace } from '../../firewall/ruleset.ts';
import type { Forward, NatRules } from '../../records/nat.ts';
import type { WholeHost } from '../../state/state.ts';
import { forwardText } from '../../values/nat-text.ts';

interface Added {
  readonly rules: NatRules;
  readonly forwards: readonly Forward[];
  readonly warnings: readonly string[];
}

/**
 * Examines each new forward from outside.
 * @param fix adds the rules that admit it to the forward; otherwise they are part of a warning
 */
export function admitted<A extends Added>(added: A, facts: NatFacts, { links, routes }: WholeHost, fix: boolean): A {
  const warnings: string[] = [];
  const fixed = new Map<Forward, Forward>();
  for (const forward of added.forwards.filter((each) => !facts.rules.forwards.includes(each))) {
    const report = examineForward(forward, added.rules, { ...facts, links, routes });
    if (report?.obstacle?.kind !== 'rule') continue;
    const { place, outcome } = report.obstacle;
    const name = forwardText(forward);
    if (fix) {
      fixed.set(forward, { ...forward, admitted: admittedRules(name, report) });
      continue;
    }
    const commands = report.admissions.map(({ command }) => command).join('; ');
    warnings.push(
      `connections from outside to ${name} are ${outcome} by ${formatPlace(place)}; --fix adds a rule that lets them through: ${commands}`,
    );
  }
  const changed = (forward: Forward): Forward => fixed.get(forward) ?? forward;
  return {
    ...added,
    rules: { ...added.rules, forwards: added.rules.forwards.map(changed) },
    forwards: added.forwards.map(changed),
    warnings: [...added.warnings, ...warnings],
  };
}
