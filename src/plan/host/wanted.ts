/**
 * Links as they should be, and the ip(8) commands that make them so. Planning, verifying and undoing ask the same question: what does it
 * take from what is to what is wanted? Nothing, once it is there; and what a step was about to change, when it is taken back.
 */
import type { Address, HostState, Link } from '../../state/state.ts';
import type { IpCommand, WantedLink, WantedLinks, WantedRoutes } from './link.ts';
import { routeCommands, routesThrough } from './routes.ts';
import { creation, settings } from './settings.ts';

/** The commands that lead from `now` to `wanted`, in an order that the kernel takes, and with a connection lost for the shortest time. */
export function commandsTo(wanted: WantedLinks, now: HostState): readonly IpCommand[] {
  const found = new Map(now.links.map((link) => [link.name, link]));
  const unwanted = Object.keys(wanted).filter((name) => wanted[name] === null && found.has(name));
  const links = Object.entries(wanted).flatMap(([name, link]) => (link ? [{ name, link, is: found.get(name) }] : []));
  const each = (commands: (part: Part) => readonly IpCommand[]): readonly IpCommand[] => links.flatMap(commands);
  const kindOf = (name: string): string | undefined => wanted[name]?.kind ?? found.get(name)?.kind;
  return [
    // What stands on another goes before that; the parent of a VLAN device takes it along.
    ...uppermostFirst(unwanted, found).map((name) => ['link', 'delete', 'dev', name]),
    ...lowestFirst(links).flatMap(({ name, link, is }) => (is ? [] : [creation(name, link)])),
    ...each(({ name, link, is }) => settings(name, link, is)),
    ...each(({ name, link, is }) => (is && link.up === false && is.up ? [['link', 'set', 'dev', name, 'down']] : [])),
    ...each(releaseCommands),
    ...each((part) => masterCommands(part, kindOf)),
    ...each(({ name, link, is }) =>
      link.up === true && !(is?.up ?? false) ? [['link', 'set', 'dev', name, 'up']] : [],
    ),
    ...each(addCommands),
    ...links.flatMap(({ name, link, is }) => {
      if (!link.routes) return [];
      const keptAddresses = (is?.addresses ?? []).length > 0 && !losesAddresses(link, is);
      return routeCommands(name, link.routes, keptAddresses && (is?.up ?? false) ? now.routes : []);
    }),
  ];
}

interface Part {
  readonly name: string;
  readonly link: WantedLink;
  readonly is: Link | undefined;
}

/** Secondary addresses first: with the primary one the kernel takes them too. */
function releaseCommands({ name, link, is }: Part): readonly IpCommand[] {
  if (!link.addresses || !is) return [];
  const wanted = new Set(link.addresses.map(addressKey));
  return [...listed(is.addresses)]
    .reverse()
    .filter((address) => !wanted.has(addressKey(address)))
    .map((address) => ['address', 'delete', cidr(address), 'dev', name]);
}

function addCommands({ name, link, is }: Part): readonly IpCommand[] {
  if (!link.addresses) return [];
  const there = new Set((is?.addresses ?? []).map(addressKey));
  return listed(link.addresses)
    .filter((address) => !there.has(addressKey(address)))
    .map((address) => ['address', 'add', cidr(address), ...addressOptions(address, name), 'dev', name]);
}

function losesAddresses({ addresses, up }: WantedLink, is: Link | undefined): boolean {
  if (!is) return true;
  const wanted = new Set((addresses ?? is.addresses).map(addressKey));
  return up === false || listed(is.addresses).some((address) => !wanted.has(addressKey(address)));
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
    // It was ours a moment ago: nobody else can have it, and waiting for duplicates would cut connections.
    ...(family === 'ipv6' ? ['nodad'] : []),
    ...(address.mngtmpaddr ? ['mngtmpaddr'] : []),
    ...(address.noprefixroute ? ['noprefixroute'] : []),
  ];
}

function masterCommands({ name, link, is }: Part, kindOf: (name: string) => string | undefined): readonly IpCommand[] {
  if (!('master' in link) || link.master === is?.master) return [];
  const { master } = link;
  // A bond takes no port that is up, and brings it up itself.
  const down: IpCommand = ['link', 'set', 'dev', name, 'down'];
  return [
    ...(master !== undefined && kindOf(master) === 'bond' && is?.up ? [down] : []),
    ['link', 'set', 'dev', name, ...(master === undefined ? ['nomaster'] : ['master', master])],
  ];
}

/** Links as they are now, to be made so again; one that is not there has to go again. */
export function snapshot(names: readonly string[], { links, routes }: HostState): WantedLinks {
  return Object.fromEntries(
    names.map((name) => {
      const link = links.find((each) => each.name === name);
      return [name, link ? wantedOf(link, routesThrough(name, routes)) : null];
    }),
  );
}

function wantedOf(link: Link, routes: WantedRoutes): WantedLink {
  const { kind, mac, mtu, up, master, parent, vlan, bridge, bond, macvlan, addresses } = link;
  const made = kind === 'vlan' || kind === 'macvlan' || kind === 'macvtap';
  return {
    ...{ mtu, up, master, addresses: listed(addresses), routes },
    ...(kind === undefined ? {} : { kind }),
    ...(mac === undefined ? {} : { mac }),
    ...(made && parent !== undefined ? { parent } : {}),
    ...(vlan ? { vlan } : {}),
    ...(bridge ? { bridge: bridgeSettings(bridge) } : {}),
    ...(bond ? { bond } : {}),
    ...(macvlan ? { macvlan } : {}),
  };
}

/** Those that can be set. */
function bridgeSettings(bridge: NonNullable<Link['bridge']>): WantedLink['bridge'] {
  const { stp, forwardDelay, helloTime, maxAge, ageingTime, priority, vlanFiltering } = bridge;
  return { stp, forwardDelay, helloTime, maxAge, ageingTime, priority, vlanFiltering };
}

/** Those that somebody gave it: the kernel makes link-local ones itself, and privacy extensions the temporary ones. */
export function listed(addresses: readonly Address[]): readonly Address[] {
  return addresses.filter(
    ({ family, scope, temporary }) => !(family === 'ipv6' && (scope === 'link' || temporary === true)),
  );
}

export function cidr({ address, prefix }: Pick<Address, 'address' | 'prefix'>): string {
  return `${address}/${String(prefix)}`;
}

function addressKey(address: Address): string {
  return cidr(address);
}

function lowestFirst(parts: readonly Part[]): readonly Part[] {
  const depth = ({ link }: Part): number => {
    const below = parts.find(({ name }) => name === link.parent);
    return below ? depth(below) + 1 : 0;
  };
  return [...parts].sort((left, right) => depth(left) - depth(right));
}

function uppermostFirst(names: readonly string[], links: ReadonlyMap<string, Link>): readonly string[] {
  const depth = (name: string): number => {
    const parent = links.get(name)?.parent;
    return parent !== undefined && names.includes(parent) ? depth(parent) + 1 : 0;
  };
  return [...names].sort((left, right) => depth(right) - depth(left));
}
