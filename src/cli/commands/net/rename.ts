import { findNetwork } from '../../../state/find-network.ts';
import { planNetworkRename } from '../../../plan/network/rename.ts';
import type { CommandDefinition } from '../../command.ts';
import { watchGaps } from '../../../apply/gap.ts';
import { gapText } from '../../views/gap.ts';
import { changeResult } from '../../views/plan.ts';
import { readSaved } from './arguments.ts';

export const command: CommandDefinition = {
  arguments: [
    { name: '<OLD>', description: 'Network, by name or UUID', completes: 'network' },
    { name: '<NEW>', description: 'New name' },
  ],
  description:
    'Updates all domains that use the network, running and shut off; UUID, MAC address, bridge, reservations, leases and autostart ' +
    'stay. libvirt cannot rename networks: an active network is stopped and started under its new name, while its running guests wait ' +
    'in a temporary network. kvmnet names these guests first and reports how long each was cut off. Guests on a bridge of the host are ' +
    'not cut off. Snapshots and saved memory keep the old name, and are listed.',
  examples: [
    ['net rename keennet lab', 'Ask first if running guests are attached'],
    ['net rename keennet lab --dry-run', 'Print the definitions that change, and how long guests are cut off'],
  ],
  async run(context, [from = '', to = '']) {
    const uuid = crypto.randomUUID();
    const watch = watchGaps();
    const result = await context.change(
      async (state) => {
        const network = findNetwork(state, from);
        const plan = planNetworkRename({ network, to, saved: await readSaved(context), uuid }, state);
        return { ...plan, old: network.name };
      },
      { leases: false },
      watch.watch,
    );
    const gaps = await watch.gaps(result, context.options.uri);
    const old = result.resumed ? from : result.plan.old;
    const done = [`renamed ${old} to ${to}`, gapText(gaps)].filter((line) => line !== '').join('\n');
    return changeResult(context, result, done, { network: to, renamed: old, gaps });
  },
};
