import { findNetwork } from '../../../plan/find-network.ts';
import { planRelease } from '../../../plan/reserve.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeResult } from '../../views/plan.ts';
import { networkName } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [
    networkName,
    { name: '<VM|MAC|IP...>', description: 'whose reservation, or that of which address', completes: 'domain' },
  ],
  description:
    'Takes reservations out, now and for the next start of the network. A lease that the guest has stays until it ends: DHCP takes nothing back.',
  examples: [
    ['net release keennet VM1', 'all reservations of its NICs'],
    ['net release keennet 192.168.132.77', 'the one of that address'],
  ],
  async run(context, [name = '', ...targets]) {
    const result = await context.change((state) => planRelease(findNetwork(state, name), targets, state), {
      links: false,
      routes: false,
    });
    const done = `network ${name}: ${targets.join(', ')} released; what is leased stays until the lease ends`;
    return changeResult(context, result, done, { network: name, released: targets });
  },
};
