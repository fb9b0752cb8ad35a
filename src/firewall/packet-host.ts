/** A host as packets meet it, made of what has been read of it. */
import type { Link, Route } from '../records/link.ts';
import { parseIp, sameIp, type Family } from '../values/address.ts';
import { contains, parseSubnet, type Subnet } from '../values/subnet.ts';
import { deviceSetting, forwardingSetting } from '../values/sysctl.ts';
import type { PacketHost, Setting } from './journey.ts';
import type { Table } from './ruleset.ts';

export interface PacketHostFacts {
  readonly tables: readonly Table[];
  readonly links: readonly Link[];
  readonly routes: readonly Route[];
  /** By sysctl(8)'s names: `net.ipv4.ip_forward`, `net.bridge.bridge-nf-call-iptables`, … */
  readonly sysctls: Readonly<Record<string, string>>;
  /** net.ipv4.conf.DEVICE.rp_filter by device, with `all`. */
  readonly reversePathFilters: Readonly<Record<string, string>>;
}

export function packetHost({ tables, links, routes, sysctls, reversePathFilters }: PacketHostFacts): PacketHost {
  const own = links.flatMap(({ addresses }) => addresses.map(({ address }) => parseIp(address, 'address')));
  const table = routes.flatMap((route) => (route.table === 'main' ? [entryOf(route)] : [])).toSorted(byPrecedence);
  const setting = (name: string): Setting | undefined =>
    sysctls[name] === undefined ? undefined : { name, value: Number(sysctls[name]) };
  return {
    tables,
    isLocal: (address) => own.some((ip) => sameIp(ip, address)) || contains(loopback, address),
    deviceTo: (address) => table.find(({ subnet }) => contains(subnet, address))?.device,
    forwarding: (family) => setting(forwardingSetting[family]) ?? { name: forwardingSetting[family], value: 0 },
    reversePathFilter: (device) => filterOf(device, reversePathFilters),
    bridgeCalls: (family) => setting(bridgeCallsOf[family]),
  };
}

const loopback = parseSubnet('127.0.0.0/8', 'loopback');

const bridgeCallsOf: Readonly<Record<Family, string>> = {
  ipv4: 'net.bridge.bridge-nf-call-iptables',
  ipv6: 'net.bridge.bridge-nf-call-ip6tables',
};

interface Entry {
  readonly subnet: Subnet;
  readonly metric: number;
  /** Undefined: the route refuses, as `unreachable` and `blackhole` do. */
  readonly device: string | undefined;
}

function entryOf({ destination, metric = 0, dev, nexthops, type }: Route): Entry {
  const subnet = parseSubnet(destination, 'route');
  return { subnet, metric, device: type === undefined ? (dev ?? nexthops?.[0]) : undefined };
}

/** The longest prefix first, then the lowest metric. */
function byPrecedence(a: Entry, b: Entry): number {
  return b.subnet.prefix - a.subnet.prefix || a.metric - b.metric;
}

/** The larger value of the device's and of `all` holds. */
function filterOf(device: string, values: Readonly<Record<string, string>>): Setting {
  const [all = 0, own = 0] = ['all', device].map((name) => Number(values[name] ?? 0));
  return { name: deviceSetting(all > own ? 'all' : device, 'rp_filter'), value: Math.max(all, own) };
}
