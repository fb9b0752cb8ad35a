/** The kernel's links, addresses and routes, as iproute2 prints them in JSON. */
import { existsSync } from 'node:fs';
import { KvmnetError } from '../../errors.ts';
import type { Address, Link, Route } from '../../records/link.ts';
import { linkDetail, type IpLinkDetail } from './link-detail.ts';
import { inNetns, type IpOptions } from './ip.ts';
import { parseList } from './json.ts';
import { readNetnsNumbers } from './netns.ts';
import { run, type RunOptions } from '../run.ts';

interface IpLink extends IpLinkDetail {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link_type: string;
  readonly address?: string;
  readonly mtu: number;
  readonly flags?: readonly string[];
  readonly master?: string;
  readonly addr_info?: readonly IpAddress[];
}

interface IpAddress {
  readonly family: string;
  readonly local?: string;
  readonly address?: string;
  readonly prefixlen: number;
  readonly scope?: string;
  readonly broadcast?: string;
  readonly label?: string;
  readonly metric?: number;
  readonly valid_life_time?: number;
  readonly preferred_life_time?: number;
  readonly temporary?: boolean;
  readonly mngtmpaddr?: boolean;
  readonly noprefixroute?: boolean;
  readonly nodad?: boolean;
}

interface IpRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly table?: string;
  readonly metric?: number;
  readonly protocol?: string;
  readonly scope?: string;
  readonly prefsrc?: string;
  readonly flags?: readonly string[];
  readonly metrics?: readonly Readonly<Record<string, unknown>>[];
  readonly pref?: string;
  readonly nexthops?: readonly { readonly dev?: string }[];
}

/** How links are read. */
export interface LinkOptions extends IpOptions {
  /** Also the names of the namespaces that cables lead to: iproute2 before 6.10 prints their numbers only. */
  readonly namespaces?: boolean;
}

/** All links, up or down, with their addresses. Source: ip-address(8). */
export async function readLinks({ namespaces = false, ...options }: LinkOptions = {}): Promise<Link[]> {
  const [shown, isWireless, names] = await Promise.all([
    run('ip', [...inNetns(options), '-j', '-d', 'address', 'show'], options),
    wirelessTest(options),
    namespaces ? readNetnsNumbers(options) : new Map<number, string>(),
  ]);
  const links = parseLinks(shown).map((link): IpLink => {
    const name = names.get(link.link_netnsid ?? -1);
    return name === undefined ? link : { link_netns: name, ...link };
  });
  // Every network namespace has lo.
  if (links.length === 0)
    throw new KvmnetError('BACKEND', 'ip printed no link at all', { hint: 'run ip address by hand' });
  return links.map((link) => linkRecord(link, isWireless));
}

/** Identifies wireless NICs, which cannot be ports of a bridge. @see the kernel's cfg80211 */
async function wirelessTest(options: RunOptions): Promise<(name: string) => boolean> {
  if (!options.on) return (name) => existsSync(`/sys/class/net/${name}/phy80211`);
  // Not find -L, which fails on the way that /sys/class/net/*/subsystem leads back by.
  const cards = ['/sys/class/net', '-maxdepth', '1', '-type', 'l', '!', '-lname', '*/devices/virtual/net/*'];
  const found = await run('find', [...cards, '-exec', 'test', '-e', '{}/phy80211', ';', '-print'], options);
  return (name) => found.split('\n').includes(`/sys/class/net/${name}`);
}

/** Reads some links, each with a separate query; missing ones are omitted. */
export async function readLinksNamed(names: readonly string[], options: IpOptions = {}): Promise<Link[]> {
  const wanted = new Set(names);
  if (names.length > few) return (await readLinks(options)).filter(({ name }) => wanted.has(name));
  const found = await Promise.all(names.map((name) => readLink(name, options)));
  return found.filter((link) => link !== undefined);
}

/** Up to this number, single queries cost less than a long list. */
const few = 4;

async function readLink(name: string, options: IpOptions): Promise<Link | undefined> {
  try {
    const shown = await run('ip', [...inNetns(options), '-j', '-d', 'address', 'show', 'dev', name], options);
    const [link] = parseLinks(shown);
    return link && linkRecord(link, await wirelessTest(options));
  } catch (error) {
    if (error instanceof KvmnetError && / does not exist|Cannot find device/.test(error.message)) return undefined;
    throw error;
  }
}

/** All routes of all tables and both families, without the routes that the kernel keeps for its own addresses. Source: ip-route(8). */
export async function readRoutes(options: RunOptions = {}): Promise<Route[]> {
  const [inet, inet6] = await Promise.all(
    ['-4', '-6'].map((family) => run('ip', ['-j', family, 'route', 'show', 'table', 'all'], options)),
  );
  return [...routeRecords(inet ?? '', '0.0.0.0/0', 32), ...routeRecords(inet6 ?? '', '::/0', 128)];
}

function parseLinks(json: string): readonly IpLink[] {
  return (parseList(json, 'ip') as readonly IpLink[]).filter((link) => 'ifname' in link);
}

function linkRecord(link: IpLink, isWireless: (name: string) => boolean): Link {
  return {
    name: link.ifname,
    index: link.ifindex,
    type: link.link_type,
    kind: link.linkinfo?.info_kind,
    mac: link.address,
    mtu: link.mtu,
    up: (link.flags ?? []).includes('UP'),
    master: link.master,
    wireless: isWireless(link.ifname),
    addresses: (link.addr_info ?? []).flatMap((address) => addressRecord(address)),
    ...linkDetail(link),
  };
}

/** The kernel's number for "for ever". */
const forever = 0xffffffff;

function addressRecord(given: IpAddress): Address[] {
  const {
    family,
    local,
    prefixlen,
    valid_life_time: valid = forever,
    preferred_life_time: preferred = forever,
  } = given;
  if (local === undefined) return [];
  return [
    {
      ...{ family: family === 'inet' ? 'ipv4' : 'ipv6', address: local, prefix: prefixlen },
      ...(given.address === undefined || given.address === local ? {} : { peer: given.address }),
      ...pick(given, 'scope', 'broadcast', 'label', 'metric'),
      ...(valid === forever ? {} : { validSeconds: valid }),
      ...(preferred === forever ? {} : { preferredSeconds: preferred }),
      ...(given.temporary === true ? { temporary: true } : {}),
      ...(given.mngtmpaddr === true ? { mngtmpaddr: true } : {}),
      ...(given.noprefixroute === true ? { noprefixroute: true } : {}),
      ...(given.nodad === true ? { nodad: true } : {}),
    },
  ];
}

const ownRoutes: readonly string[] = ['local', 'broadcast', 'anycast', 'multicast'];

function routeRecords(json: string, everything: string, bits: number): Route[] {
  return (parseList(json, 'ip') as readonly IpRoute[])
    .filter(({ dst }) => typeof dst === 'string')
    .filter(({ type }) => !ownRoutes.includes(type ?? 'unicast'))
    .map(({ dst, gateway, dev, table, type, prefsrc, flags = [], metrics, pref, nexthops, ...route }) => ({
      destination: dst === 'default' ? everything : dst.includes('/') ? dst : `${dst}/${String(bits)}`,
      gateway,
      dev,
      table: table ?? 'main',
      ...(type === undefined || type === 'unicast' ? {} : { type }),
      ...pick(route, 'metric', 'protocol', 'scope'),
      ...(prefsrc === undefined ? {} : { source: prefsrc }),
      ...(flags.includes('onlink') ? { onlink: true } : {}),
      ...(metrics === undefined ? {} : { metrics: numbers(metrics) }),
      ...(pref === undefined || pref === 'medium' ? {} : { preference: pref }),
      ...(nexthops === undefined ? {} : { nexthops: nexthops.flatMap((hop) => hop.dev ?? []) }),
    }));
}

function numbers(metrics: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, number>> {
  const all = metrics.flatMap((each) => Object.entries(each));
  return Object.fromEntries(all.filter((pair): pair is [string, number] => typeof pair[1] === 'number'));
}

/** The present properties. */
function pick<T extends object, K extends keyof T>(from: T, ...keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]]))) as Pick<T, K>;
}
