/**
 * Desired links, and the ip(8) commands that lead to them. Planning, verifying and undoing ask the same question: which commands
 * lead from the current to the desired links? None, once a step is done; and the inverse ones, when it is undone.
 */
import type { WholeHost } from '../../state/state.ts';
import type { Address, Link } from '../../records/link.ts';
import type { IpCommand, WantedLink, WantedLinks, WantedRoutes } from '../../records/desired-link.ts';
import { routeAdditions, routeDeletions, routesThrough } from './routes.ts';
import { creation, settings } from './settings.ts';

/** The commands that lead from `now` to `wanted`, in an order that the kernel takes, and with a connection lost for the shortest time. */
export function commandsTo(wanted: WantedLinks, now: WholeHost): readonly IpCommand[] {
  const found = new Map(now.links.map((link) => [link.name, link]));
  const unwanted = Object.keys(wanted).filter((name) => wanted[name] === null && found.has(name));
  const links = Object.entries(wanted).flatMap(([name, link]) =>
    link ? [{ name, link, current: found.get(name) }] : [],
  );
  const each = (commands: (part: Part) => readonly IpCommand[]): readonly IpCommand[] => links.flatMap(commands);
  const kindOf = (name: string): string | undefined => wanted[name]?.kind ?? found.get(name)?.kind;
  // With an address the kernel drops all routes that have it as their source, whichever device they lead through.
  const without = (gone: readonly Address[]): WholeHost['routes'] =>
    now.routes.filter(({ source }) => !gone.some(({ address }) => address === source));
  const deleted = unwanted.flatMap((name) => found.get(name)?.addresses ?? []);
  const left = without(deleted);
  const kept = without([...deleted, ...links.flatMap(releasedFrom)]);
  return [
    // A device on top of another is deleted before it; deleting its parent also deletes a VLAN device.
    ...uppermostFirst(unwanted, found).map((name) => ['link', 'delete', 'dev', name]),
    ...lowestFirst(links).flatMap(({ name, link, current }) => (current ? [] : [creation(name, link)])),
    ...each(({ name, link, current }) => settings(name, link, current)),
    ...each(({ name, link, current }) => (current && link.routes ? routeDeletions(name, link.routes, left) : [])),
    ...each(({ name, link, current }) =>
      current && link.up === false && current.up ? [['link', 'set', 'dev', name, 'down']] : [],
    ),
    ...each(releaseCommands),
    ...each((part) => masterCommands(part, kindOf)),
    ...each(({ name, link, current }) =>
      link.up === true && (!(current?.up ?? false) || leavesBond(link, current, found))
        ? [['link', 'set', 'dev', name, 'up']]
        : [],
    ),
    ...each(addCommands),
    ...each((part) =>
      part.link.routes ? routeAdditions(part.name, part.link.routes, keepsAddresses(part) ? kept : []) : [],
    ),
  ];
}

interface Part {
  readonly name: string;
  readonly link: WantedLink;
  readonly current: Link | undefined;
}

/** Secondary addresses first: with the primary one the kernel takes them too. */
function releaseCommands(part: Part): readonly IpCommand[] {
  return [...releasedFrom(part)].reverse().map((address) => ['address', 'delete', ...ends(address), 'dev', part.name]);
}

function releasedFrom({ link, current }: Part): readonly Address[] {
  if (!link.addresses || !current) return [];
  const wanted = new Set(link.addresses.map(addressKey));
  return listed(current.addresses).filter((address) => !wanted.has(addressKey(address)));
}

function addCommands({ name, link, current }: Part): readonly IpCommand[] {
  if (!link.addresses) return [];
  const there = new Set((current?.addresses ?? []).map(addressKey));
  const missing = listed(link.addresses).filter((address) => !there.has(addressKey(address)));
  // The kernel lists IPv4's in the order that they came in, and IPv6's the newest first.
  const inOrder = [
    ...missing.filter(({ family }) => family === 'ipv4'),
    ...missing.filter(({ family }) => family === 'ipv6').reverse(),
  ];
  return inOrder.flatMap((address) => {
    const words = [...ends(address), ...addressOptions(address, name), 'dev', name];
    if (address.family === 'ipv4') return [['address', 'add', ...words]];
    // The host had it a moment ago: it cannot be a duplicate, and waiting for duplicate detection would cut connections.
    const taken: IpCommand = ['address', 'add', ...words, ...(address.nodad ? [] : ['nodad'])];
    return address.nodad ? [taken] : [taken, ['address', 'change', ...words]];
  });
}

/** True where the kernel takes no route of its along. */
function keepsAddresses(part: Part): boolean {
  return part.current?.up === true && part.link.up !== false && releasedFrom(part).length === 0;
}

function addressOptions(address: Address, dev: string): readonly string[] {
  const { family, broadcast, label, scope, metric, validSeconds, preferredSeconds } = address;
  const ofLabel = label !== undefined && (label === dev || label.startsWith(`${dev}:`)) ? label : undefined;
  return [
    ...(broadcast === undefined ? [] : ['broadcast', broadcast]),
    ...(ofLabel === undefined || family === 'ipv6' ? [] : ['label', ofLabel]),
    ...(scope === undefined || scope === 'global' || family === 'ipv6' ? [] : ['scope', scope]),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
    ...(validSeconds === undefined ? [] : ['valid_lft', String(validSeconds)]),
    ...(preferredSeconds === undefined ? [] : ['preferred_lft', String(preferredSeconds)]),
    ...(address.nodad ? ['nodad'] : []),
    ...(address.mngtmpaddr ? ['mngtmpaddr'] : []),
    ...(address.noprefixroute ? ['noprefixroute'] : []),
  ];
}

function masterCommands(
  { name, link, current }: Part,
  kindOf: (name: string) => string | undefined,
): readonly IpCommand[] {
  const { master } = link;
  if (master === undefined || master === (current?.master ?? null)) return [];
  // A bond takes no port that is up, and brings it up itself.
  const down: IpCommand = ['link', 'set', 'dev', name, 'down'];
  return [
    ...(master !== null && kindOf(master) === 'bond' && current?.up ? [down] : []),
    ['link', 'set', 'dev', name, ...(master === null ? ['nomaster'] : ['master', master])],
  ];
}

/** A bond puts a port down that it gives back; also where the bond itself goes. */
function leavesBond(link: WantedLink, current: Link | undefined, links: ReadonlyMap<string, Link>): boolean {
  if (current?.master === undefined || link.master === undefined || link.master === current.master) return false;
  return links.get(current.master)?.kind === 'bond';
}

/** Links as they are now, to be made so again; one that does not exist has to go again. */
export function snapshot(names: readonly string[], { links, routes }: WholeHost): WantedLinks {
  const found = new Map(links.map((link) => [link.name, link]));
  return Object.fromEntries(
    names.map((name) => {
      const link = found.get(name);
      return [name, link ? wantedOf(link, routesThrough(name, routes)) : null];
    }),
  );
}

function wantedOf(link: Link, routes: WantedRoutes): WantedLink {
  const { kind, mac, mtu, up, master, parent, vlan, bridge, bond, macvlan, addresses } = link;
  const made = kind === 'vlan' || kind === 'macvlan' || kind === 'macvtap';
  return {
    ...{ mtu, up, master: master ?? null, addresses: listed(addresses), routes },
    ...(kind === undefined ? {} : { kind }),
    ...(mac === undefined ? {} : { mac }),
    ...(made && parent !== undefined ? { parent } : {}),
    ...(vlan ? { vlan } : {}),
    ...(bridge ? { bridge: bridgeSettings(bridge) } : {}),
    ...(bond ? { bond } : {}),
    ...(macvlan ? { macvlan } : {}),
  };
}

/** The attributes of a bridge that can be set. */
function bridgeSettings(bridge: NonNullable<Link['bridge']>): WantedLink['bridge'] {
  const { stp, forwardDelay, helloTime, maxAge, ageingTime, priority, vlanFiltering } = bridge;
  return { stp, forwardDelay, helloTime, maxAge, ageingTime, priority, vlanFiltering };
}

/** Returns the explicitly assigned addresses: the kernel itself creates link-local ones, and privacy extensions temporary ones. */
export function listed(addresses: readonly Address[]): readonly Address[] {
  return addresses.filter(
    ({ family, scope, temporary }) => !(family === 'ipv6' && (scope === 'link' || temporary === true)),
  );
}

export function cidr({ address, prefix }: Pick<Address, 'address' | 'prefix'>): string {
  return `${address}/${String(prefix)}`;
}

/** Our own end, and the other one where that has its own address. */
function ends({ address, prefix, peer }: Address): readonly string[] {
  return peer === undefined ? [cidr({ address, prefix })] : [address, 'peer', cidr({ address: peer, prefix })];
}

function addressKey(address: Address): string {
  return ends(address).join(' ');
}

function lowestFirst(parts: readonly Part[]): readonly Part[] {
  const byName = new Map(parts.filter(({ current }) => !current).map((part) => [part.name, part]));
  const depth = depthBy((name) => byName.get(name)?.link.parent, byName);
  return [...parts].sort((left, right) => depth(left.name) - depth(right.name));
}

function uppermostFirst(names: readonly string[], links: ReadonlyMap<string, Link>): readonly string[] {
  const depth = depthBy((name) => links.get(name)?.parent, new Set(names));
  return [...names].sort((left, right) => depth(right) - depth(left));
}

/** How many of these links are below one: there may be hundreds of VLAN devices, and none is looked for twice. */
function depthBy(
  parentOf: (name: string) => string | undefined,
  among: { has(name: string): boolean },
): (name: string) => number {
  const known = new Map<string, number>();
  const depth = (name: string): number => {
    const found = known.get(name);
    if (found !== undefined) return found;
    known.set(name, 0); // the ends of a veth name each other
    const parent = parentOf(name);
    const result = parent !== undefined && among.has(parent) ? depth(parent) + 1 : 0;
    known.set(name, result);
    return result;
  };
  return depth;
}
