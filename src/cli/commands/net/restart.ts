import { planNetworkRestart } from '../../../plan/network/restart.ts';
import type { State } from '../../../state/state.ts';
import type { CommandDefinition } from '../../command.ts';
import { watchGaps } from '../../../apply/gap.ts';
import { gapText } from '../../views/gap.ts';
import { changeResult } from '../../views/plan.ts';
import { networkNames } from './change-networks.ts';

export const command: CommandDefinition = {
  arguments: [networkNames],
  description:
    'Stopping a network deletes its bridge, and libvirt does not reattach its guests. This command does: every running guest waits in a ' +
    'temporary network, and is reattached with the same MAC address, link and settings. Guests only notice a pause, whose length is ' +
    'reported. If the network does not start again, it is restored with its guests.',
  examples: [
    ['net restart keennet', 'Ask first if guests are attached'],
    ['net restart keennet --yes', 'Do not ask'],
    ['net restart keennet --dry-run', 'Print which guests would be cut off, and for how long'],
  ],
  async run(context, names) {
    const uuid = crypto.randomUUID();
    const watch = watchGaps();
    const plan = (state: State) => planNetworkRestart(names, state, uuid);
    const result = await context.change(plan, { leases: false }, watch.watch);
    const gaps = await watch.gaps(result, context.options.uri);
    const done = [`restarted ${names.join(', ')}`, gapText(gaps)].filter((line) => line !== '').join('\n');
    return changeResult(context, result, done, { networks: names, gaps });
  },
};
