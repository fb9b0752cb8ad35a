import { findNetwork } from '../../../state/find-network.ts';
import { planRelease } from '../../../plan/reserve/reserve.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeResult } from '../../views/plan.ts';
import { networkName } from './arguments.ts';

export const command: CommandDefinition = {
  arguments: [
    networkName,
    { name: '<VM|MAC|IP...>', description: 'Domain, MAC address or reserved address', completes: 'domain' },
  ],
  description:
    'Removes reservations, now and for the next start of the network. The lease of a guest stays until it expires; the lease of a MAC ' +
    'address that no domain has any longer is ended immediately.',
  examples: [
    ['net release keennet VM1', 'Remove all reservations of its NICs'],
    ['net release keennet 192.168.132.77', 'Remove the reservation of an address'],
    ['net release keennet 52:54:00:12:34:56', 'Remove the reservation and the lease of a deleted guest'],
  ],
  async run(context, [name = '', ...targets]) {
    const result = await context.change((state) => planRelease(findNetwork(state, name), targets, state), {
      routes: false,
    });
    const ended = result.plan.steps.flatMap(({ do: action }) =>
      action.call === 'hostEndLease' ? [action.address] : [],
    );
    const leases =
      ended.length > 0 ? `the lease of ${ended.join(', ')} has ended` : 'what is leased stays until the lease ends';
    const done = `network ${name}: ${targets.join(', ')} released; ${leases}`;
    return changeResult(context, result, done, { network: name, released: targets, ended });
  },
};
