import { invalid, partOf, type Origin } from './invalid.ts';

/** Bounds and description of an integer. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Description for the message: `a VLAN ID`. */
  readonly what: string;
  readonly example: string;
}

/** Bounds of the values that options and XML share. */
export const bounds = {
  /** Linux: ETH_MIN_MTU and the largest that IP can use. */
  mtu: { min: 68, max: 65535, what: 'an MTU', example: '1500' },
  /** IEEE 802.1Q: 0 and 4095 are reserved. */
  vlan: { min: 1, max: 4094, what: 'a VLAN ID', example: '10' },
  entries: { min: 1, max: 1_000_000_000, what: 'a number of entries', example: '10' },
  port: { min: 1, max: 65535, what: 'a port', example: '1024' },
} as const satisfies Record<string, Bounds>;

/** A decimal integer: no sign, space, leading zero, or 0x. */
export function parseInteger(value: string, origin: Origin, { min, max, what, example }: Bounds): number {
  const number = /^(0|[1-9]\d{0,15})$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw invalid(origin, value, `${what} is a number from ${min} to ${max}`, example);
}

/** The size in bytes of the largest packet. */
export function parseMtu(value: string, origin: Origin): number {
  return parseInteger(value, origin, bounds.mtu);
}

export function parseVlan(value: string, origin: Origin): number {
  return parseInteger(value, origin, bounds.vlan);
}

/** `10`, `20-29` -> each ID once, in order. */
export function parseVlanIds(words: readonly string[]): readonly number[] {
  const ids = words.flatMap((word) => {
    const [, first, last] = /^(\d+)-(\d+)$/.exec(word) ?? [];
    if (first === undefined || last === undefined) return [parseVlan(word, 'ID')];
    const [start, end] = [parseVlan(first, `ID ${word}:`), parseVlan(last, `ID ${word}:`)];
    if (start > end) throw invalid('ID', word, 'the range ends before it starts', `${String(end)}-${String(start)}`);
    return Array.from({ length: end - start + 1 }, (_, index) => start + index);
  });
  return [...new Set(ids)].sort((left, right) => left - right);
}

/** Ports from `start` to `end`, both included. */
export interface PortRange {
  readonly start: number;
  readonly end: number;
}

/** `1024-65535`: the ports of the host that NAT may use. */
export function parsePortRange(value: string, origin: Origin): PortRange {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(value) ?? [];
  if (first === undefined || last === undefined) {
    throw invalid(origin, value, 'a range of ports is FIRST-LAST', '1024-65535');
  }
  const start = parseInteger(first, partOf(origin, value, 'port'), bounds.port);
  const end = parseInteger(last, partOf(origin, value, 'port'), bounds.port);
  if (start > end) throw invalid(origin, value, 'the range ends before it starts', `${end}-${start}`);
  return { start, end };
}

/** How long a DHCP lease lasts, in libvirt's words; 0 is a lease without end. */
export interface LeaseTime {
  readonly expiry: number;
  readonly unit: 'seconds' | 'minutes' | 'hours';
}

const secondsOf = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** Seconds of a lease's unit; libvirt's default is minutes. */
export const secondsOfUnit: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600 };

/** dnsmasq: 120 s is the least it gives out, and 2^32 - 1 means without end. */
export const leaseSeconds = { min: 120, max: 2 ** 32 - 2 } as const;

/** `24h`, `90m`, `2d`, `1w`, `3600s` or `infinite`. */
export function parseLease(value: string, origin: Origin = 'lease'): LeaseTime {
  if (value === 'infinite') return { expiry: 0, unit: 'minutes' };
  const [, digits, unit] = /^([1-9]\d{0,15})([smhdw])$/.exec(value) ?? [];
  if (digits === undefined || unit === undefined) {
    throw invalid(origin, value, 'a lease is a number with s, m, h, d or w, or infinite', '24h');
  }
  const seconds = Number(digits) * secondsOf[unit as keyof typeof secondsOf];
  if (seconds < leaseSeconds.min) throw invalid(origin, value, 'a lease lasts at least 2 minutes', '24h');
  if (seconds > leaseSeconds.max) throw invalid(origin, value, 'a lease lasts at most 136 years', 'infinite');
  if (seconds % 3600 === 0) return { expiry: seconds / 3600, unit: 'hours' };
  return seconds % 60 === 0 ? { expiry: seconds / 60, unit: 'minutes' } : { expiry: seconds, unit: 'seconds' };
}
