import type { KvmnetError } from '../errors.ts';
import { formatIp, parseIp, width, type Family, type Ip, type Range } from './address.ts';
import { asTyped, invalid, invalidWithHint, partOf, type Origin } from './invalid.ts';

/** The addresses that share their first `prefix` bits; `first` is the network address. */
export interface Subnet {
  readonly family: Family;
  readonly first: bigint;
  readonly prefix: number;
}

/** An address and the subnet it is in. */
export interface Cidr {
  readonly ip: Ip;
  readonly subnet: Subnet;
}

/** The subnet of an address. */
export function subnetOf({ family, value }: Ip, prefix: number): Subnet {
  const hostBits = BigInt(width[family] - prefix);
  return { family, first: (value >> hostBits) << hostBits, prefix };
}

/** The last address: the broadcast address of IPv4. */
export function lastOf({ family, first, prefix }: Subnet): bigint {
  return first + (1n << BigInt(width[family] - prefix)) - 1n;
}

export function formatSubnet({ family, first, prefix }: Subnet): string {
  return `${formatIp({ family, value: first })}/${prefix}`;
}

export function contains(subnet: Subnet, ip: Ip): boolean {
  return ip.family === subnet.family && subnet.first <= ip.value && ip.value <= lastOf(subnet);
}

export function overlap(a: Subnet, b: Subnet): boolean {
  return a.family === b.family && a.first <= lastOf(b) && b.first <= lastOf(a);
}

/** Whether `inner` lies in `outer` altogether. */
export function within(inner: Subnet, outer: Subnet): boolean {
  return overlap(inner, outer) && inner.prefix >= outer.prefix;
}

/** Returns the addresses that devices may have: all but network and broadcast address; in IPv6 all but the routers' anycast (RFC 4291, 2.6.1). */
export function usable(subnet: Subnet): Range {
  const { family, first } = subnet;
  const last = family === 'ipv4' ? lastOf(subnet) - 1n : lastOf(subnet);
  return { start: { family, value: first + 1n }, end: { family, value: last } };
}

/** `192.168.132.7/24`: an address with its prefix, neither of which may be left out. */
export function parseCidr(value: string, origin: Origin, example = '192.168.132.0/24'): Cidr {
  const [address, digits, ...more] = value.split('/');
  if (address === undefined || digits === undefined || more.length > 0) {
    throw withoutPrefix(value, origin, example);
  }
  const ip = parseIp(address, partOf(origin, value, 'address'));
  const maxPrefix = width[ip.family];
  if (!/^(0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > maxPrefix) {
    const prefix = ip.family === 'ipv4' ? prefixOf(digits) : undefined;
    if (prefix !== undefined) throw meantWithPrefix(value, origin, `${address}/${String(prefix)}`);
    throw invalid(origin, value, `the prefix is a number from 0 to ${maxPrefix}`, example);
  }
  return { ip, subnet: subnetOf(ip, Number(digits)) };
}

/** Returns the error for a subnet without a prefix; the zeros at the end of an IPv4 address suggest the prefix. */
function withoutPrefix(value: string, origin: Origin, example: string): KvmnetError {
  const zeros = /^\d+(\.\d+){3}$/.test(value) ? /(\.0)*$/.exec(value)?.[0].length : undefined;
  if (zeros === undefined) return invalid(origin, value, 'a subnet is ADDRESS/PREFIX', example);
  return meantWithPrefix(value, origin, `${value}/${String(32 - Math.max(8, zeros * 4))}`);
}

function meantWithPrefix(value: string, origin: Origin, meant: string): KvmnetError {
  return invalidWithHint(origin, value, 'a subnet is ADDRESS/PREFIX', `did you mean ${asTyped(origin, meant)}?`);
}

/** A subnet by its network address: host bits are refused, with both things that could be meant. */
export function parseSubnet(value: string, origin: Origin = 'subnet', example?: string): Subnet {
  const { ip, subnet } = parseCidr(value, origin, example);
  if (ip.value === subnet.first) return subnet;
  const meant = asTyped(origin, formatSubnet(subnet));
  throw invalidWithHint(
    origin,
    value,
    `this is an address in ${formatSubnet(subnet)}, not a subnet`,
    origin.startsWith('--') ? `${meant} --gateway ${formatIp(ip)}` : meant,
  );
}

/** Parses a netmask, ones followed by zeros, into its prefix. */
export function parseNetmask(value: string, origin: Origin): number {
  const prefix = parseIp(value, origin).family === 'ipv4' ? prefixOf(value) : undefined;
  if (prefix !== undefined) return prefix;
  throw invalid(origin, value, 'a netmask is ones followed by zeros', '255.255.255.0');
}

/** Returns the prefix of a netmask, or undefined if it is not a netmask. */
function prefixOf(mask: string): number | undefined {
  const bytes = /^\d{1,3}(\.\d{1,3}){3}$/.test(mask) ? mask.split('.').map(Number) : [];
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1*0*$/.test(bits) && bits.length === 32 ? bits.replaceAll('0', '').length : undefined;
}
