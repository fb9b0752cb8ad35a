/** Output of `net create`: the new network, and the next command. */
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import type { NetworkLifecycle } from '../../plan/network/options.ts';
import type { Network } from '../../xml/network.ts';
import { factLines, factsOf } from './network.ts';
import { quoted } from '../../values/quoted.ts';

export function createdText(network: Network, lifecycle: NetworkLifecycle): string {
  const kind = kindOf(network);
  const state = lifecycle.transient
    ? 'created and started until it stops'
    : lifecycle.start
      ? 'created and started'
      : 'defined';
  const next =
    lifecycle.start || lifecycle.transient
      ? `kvmnet vm attach VM ${quoted(network.name)}`
      : `kvmnet net start ${quoted(network.name)}`;
  const { devices, subnets, gateways, dhcp } = factsOf(network);
  return [
    `network ${network.name} ${state}`,
    indent(
      factLines([
        ['kind', kind],
        ['bridge', network.bridge?.name],
        ['devices', devices.join(' ')],
        ['subnet', subnets.join(' ')],
        ['gateway', gateways.join(' ')],
        ['dhcp', dhcp.join(', ')],
        ['at boot', lifecycle.transient ? undefined : lifecycle.autostart ? 'started' : 'not started'],
        ['note', noteOn(kind, isVirtual(kind) && subnets.length > 0)],
      ]),
    ),
    `next: ${next}`,
  ].join('\n');
}

/** Properties of a kind that surprise its first-time users. */
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
    case 'nat':
    case 'bridge':
    case 'hostdev':
    case undefined:
      return undefined;
  }
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
