import ipaddr from 'ipaddr.js';
import { invalid, invalidWithHint, partOf, type Origin } from './invalid.ts';

export type Family = 'ipv4' | 'ipv6';

/** An address as a number, so that ranges and subnets are arithmetic. */
export interface Ip {
  readonly family: Family;
  readonly value: bigint;
}

/** The bits of an address. */
export const width = { ipv4: 32, ipv6: 128 } as const;

/**
 * An address exactly as libvirt, the kernel and dnsmasq all read it: four decimal numbers without leading zeros
 * (inet_aton reads `010` as 8, and `10.1` as 10.0.0.1), or RFC 4291's forms of IPv6 without a zone.
 */
export function parseIp(value: string, origin: Origin = 'address'): Ip {
  if (value.includes(':')) return parseIpv6(value, origin);
  const parts = value.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,10}$/.test(part))) {
    throw invalid(origin, value, 'an IPv4 address is four numbers from 0 to 255', '192.168.132.1');
  }
  const large = parts.find((part) => Number(part) > 255);
  if (large !== undefined) throw invalid(origin, value, `${large} is more than 255`, '192.168.132.1');
  const octal = parts.find((part) => /^0\d/.test(part));
  if (octal !== undefined) {
    const decimal = parts.map(Number).join('.');
    throw invalidWithHint(origin, value, `libvirt and ip read ${octal} as an octal number`, `write ${decimal}`);
  }
  return { family: 'ipv4', value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
}

/** Whether `parseIp` accepts a text. */
export function isIp(value: string): boolean {
  if (value.includes(':')) return isIpv6(value);
  const parts = value.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function parseIpv6(value: string, origin: Origin): Ip {
  if (value.includes('%')) {
    throw invalid(origin, value, 'an address with a zone ("%") holds for one interface only', 'fd00:1:2:3::1');
  }
  if (!isIpv6(value)) throw invalid(origin, value, 'this is not an IPv6 address', 'fd00:1:2:3::1');
  return { family: 'ipv6', value: ipv6Words(value).reduce((sum, word) => sum * 65_536n + BigInt(word), 0n) };
}

/**
 * As the parser of URLs has it (https://url.spec.whatwg.org/#concept-ipv6-parser), which the runtime has at hand: the patterns of node:net and of
 * ipaddr.js take 5 ms to compile, for one address.
 */
function isIpv6(value: string): boolean {
  return /^[\da-f:.]+$/i.test(value) && URL.canParse(`http://[${value}]`);
}

/** The eight words of an address that is one. */
function ipv6Words(value: string): readonly number[] {
  const [first = [], last = []] = value.split('::').map((part) => part.split(':').flatMap(wordsIn));
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

/** `fd00` is one word, `192.168.132.1` two. */
function wordsIn(part: string): readonly number[] {
  if (!part.includes('.')) return part === '' ? [] : [Number.parseInt(part, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/** The canonical text of an address; RFC 5952's for IPv6. */
export function formatIp({ family, value }: Ip): string {
  const bytes = Array.from({ length: width[family] / 8 }, (_, index) =>
    Number((value >> BigInt(width[family] - 8 * (index + 1))) & 255n),
  );
  return ipaddr.fromByteArray(bytes).toString();
}

/** Returns whether two addresses are equal. */
export function sameIp(a: Ip, b: Ip): boolean {
  return a.family === b.family && a.value === b.value;
}

/** Addresses from `start` to `end`, both included. */
export interface Range {
  readonly start: Ip;
  readonly end: Ip;
}

/** `192.168.132.10-192.168.132.99`, both of one family, in order. */
export function parseRange(value: string, origin: Origin = 'range'): Range {
  const [first, last, ...more] = value.split('-');
  if (first === undefined || last === undefined || more.length > 0) {
    throw invalid(origin, value, 'a DHCP range is START-END', '192.168.132.10-192.168.132.99');
  }
  const part = partOf(origin, value, 'address');
  const range = { start: parseIp(first, part), end: parseIp(last, part) };
  requireOrder(range, origin);
  return range;
}

/** Refuses a range of two families, or one that ends before it starts. */
export function requireOrder({ start, end }: Range, origin: Origin): void {
  const text = `${formatIp(start)}-${formatIp(end)}`;
  if (start.family !== end.family)
    throw invalid(origin, text, 'a range is of IPv4 or of IPv6 addresses, not both', '10.0.0.2-10.0.0.9');
  if (start.value <= end.value) return;
  throw invalid(origin, text, 'the range ends before it starts', `${formatIp(end)}-${formatIp(start)}`);
}

export function formatRange({ start, end }: Range): string {
  return `${formatIp(start)}-${formatIp(end)}`;
}

export function inRange(range: Range, ip: Ip): boolean {
  return ip.family === range.start.family && range.start.value <= ip.value && ip.value <= range.end.value;
}

export function rangesOverlap(a: Range, b: Range): boolean {
  return a.start.family === b.start.family && a.start.value <= b.end.value && b.start.value <= a.end.value;
}
