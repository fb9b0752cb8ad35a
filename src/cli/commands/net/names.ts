/** What `net start`, `stop`, `delete` and `autostart` have in common: names of networks, a plan, and one sentence each. */
import type { Plan } from '../../../plan/step.ts';
import type { State } from '../../../state/state.ts';
import type { ArgumentDefinition, Options, Result } from '../../command.ts';
import type { Context } from '../../context.ts';
import { changeResult } from '../../views/plan.ts';

export const networkNames: ArgumentDefinition = {
  name: '<NAME...>',
  description: 'the networks, by name or UUID',
  completes: 'network',
};

export function changeNetworks(
  planFor: (names: readonly string[], state: State, options: Options) => Plan,
  done: (names: string, options: Options) => string,
) {
  return async (context: Context, names: readonly string[], options: Options): Promise<Result> => {
    const result = await context.change((state) => planFor(names, state, options), { leases: false });
    return changeResult(context, result, done(names.join(', '), options), { networks: names });
  };
}
