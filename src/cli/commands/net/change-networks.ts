/** Common parts of `net start`, `stop`, `delete` and `autostart`: names of networks, a plan, and one sentence each. */
import { findNetworks } from '../../../state/find-network.ts';
import type { Plan } from '../../../plan/step.ts';
import type { State } from '../../../state/state.ts';
import type { ArgumentDefinition, Result } from '../../command.ts';
import type { Context } from '../../context.ts';
import { changeResult } from '../../views/plan.ts';

export const networkNames: ArgumentDefinition = {
  name: '<NAME...>',
  description: 'Networks, by name or UUID',
  completes: 'network',
};

/**
 * @param done returns the text to print for the names that changed, and their plan
 * @param finish adds further data of the plan to the result
 */
export function changeNetworks<P extends Plan, Values>(
  planFor: (names: readonly string[], state: State, options: Values, context: Context) => P | Promise<P>,
  done: (names: string, options: Values, plan: P) => string,
  finish: (result: Result, plan: P) => Result = (result) => result,
) {
  return async (context: Context, names: readonly string[], options: Values): Promise<Result> => {
    const result = await context.change(
      async (state) => ({ ...(await planFor(names, state, options, context)), networks: findNetworks(state, names) }),
      { leases: false },
    );
    // An interrupted change was planned by the earlier run.
    if (result.resumed) return changeResult(context, result, result.plan.title, { networks: names });
    const { networks } = result.plan;
    const touched = new Set(result.plan.steps.map(({ verify }) => verify.expect === 'network' && verify.network));
    const nameList = (chosen: boolean): string =>
      networks
        .filter(({ uuid }) => touched.has(uuid) === chosen)
        .map(({ name }) => name)
        .join(', ');
    const rest = nameList(false);
    const text = `${done(nameList(true), options, result.plan)}${rest === '' ? '' : `; nothing to do for ${rest}`}`;
    return finish(changeResult(context, result, text, { networks: networks.map(({ name }) => name) }), result.plan);
  };
}
