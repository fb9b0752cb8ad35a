import { findNetwork } from '../../../state/find-network.ts';
import { planReserve } from '../../../plan/reserve/reserve.ts';
import { flag, parsed, typed } from '../../options.ts';
import { parseIp } from '../../../values/address.ts';
import { parseHostName } from '../../../values/dns.ts';
import { changeResult } from '../../views/plan.ts';
import { pinLeases } from './pin.ts';
import { networkName } from './arguments.ts';

export const command = typed({
  arguments: [
    networkName,
    { name: '<VM|MAC>', description: 'Guest: a domain, a MAC address, or a DUID for IPv6', completes: 'domain' },
    { name: '[IP]', description: 'Address to reserve (default: the address that the guest has leased)' },
  ],
  options: {
    host: parsed(
      '--host <H>',
      'Host name for the DNS of the network; for IPv6, the name that the guest sends',
      parseHostName,
    ),
    replace: flag('--replace', 'Replace another reservation of this guest'),
  },
  description:
    'Takes effect now and for the next start of the network; dnsmasq keeps running, and no guest is cut off. Refuses addresses that ' +
    'another guest has reserved or leased, the gateway, and addresses outside the subnet. IPv6 guests are identified by the DUID of ' +
    'their lease, or by their host name.',
  examples: [
    ['net reserve keennet VM1 192.168.132.77', 'VM1 gets the address with its next lease'],
    ['net reserve keennet VM1', 'VM1 keeps its present address'],
    ['net reserve keennet 52:54:00:12:34:56 192.168.132.77 --host web', 'Use a MAC address, and set a name'],
    ['net reserve keennet VM1 192.168.132.78 --replace', 'Replace the first reservation'],
  ],
  async run(context, [name = '', who = '', typedIp], { host, replace }) {
    if (typedIp === undefined) return pinLeases(context, { network: name, names: [who], replace, host });
    const ip = parseIp(typedIp, 'IP');
    const result = await context.change(
      (state) =>
        planReserve(
          {
            network: findNetwork(state, name),
            who,
            ip,
            host,
            replace,
            now: Date.now() / 1000,
          },
          state,
        ),
      { only: ['networks', 'domains'] },
    );
    if (result.resumed) return changeResult(context, result, result.plan.title, { network: name, address: typedIp });
    const { ip: address, note } = result.plan;
    const holder = result.plan.holder.label;
    const done = `network ${name} keeps ${address} for ${holder}\n${note}`;
    return changeResult(context, result, done, { network: name, address, holder, ...(note === '' ? {} : { note }) });
  },
});
