import { findNetwork } from '../../../state/find-network.ts';
import { networkOf, planPin } from '../../../plan/reserve/pin.ts';
import type { Result } from '../../command.ts';
import { flag, typed } from '../../options.ts';
import type { Context } from '../../context.ts';
import { changeResult } from '../../views/plan.ts';

export const command = typed({
  arguments: [
    {
      name: '<NETWORK|VM>',
      description: 'Network, or a single domain for the network of its NIC',
      completes: 'network',
    },
    { name: '[VM...]', description: 'Domains', completes: 'domain' },
  ],
  options: { replace: flag('--replace', 'Replace other reservations of these guests') },
  description: 'Reserves the addresses that guests have leased, so that they keep them.',
  examples: [
    ['net pin keennet VM1 VM2', 'Keep the present addresses of both'],
    ['net pin VM1', 'Use the network of its only NIC'],
  ],
  run: (context, [first = '', ...names], { replace }) =>
    names.length === 0
      ? pinLeases(context, { network: undefined, names: [first], replace })
      : pinLeases(context, { network: first, names, replace }),
});

/** @param network undefined: the network of the only NIC */
export async function pinLeases(
  context: Context,
  {
    network: name,
    names,
    replace,
    host,
  }: {
    readonly network: string | undefined;
    readonly names: readonly string[];
    readonly replace: boolean;
    readonly host?: string | undefined;
  },
): Promise<Result> {
  const result = await context.change(
    (state) => {
      const found = name === undefined ? networkOf(names[0] ?? '', state) : findNetwork(state, name);
      return planPin({ network: found, names, replace, host, now: Date.now() / 1000 }, state);
    },
    { only: ['networks', 'domains'] },
  );
  const { pinned, network } = result.resumed ? { pinned: [], network: name } : result.plan;
  const done = pinned.map(({ domain, address }) => `${domain} keeps ${address}`).join('\n') || result.plan.title;
  return changeResult(context, result, done, { network, pinned });
}
