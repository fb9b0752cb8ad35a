import { findNetwork } from '../../../state/find-network.ts';
import { planReserve } from '../../../plan/reserve/reserve.ts';
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
    const result = await context.change(
      (state) =>
        planReserve(
          {
            network: findNetwork(state, name),
            who,
            ip,
            host,
            replace: replace === true,
            now: Date.now() / 1000,
          },
          state,
        ),
      { links: false, routes: false },
    );
    if (result.resumed) return changeResult(context, result, result.plan.title, { network: name, address: ip });
    const { ip: address, note } = result.plan;
    const holder = result.plan.holder.label;
    const done = `network ${name} keeps ${address} for ${holder}\n${note}`;
    return changeResult(context, result, done, { network: name, address, holder, ...(note === '' ? {} : { note }) });
  },
};
