import { randomUUID } from 'node:crypto';
import { findNetwork } from '../../../state/find-network.ts';
import { planNetworkRename } from '../../../plan/network/rename.ts';
import type { CommandDefinition } from '../../command.ts';
import { watchGaps } from '../../../apply/gap.ts';
import { gapText } from '../../views/gap.ts';
import { changeResult } from '../../views/plan.ts';
import { readSaved } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [
    { name: '<OLD>', description: 'the network, by name or UUID', completes: 'network' },
    { name: '<NEW>', description: 'its new name' },
  ],
  description:
    'All domains that name the network are taken along, running and shut off; UUID, MAC address, bridge, reservations, leases and autostart stay. ' +
    'libvirt renames no network: an active one is stopped and started under its new name, while its running guests wait in a network made for ' +
    'that; each is named before, and told how long it was cut off. Guests on a bridge of the host are not cut off. ' +
    'Snapshots and saved memories keep the old name, and are named.',
  examples: [
    ['net rename keennet lab', 'asks, if running guests are plugged in'],
    ['net rename keennet lab --dry-run', 'says which definitions change, and who is cut off for how long'],
  ],
  async run(context, [from = '', to = '']) {
    const uuid = randomUUID();
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
