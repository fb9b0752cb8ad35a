/** What `vm start` and `vm stop` have in common: each domain is a change of its own, so that one that fails does not undo the others. */
import type { Plan } from '../../../plan/step.ts';
import { findDomain } from '../../../state/find-domain.ts';
import type { DomainState, State } from '../../../state/state.ts';
import type { ArgumentDefinition, Options, Result } from '../../command.ts';
import type { Context } from '../../context.ts';
import { changeResult } from '../../views/plan.ts';

export const domainNames: ArgumentDefinition = {
  name: '<VM...>',
  description: 'the domains, by name or UUID',
  completes: 'domain',
};

export function changeDomains(planFor: (domain: DomainState, state: State, options: Options) => Plan, done: string) {
  return async (context: Context, names: readonly string[], options: Options): Promise<Result> => {
    await requireAll(context, names);
    const results: Result[] = [];
    for (const name of names) {
      const result = await context.change((state) => planFor(findDomain(state, name), state, options), {
        leases: false,
      });
      results.push(changeResult(context, result, `${done} ${name}`, { domain: name }));
    }
    return { value: results.map(({ value }) => value), text: results.map(({ text }) => text).join('\n') };
  };
}

/** A name that is not there is refused before the first of the others is touched. */
async function requireAll(context: Context, names: readonly string[]): Promise<void> {
  if (names.length < 2) return;
  const state = await context.observe({ networks: false, links: false, routes: false }, 'change');
  names.forEach((name) => findDomain(state, name));
}
