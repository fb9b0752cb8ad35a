/** What `net create` says when it is done: what there is now, and what to type next. */
import { addressesOf } from '../../plan/network-address.ts';
import { isVirtual, kindOf, nicsOf } from '../../plan/network-kind.ts';
import type { NetworkLife } from '../../plan/network-options.ts';
import { formatIp } from '../../plan/values/address.ts';
import { formatSubnet } from '../../plan/values/subnet.ts';
import type { Network } from '../../xml/network.ts';
import { factLines } from './network.ts';

export function createdText(network: Network, life: NetworkLife): string {
  const kind = kindOf(network);
  const state = life.transient ? 'created and started until it stops' : life.start ? 'created and started' : 'defined';
  const next =
    life.start || life.transient ? `kvmnet vm attach VM ${network.name}` : `kvmnet net start ${network.name}`;
  const addresses = addressesOf(network);
  return [
    `network ${network.name} ${state}`,
    indent(
      factLines([
        ['kind', kind],
        ['bridge', network.bridge?.name],
        ['devices', nicsOf(network).join(' ')],
        ['subnet', addresses.map(({ subnet }) => formatSubnet(subnet)).join(' ')],
        ['gateway', addresses.map(({ ip }) => formatIp(ip)).join(' ')],
        [
          'dhcp',
          network.ips
            .flatMap(({ dhcp }) => (dhcp?.ranges ?? []).map(({ start, end }) => `${start} - ${end}`))
            .join(', '),
        ],
        ['at boot', life.transient ? undefined : life.autostart ? 'started' : 'not started'],
        ['note', noteOn(kind, isVirtual(kind) && addresses.length > 0)],
      ]),
    ),
    `next: ${next}`,
  ].join('\n');
}

/** What surprises people who use this kind for the first time. */
function noteOn(kind: ReturnType<typeof kindOf>, hasAddress: boolean): string | undefined {
  switch (kind) {
    case 'macvtap':
      return 'the host and its guests do not reach each other over macvtap, by design of the kernel';
    case 'route':
    case 'open':
      return "other hosts need a route to this subnet by this host's address";
    case 'isolated':
      return hasAddress
        ? "guests reach every address of the host's, and nothing beyond"
        : 'guests reach each other only';
    default:
      return undefined;
  }
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
