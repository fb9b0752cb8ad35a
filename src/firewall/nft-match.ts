/** The conditions of nftables' `match` statements. @see libnftables-json(5), MATCH */
import { parseIp, type Range } from '../values/address.ts';
import { rangeOf, subnetRange } from './range.ts';
import type { Condition, PortRange } from './ruleset.ts';

export type Json = Readonly<Record<string, unknown>>;

/** The elements of a table's named sets and maps, by their names. */
export type Sets = ReadonlyMap<string, readonly unknown[]>;

/** @returns the conditions that a match requires; of kind `unknown` where it depends on more than a packet's addresses */
export function conditionOf(match: Json, sets: Sets): readonly Condition[] {
  const { op, left, right } = match;
  const unknown: Condition = { on: 'unknown', text: JSON.stringify(match) };
  const subject = subjectOf(left);
  const values = valuesOf(right, sets);
  if (subject === undefined || values === undefined || !(op === '==' || op === '!=' || op === 'in')) return [unknown];
  const [needs, read] = subject;
  const condition = read(values);
  if (condition === undefined) return [...needs, unknown];
  return [...needs, op === '!=' ? { ...condition, not: true } : condition];
}

/** Conditions that a subject implies (`tcp dport` is of TCP only), and how its values are read. */
type Subject = readonly [needs: readonly Condition[], read: (values: readonly unknown[]) => Condition | undefined];

function subjectOf(left: unknown): Subject | undefined {
  const { meta, payload, ct, fib } = (left ?? {}) as Readonly<Record<string, Json | undefined>>;
  if (meta) return metaSubjects[String(meta['key'])];
  if (ct) return ctSubject(ct);
  if (payload) return payloadSubject(String(payload['protocol']), String(payload['field']));
  if (fib?.['result'] === 'type') return fibSubject(fib['flags']);
  return undefined;
}

/** Of connection tracking: the state of the flow, and what its first packet was. */
function ctSubject({ key, dir }: Json): Subject | undefined {
  if (key === 'state' || key === 'status') return [[], words('state')];
  return key === 'proto-dst' && dir === 'original' ? [[], ports('originalPort')] : undefined;
}

const devices = (on: 'inDevice' | 'outDevice' | 'bridge'): Subject => [
  [],
  (values) => (areTexts(values) ? { on, names: values } : undefined),
];

const protocols: Subject = [
  [],
  (values) => ({ on: 'protocol', names: values.map((value) => protocolName(String(value))) }),
];

const families: Subject = [
  [],
  (values) => ({ on: 'family', names: values.map((value) => (value === 'ipv6' ? 'ipv6' : 'ipv4')) }),
];

const metaSubjects: Readonly<Record<string, Subject>> = {
  iifname: devices('inDevice'),
  oifname: devices('outDevice'),
  iif: devices('inDevice'),
  oif: devices('outDevice'),
  ibrname: devices('bridge'),
  obrname: devices('bridge'),
  l4proto: protocols,
  nfproto: families,
};

function payloadSubject(protocol: string, field: string): Subject | undefined {
  const family: Condition = { on: 'family', names: [protocol === 'ip6' ? 'ipv6' : 'ipv4'] };
  if (protocol === 'ip' || protocol === 'ip6') {
    if (field === 'saddr') return [[family], addresses('source')];
    if (field === 'daddr') return [[family], addresses('destination')];
    return [[family], field === 'protocol' || field === 'nexthdr' ? protocols[1] : unreadable];
  }
  const needs: readonly Condition[] = protocol === 'th' ? [] : [{ on: 'protocol', names: [protocol] }];
  if (field === 'sport') return [needs, ports('sourcePort')];
  return [needs, field === 'dport' ? ports('destinationPort') : unreadable];
}

/** Of fields that `Packet` does not have, such as the type of an ICMP message. */
const unreadable = (): undefined => undefined;

function fibSubject(flags: unknown): Subject | undefined {
  const names = (Array.isArray(flags) ? flags : [flags]) as readonly unknown[];
  if (names.length !== 1) return undefined;
  if (names[0] === 'daddr') return [[], words('destinationType')];
  if (names[0] === 'saddr') return [[], words('sourceType')];
  return undefined;
}

const words =
  (on: 'state' | 'sourceType' | 'destinationType') =>
  (values: readonly unknown[]): Condition | undefined =>
    areTexts(values) ? { on, names: values } : undefined;

const addresses = (on: 'source' | 'destination') => (values: readonly unknown[]) => {
  const ranges = values.map(addressRange);
  return ranges.every((range) => range !== undefined) ? ({ on, ranges } as const) : undefined;
};

const ports = (on: 'sourcePort' | 'destinationPort' | 'originalPort') => (values: readonly unknown[]) => {
  const ranges = values.map(portRange);
  return ranges.every((range) => range !== undefined) ? ({ on, ranges } as const) : undefined;
};

/** nft prints the numbers of protocols that have no name in /etc/protocols. */
function protocolName(name: string): string {
  return name === 'ipv6-icmp' ? 'icmpv6' : name;
}

/** The alternatives of the right side: a value, a set, or a set by its name. */
function valuesOf(right: unknown, sets: Sets): readonly unknown[] | undefined {
  if (typeof right === 'string' && right.startsWith('@')) return sets.get(right.slice(1))?.map(plain);
  if (Array.isArray(right)) return right as readonly unknown[];
  const { set } = (right ?? {}) as { readonly set?: readonly unknown[] | string };
  return Array.isArray(set) ? (set as readonly unknown[]).map(plain) : [right];
}

/** An element with a timeout, a counter or a comment is wrapped in an `elem`. */
function plain(element: unknown): unknown {
  const { elem } = (element ?? {}) as { readonly elem?: { readonly val: unknown } };
  return elem === undefined ? element : elem.val;
}

/** An address, a subnet or a range, as nft's JSON has them. */
export function addressRange(value: unknown): Range | undefined {
  if (typeof value === 'string') return rangeOf(value);
  const { prefix, range } = (value ?? {}) as {
    prefix?: { addr: string; len: number };
    range?: readonly [string, string];
  };
  if (prefix) return subnetRange(parseIp(prefix.addr, 'address'), prefix.len);
  return range && { start: parseIp(range[0], 'address'), end: parseIp(range[1], 'address') };
}

export function portRange(value: unknown): PortRange | undefined {
  if (typeof value === 'number') return [value, value];
  const { range } = (value ?? {}) as { readonly range?: PortRange };
  return range;
}

function areTexts(values: readonly unknown[]): values is readonly string[] {
  return values.every((value) => typeof value === 'string');
}
