/** The free addresses of a network. */
import { KvmnetError } from '../errors.ts';
import type { Network } from '../xml/network.ts';
import { parseIp, type Family, type Ip, type Range } from '../values/address.ts';
import { quoted } from '../values/quoted.ts';
import { usable } from '../values/subnet.ts';
import { isInForce, reservationsOf } from './leases.ts';
import { acceptedAddress } from './network-address.ts';
import { nicsOf } from './nics.ts';
import type { NetworkState, Seen } from './state.ts';

/**
 * Returns the first address of a family that no gateway, reservation or lease has: outside of the DHCP ranges, from which dnsmasq serves any
 * guest, or otherwise inside them.
 * The search skips only addresses that are in use, so that the size of a subnet does not matter.
 * @param besides further addresses that are in use: of the host, of its neighbors, of NICs
 * @throws CONFLICT where the network has no addresses of the family, and where all are in use
 */
export function freeAddress(network: NetworkState, family: Family, now: number, besides: readonly Ip[] = []): Ip {
  const subnets = network.network.ips.flatMap((entry) => {
    const cidr = acceptedAddress(entry);
    return cidr?.ip.family === family ? [{ range: usable(cidr.subnet), pools: rangesOf(entry) }] : [];
  });
  if (subnets.length === 0) {
    throw new KvmnetError(
      'CONFLICT',
      `network ${network.name} has no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} addresses`,
      {
        hint: `kvmnet net show ${quoted(network.name)} shows what it has`,
      },
    );
  }
  const inUse = [...takenIn(network, now), ...besides].filter((ip) => ip.family === family);
  const taken = new Set(inUse.map(({ value }) => value));
  for (const { range, pools } of subnets) {
    const outside = firstOutside(range, pools, taken) ?? firstIn(pools, taken);
    if (outside !== undefined) return { family, value: outside };
  }
  throw new KvmnetError('CONFLICT', `every address of network ${network.name} is in use`, {
    hint: `kvmnet net leases ${quoted(network.name)} shows who has them`,
  });
}

type IpEntry = Network['ips'][number];

/** Its DHCP ranges. */
export function rangesOf({ dhcp }: IpEntry): readonly Range[] {
  return (dhcp?.ranges ?? []).map(({ start, end }) => ({ start: parseIp(start, 'range'), end: parseIp(end, 'range') }));
}

function takenIn({ network, inactive, leases = [] }: NetworkState, now: number): readonly Ip[] {
  const definitions = [network, ...(inactive ? [inactive] : [])];
  const texts = [
    ...definitions.flatMap(({ ips }) => ips.map(({ address }) => address)),
    ...definitions.flatMap((each) => reservationsOf(each).map(({ host }) => host.ip)),
    ...leases.filter((lease) => isInForce(lease, now)).map(({ address }) => address),
  ];
  return texts.flatMap((text) => ipsOf(text));
}

/** The addresses that the definitions of NICs have, as containers' definitions do. */
export function definedAddresses({ domains }: Seen<'domains'>): readonly Ip[] {
  const nics = domains.flatMap((domain) => nicsOf(domain).flatMap(({ live, config }) => [live, config]));
  return nics.flatMap((nic) => nic?.ips ?? []).flatMap(({ address }) => ipsOf(address));
}

/** One address or none: libvirt accepts texts that only libc reads, such as `10.1`. */
export function ipsOf(text: string | undefined): readonly Ip[] {
  if (text === undefined) return [];
  try {
    return [parseIp(text, 'address')];
  } catch (unreadable) {
    if (unreadable instanceof KvmnetError) return [];
    throw unreadable;
  }
}

function firstOutside({ start, end }: Range, pools: readonly Range[], taken: ReadonlySet<bigint>): bigint | undefined {
  let value = start.value;
  while (value <= end.value) {
    const pool = pools.find((range) => range.start.value <= value && value <= range.end.value);
    if (pool) value = pool.end.value + 1n;
    else if (taken.has(value)) value += 1n;
    else return value;
  }
  return undefined;
}

function firstIn(pools: readonly Range[], taken: ReadonlySet<bigint>): bigint | undefined {
  for (const { start, end } of pools) {
    for (let { value } = start; value <= end.value; value += 1n) if (!taken.has(value)) return value;
  }
  return undefined;
}
