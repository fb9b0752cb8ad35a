/** What `net start`, `stop`, `delete` and `autostart` have in common: names of networks, a plan, and one sentence each. */
import { findNetworks } from '../../../plan/find-network.ts';
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
  planFor: (names: readonly string[], state: State, options: Options) => Plan | Promise<Plan>,
  done: (names: string, options: Options) => string,
) {
  return async (context: Context, names: readonly string[], options: Options): Promise<Result> => {
    let networks: State['networks'] = [];
    const result = await context.change(
      (state) => {
        networks = findNetworks(state, names);
        return planFor(names, state, options);
      },
      { leases: false },
    );
    // What an earlier run began was planned there.
    if (result.resumed) return changeResult(context, result, result.plan.title, { networks: names });
    const touched = new Set(result.plan.steps.map(({ verify }) => verify.expect === 'network' && verify.network));
    const nameList = (chosen: boolean): string =>
      networks
        .filter(({ uuid }) => touched.has(uuid) === chosen)
        .map(({ name }) => name)
        .join(', ');
    const rest = nameList(false);
    const text = `${done(nameList(true), options)}${rest === '' ? '' : `; nothing to do for ${rest}`}`;
    return changeResult(context, result, text, { networks: networks.map(({ name }) => name) });
  };
}
