/** The links that libvirt's definitions imply, for hosts whose kernel is out of sight. */
import type { Link } from '../../records/link.ts';
import { bridgeMadeFor } from '../../state/membership.ts';
import { addressesOf } from '../../state/network-address.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { formatIp } from '../../values/address.ts';
import type { Interface } from '../../xml/interface.ts';

const usual = {
  ...{ index: 0, type: 'ether', mac: undefined, mtu: 1500, up: true, master: undefined, wireless: false },
  ...{ addresses: [], operstate: 'UNKNOWN', parent: undefined, permanentMac: undefined },
} as const;

/** Returns the bridges of active networks with their addresses, and the taps of running guests. */
export function assumedLinks({ networks, domains }: Pick<State, 'networks' | 'domains'>): readonly Link[] {
  const byName = new Map(networks.map((network) => [network.name, network]));
  const taps = domains.flatMap(({ active, domain }) =>
    active ? domain.interfaces.flatMap((nic) => tap(nic, byName)) : [],
  );
  const bridges = new Map(networks.filter(({ active }) => active).flatMap(bridgeOf));
  const named = taps.flatMap(({ master }) => (master === undefined ? [] : [[master, plainBridge(master)] as const]));
  return [...new Map([...named, ...bridges]).values(), ...taps];
}

function plainBridge(name: string): Link {
  return { ...usual, name, kind: 'bridge' };
}

function bridgeOf(network: NetworkState): readonly (readonly [string, Link])[] {
  const { bridge } = network;
  if (bridge === undefined) return [];
  const own = bridge === bridgeMadeFor(network) ? addressesOf(network.network) : [];
  const addresses = own.map(({ ip, subnet }) => ({
    ...{ family: ip.family, address: formatIp(ip), prefix: subnet.prefix, scope: 'global' },
  }));
  return [[bridge, { ...plainBridge(bridge), addresses }]];
}

function tap({ source, target, mac, port }: Interface, networks: ReadonlyMap<string, NetworkState>): readonly Link[] {
  const network = networks.get(source?.network ?? '');
  const master = source?.bridge ?? network?.bridge;
  if (target?.dev === undefined || master === undefined) return [];
  const settings = { state: 'forwarding', cost: 100, priority: 32, hairpin: false, guard: false };
  return [
    {
      ...{ ...usual, name: target.dev, kind: 'tun', master, mac: mac?.address },
      port: { ...settings, isolated: (port ?? network?.network.port)?.isolated === true },
    },
  ];
}
