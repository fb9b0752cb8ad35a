import { findNetwork } from '../../../plan/find-network.ts';
import { planReserve } from '../../../plan/reserve.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeResult } from '../../views/plan.ts';
import { pinLeases } from './pin.ts';
import { networkName } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [
    networkName,
    { name: '<VM|MAC>', description: 'the guest: a domain, a MAC, or for IPv6 a DUID', completes: 'domain' },
    { name: '[IP]', description: 'the address that only it gets; the one that it has leased when left out' },
  ],
  options: [
    {
      flags: '--host <H>',
      description: 'a host name for the DNS of the network; for IPv6 the name that the guest sends',
    },
    { flags: '--replace', description: 'in place of another reservation of this guest' },
  ],
  description:
    'Now and for the next start of the network; dnsmasq keeps running, and nobody is cut off. Refused for an address that somebody else has ' +
    'reserved or leased, for the gateway, and outside the subnet. An IPv6 guest is known by the DUID of its lease, or else by its host name.',
  examples: [
    ['net reserve keennet VM1 192.168.132.77', 'VM1 gets it with its next lease'],
    ['net reserve keennet VM1', 'VM1 keeps the address that it has'],
    ['net reserve keennet 52:54:00:12:34:56 192.168.132.77 --host web', 'by MAC, with a name'],
    ['net reserve keennet VM1 192.168.132.78 --replace', 'another one, in place of the first'],
  ],
  async run(context, [name = '', who = '', ip], { host: given, replace }) {
    const host = typeof given === 'string' ? given : undefined;
    if (ip === undefined) return pinLeases(context, { network: name, names: [who], replace, host });
    let note = '';
    let address = ip;
    let holder: string | undefined;
    const result = await context.change(
      (state) => {
        const plan = planReserve(
          {
            network: findNetwork(state, name),
            who,
            ip,
            host,
            replace: replace === true,
            now: Date.now() / 1000,
          },
          state,
        );
        note = plan.note;
        address = plan.ip;
        holder = plan.holder.label;
        return plan;
      },
      { links: false, routes: false },
    );
    const done = holder === undefined ? result.plan.title : `network ${name} keeps ${address} for ${holder}\n${note}`;
    const more = note === '' ? {} : { note };
    return changeResult(context, result, done, { network: name, address, holder, ...more });
  },
};
