/** A host's links, addresses and routes -> what is kept of them across a boot. */
import { KvmnetError } from '../../errors.ts';
import type { WholeHost, NetworkState } from '../../state/state.ts';
import type { Address, Link, Route } from '../../records/link.ts';
import { cidr } from '../host/wanted.ts';
import { routesThrough } from '../host/routes.ts';
import type { PersistDevice, PersistModel, PersistRoute } from '../../config/persist-device.ts';
import { ownerOf, unmanagedNames } from './left-out.ts';

export interface PersistOptions {
  /** Only these and the devices below them; devices that do not exist are removed from the files. Default: all. */
  readonly only?: readonly string[] | undefined;
  /** Devices that are to get their address by DHCP, although they have none yet. */
  readonly dhcp?: readonly string[];
}

/**
 * Returns the devices to write: bridges, bonds and VLAN devices with all devices below them, and every NIC with an address.
 * @throws CONFLICT for a named device that belongs to another program, or whose kind cannot be written
 */
export function persistModel(
  host: WholeHost,
  networks: readonly NetworkState[],
  { only, dhcp = [] }: PersistOptions = {},
): PersistModel {
  const links = new Map(host.links.map((link) => [link.name, link]));
  const whyNot = (link: Link): string | undefined => whyLeftOut(link, networks);
  const named = (only ?? []).flatMap((name) => links.get(name) ?? []);
  for (const link of named) {
    const reason = whyNot(link);
    if (reason !== undefined) throw new KvmnetError('CONFLICT', `${link.name} is not written: it is ${reason}`);
  }
  const roots = only ? named : host.links.filter((link) => matters(link) || dhcp.includes(link.name));
  const persistent = withAllBelow(
    roots.filter((link) => whyNot(link) === undefined),
    host,
  );
  const chosen = [...persistent].filter((link) => whyNot(link) === undefined);
  const asked = new Set(dhcp);
  return {
    devices: inOrder(chosen).map((link) => deviceOf(link, host, { chosen, isDhcp: asked.has(link.name) })),
    gone: (only ?? []).filter((name) => !links.has(name)),
    unmanaged: unmanagedNames(networks),
    warnings: [
      ...(only ? [] : host.links.flatMap((link) => leftOutWarning(link, networks))),
      ...chosen.flatMap((link) => routeWarnings(link, host)),
    ],
  };
}

/** Devices to write for their own sake; devices below them are added. */
function matters(link: Link): boolean {
  return isMade(link) || (link.kind === undefined && link.addresses.some(isGlobal));
}

/** A device that its manager makes. */
function isMade({ kind }: Link): boolean {
  return kind === 'bridge' || kind === 'bond' || kind === 'vlan';
}

/** The device with its parent, its ports, its master, and the devices below these in turn. */
function withAllBelow(roots: readonly Link[], { links }: WholeHost): ReadonlySet<Link> {
  const found = new Set<Link>();
  const visit = (link: Link): void => {
    if (found.has(link)) return;
    found.add(link);
    links.filter((other) => standsOn(link, other) || (other.name === link.master && isMade(other))).forEach(visit);
  };
  roots.forEach(visit);
  return found;
}

/** True of a bridge or bond and its port, and of a VLAN device and its parent. */
function standsOn({ name, kind, parent }: Link, other: Link): boolean {
  return other.master === name || (kind === 'vlan' && other.name === parent);
}

/** False for devices that no configuration file has: taps of guests, veth devices, devices of containers. */
export function canBeWritten(link: Link, networks: readonly NetworkState[]): boolean {
  return whyLeftOut(link, networks) === undefined;
}

function whyLeftOut(link: Link, networks: readonly NetworkState[]): string | undefined {
  if (link.type === 'loopback') return 'the loopback device';
  const owner = ownerOf(link, networks);
  if (owner !== undefined) return owner;
  if (link.wireless) return 'a wireless NIC, whose network and password the links do not show';
  if (link.kind !== undefined && !isMade(link)) return `a ${link.kind} device, which no format can describe`;
  return link.type === 'ether' ? undefined : `a device of type ${link.type}`;
}

/** Only if settings would be lost that no program recreates. */
function leftOutWarning(link: Link, networks: readonly NetworkState[]): readonly string[] {
  const reason = whyLeftOut(link, networks);
  const isMissed = link.addresses.some(isGlobal) && ownerOf(link, networks) === undefined && link.type !== 'loopback';
  return reason === undefined || !isMissed ? [] : [`${link.name} is not written: it is ${reason}`];
}

function inOrder(links: readonly Link[]): readonly Link[] {
  const depth = (link: Link): number => {
    const parts = links.filter((other) => standsOn(link, other));
    return parts.length === 0 ? 0 : Math.max(...parts.map(depth)) + 1;
  };
  return [...links].sort((a, b) => depth(a) - depth(b) || a.index - b.index);
}

interface Choice {
  readonly chosen: readonly Link[];
  readonly isDhcp: boolean;
}

function deviceOf(link: Link, host: WholeHost, { chosen, isDhcp }: Choice): PersistDevice {
  const { name, kind, mtu, addresses, parent, vlan } = link;
  const master = host.links.find((each) => each.name === link.master);
  const isPort = master !== undefined && (master.kind === 'bridge' || master.kind === 'bond');
  const dhcp4 = !isPort && (isDhcp || addresses.some((address) => address.family === 'ipv4' && isGiven(address)));
  const ports = chosen.filter((each) => each.master === name).map((each) => each.name);
  const mac = macOf(link, host);
  return {
    name,
    ...(isPort ? { master: { kind: master.kind === 'bond' ? 'bond' : 'bridge', name: master.name } } : {}),
    ...(mac === undefined ? {} : { mac }),
    ...(mtu === defaultMtu ? {} : { mtu }),
    ...(kind === 'vlan' && vlan && parent !== undefined ? { vlan: { parent, ...vlan } } : {}),
    ...(link.bridge ? { bridge: { ...bridgeOf(link.bridge), ports } } : {}),
    ...(link.bond ? { bond: { ...bondOf(link.bond), ports, mac: link.mac } } : {}),
    addresses: isPort ? [] : addresses.filter((address) => isGlobal(address) && !isGiven(address)).map(cidr),
    dhcp4,
    dhcp6:
      !isPort && addresses.some((address) => address.family === 'ipv6' && isGiven(address) && address.prefix === 128),
    acceptRa: !isPort && takesAdvertisements(link, host.routes),
    linkLocal: !isPort && (addresses.some(isLinkLocal) || !(link.up && link.operstate === 'UP')),
    routes: isPort ? [] : routesOf(link, host.routes, dhcp4),
  };
}

/** Ethernet's, and what a new device has. */
const defaultMtu = 1500;

function bridgeOf({
  stp,
  forwardDelay,
  helloTime,
  maxAge,
  ageingTime,
  priority,
  vlanFiltering,
}: NonNullable<Link['bridge']>) {
  return { stp, forwardDelay, helloTime, maxAge, ageingTime, priority, vlanFiltering };
}

function bondOf({ mode, miimon, primary }: NonNullable<Link['bond']>) {
  return { mode, miimon, primary };
}

/** A MAC that differs from the device's default. */
function macOf(link: Link, { links }: WholeHost): string | undefined {
  const { kind, mac, permanentMac, name, parent } = link;
  if (kind === 'bridge') return mac;
  if (kind === 'vlan') return mac === links.find((each) => each.name === parent)?.mac ? undefined : mac;
  if (kind === 'bond') {
    const ports = links.filter(({ master }) => master === name);
    return ports.some((port) => (port.permanentMac ?? port.mac) === mac) ? undefined : mac;
  }
  const isBondPort = links.some((each) => each.name === link.master && each.kind === 'bond');
  return permanentMac === undefined || permanentMac === mac || isBondPort ? undefined : mac;
}

function isLinkLocal({ family, scope }: Address): boolean {
  return family === 'ipv6' && scope === 'link';
}

function isGlobal(address: Address): boolean {
  return !isLinkLocal(address) && address.temporary !== true && address.scope !== 'host';
}

/** By a server or a router, for a time. */
function isGiven({ validSeconds }: Address): boolean {
  return validSeconds !== undefined;
}

function takesAdvertisements(link: Link, routes: readonly Route[]): boolean {
  return (
    routes.some(({ dev, protocol }) => dev === link.name && protocol === 'ra') ||
    link.addresses.some(
      (address) => address.family === 'ipv6' && isGlobal(address) && isGiven(address) && address.prefix !== 128,
    )
  );
}

const given: readonly string[] = ['dhcp', 'ra', 'kernel', 'redirect'];

function isWritten(route: Route | ReturnType<typeof routesThrough>[number]): boolean {
  return route.table === 'main' && route.type === undefined && !given.includes(route.protocol ?? '');
}

/** Explicitly set routes; the default route of a device with DHCP comes from the server, regardless of its protocol. */
function routesOf({ name }: Link, routes: readonly Route[], dhcp4: boolean): readonly PersistRoute[] {
  return routesThrough(name, routes)
    .filter((route) => isWritten(route) && !(dhcp4 && route.destination === '0.0.0.0/0'))
    .map(({ destination, gateway, metric, source, onlink }) => ({
      destination,
      ...(gateway === undefined ? {} : { gateway }),
      ...(metric === undefined ? {} : { metric }),
      ...(source === undefined ? {} : { source }),
      ...(onlink ? { onlink } : {}),
    }));
}

function routeWarnings(link: Link, { routes }: WholeHost): readonly string[] {
  return routesThrough(link.name, routes)
    .filter((route) => !isWritten(route) && !given.includes(route.protocol ?? ''))
    .map(
      ({ destination, table, type }) =>
        `the route to ${destination} through ${link.name} is not written: it is ${type === undefined ? `in table ${table}` : `of type ${type}`}`,
    );
}
