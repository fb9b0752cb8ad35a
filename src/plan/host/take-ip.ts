/** Moves the addresses, routes and MAC of a NIC to the bridge that it becomes a port of. */
import { KvmnetError } from '../../errors.ts';
import type { WholeHost } from '../../state/state.ts';
import type { Address, Link, Route } from '../../records/link.ts';
import type { WantedLink, WantedLinks } from '../../records/desired-link.ts';
import { routesThrough } from './routes.ts';
import { cidr, listed } from './wanted.ts';

/** The part of a plan that moves addresses: to be merged into what else is wanted of these links. */
export interface Taken {
  readonly links: WantedLinks;
  readonly warnings: readonly string[];
}

/**
 * The one of a bridge's ports whose addresses it is to have; none where all are its ports already, and it has them.
 * @throws USAGE without a port; CONFLICT where none has any, or more than one has
 */
function portWithAddresses(bridge: string, ports: readonly Link[]): Link | undefined {
  const carrying = ports.filter(({ addresses }) => listed(addresses).length > 0);
  const [first] = carrying;
  const names = (links: readonly Link[]): string => links.map(({ name }) => name).join(' and ');
  if (ports.length === 0) {
    throw new KvmnetError('USAGE', '--take-ip: of which NIC?', { hint: `name it: --port eth0 --take-ip` });
  }
  if (carrying.length <= 1 && (first !== undefined || ports.every(({ master }) => master === bridge))) return first;
  if (first) {
    throw new KvmnetError('CONFLICT', `${names(carrying)} have addresses: ${bridge} can take the addresses of one`, {
      hint: 'name one of them with --port, and add the other when its addresses are gone: ip address flush dev NIC',
    });
  }
  throw new KvmnetError('CONFLICT', `${names(ports)} has no address to take`, { hint: 'leave out --take-ip' });
}

/**
 * Returns links where everything that the kernel binds to a NIC's name belongs to the bridge instead of the NIC. With the NIC's MAC the bridge is,
 * to its neighbors, the host that they know; STP and the forward delay would silence it for up to half a minute.
 * @param ports the new ports: one of them has the addresses
 * @param current the bridge, if it already exists: its settings stay
 * @returns undefined if everything has already moved
 * @throws CONFLICT if a route of the NIC cannot be restored, or if several ports have addresses, or none has
 */
export function takeIp(
  bridge: string,
  ports: readonly Link[],
  { links, routes }: WholeHost,
  current: Link | undefined,
): Taken | undefined {
  const nic = portWithAddresses(bridge, ports);
  if (!nic) return undefined;
  refuseUnmovable(nic, routes);
  const addresses = listed(nic.addresses).map((address) => onBridge(address, nic.name, bridge));
  const own = routesThrough(nic.name, routes);
  const { stp = false, forwardDelay = 0 } = current?.bridge ?? {};
  const onto: WantedLink = {
    ...{ kind: 'bridge', mtu: Math.min(nic.mtu, current?.mtu ?? nic.mtu), up: true },
    ...(nic.mac === undefined ? {} : { mac: nic.mac }),
    ...(current && !stp ? { bridge: { forwardDelay: 0 } } : {}),
    addresses: [...listed(current?.addresses ?? []), ...addresses],
    routes: [...(current ? routesThrough(bridge, routes) : []), ...own],
  };
  const from: WantedLink = { up: true, master: bridge, addresses: [], routes: [] };
  return {
    links: { [bridge]: onto, [nic.name]: from, ...bystanders(bridge, nic, routes) },
    warnings: [
      ...lost(nic),
      ...changedMac(bridge, nic, links, current),
      ...(stp ? [`${bridge} has STP: for ${String(2 * forwardDelay)} seconds ${nic.name} passes no frames`] : []),
    ],
  };
}

/** A label begins with the name of its device. */
function onBridge(address: Address, nic: string, bridge: string): Address {
  const { label, ...rest } = address;
  if (!label?.startsWith(nic)) return address;
  const renamed = `${bridge}${label.slice(nic.length)}`;
  return renamed.length > maxLabel ? rest : { ...rest, label: renamed };
}

/** IFNAMSIZ without its last byte. */
const maxLabel = 15;

/** Other devices whose routes have one of the addresses as their source: the kernel drops these routes for the moment of the move. */
function bystanders(bridge: string, nic: Link, routes: readonly Route[]): WantedLinks {
  const sources = new Set(nic.addresses.map(({ address }) => address));
  const devs = routes.flatMap(({ dev, source }) => (dev !== undefined && sources.has(source ?? '') ? [dev] : []));
  const others = [...new Set(devs)].filter((dev) => dev !== bridge && dev !== nic.name);
  return Object.fromEntries(others.map((dev) => [dev, { routes: routesThrough(dev, routes) }]));
}

function refuseUnmovable(nic: Link, routes: readonly Route[]): void {
  const found = routes.find(({ nexthops }) => nexthops?.includes(nic.name));
  if (!found) return;
  throw new KvmnetError(
    'CONFLICT',
    `the route to ${found.destination} has several gateways, one of them over ${nic.name}: it cannot be moved`,
    {
      hint: `delete it, and add it again when the bridge exists: ip route show ${found.destination}`,
    },
  );
}

/** Privacy extensions make new ones on the bridge, when the next router advertisement comes. */
function lost(nic: Link): readonly string[] {
  const temporary = nic.addresses.filter((address) => address.temporary);
  if (temporary.length === 0) return [];
  return [`the temporary addresses of ${nic.name} end, and connections from them: ${temporary.map(cidr).join(', ')}`];
}

function changedMac(bridge: string, nic: Link, links: readonly Link[], current: Link | undefined): readonly string[] {
  if (!current || current.mac === nic.mac) return [];
  const ports = links.filter(({ master }) => master === bridge);
  if (current.addresses.length === 0 && ports.length === 0) return [];
  return [
    `${bridge} gets the MAC of ${nic.name}, ${nic.mac ?? ''}: guests that know its old MAC learn the new one within a minute`,
  ];
}
