/** Conditions and effects of rules as iptables and nft take them. @see iptables-extensions(8), nft(8) */
import { formatIp, formatRange, width, type Family, type Range } from '../values/address.ts';
import { lastOf, subnetOf } from '../values/subnet.ts';
import type { Condition, Effect, PortRange, Rule } from './ruleset.ts';

/** The essence of a rule: the words of both tools follow from it. */
export type Match = Pick<Rule, 'conditions' | 'effect'>;

type On = Condition['on'];
type ConditionOf<O extends On> = Condition & { readonly on: O };

interface Names {
  readonly names: readonly string[];
}

interface Ranges<R> {
  readonly ranges: readonly R[];
}

/** How a condition is written; `protocol` is the one of the same rule, which ports need. The functions are methods: see `wordsOf`. */
interface Words<C> {
  iptables(condition: C, not: readonly string[]): readonly string[];
  nft(condition: C, not: string, protocol: string | undefined): readonly string[];
}

type Writable = Exclude<On, 'unknown' | 'inPort' | 'outPort' | 'bridge' | 'family' | 'originalPort'>;

const devices = (option: string, key: string): Words<Names> => ({
  iptables: ({ names }, not) => [...not, option, (names[0] ?? '').replace(/\*$/, '+')],
  nft: ({ names }, not) => [key, ...withNot(not), setOf(names.map((name) => `"${name}"`))],
});

const addresses = (option: string, field: string, range: string): Words<Ranges<Range>> => ({
  iptables: ({ ranges }, not) => {
    const [first] = ranges;
    if (first === undefined) return [];
    const subnet = subnetText(first);
    return subnet === undefined ? ['-m', 'iprange', ...not, range, formatRange(first)] : [...not, option, subnet];
  },
  nft: ({ ranges }, not) => [
    ranges[0]?.start.family === 'ipv6' ? 'ip6' : 'ip',
    field,
    ...withNot(not),
    setOf(ranges.map((each) => plainText(each) ?? formatRange(each))),
  ],
});

const ports = (option: string, field: string): Words<Ranges<PortRange>> => ({
  iptables: ({ ranges }, not) => [
    ...(ranges.length > 1 ? ['-m', 'multiport'] : []),
    ...not,
    ranges.length > 1 ? `${option}s` : option,
    ranges.map((range) => portText(range, ':')).join(','),
  ],
  nft: ({ ranges }, not, protocol) => [
    protocol ?? 'th',
    field,
    ...withNot(not),
    setOf(ranges.map((range) => portText(range, '-'))),
  ],
});

const types = (option: string, field: string): Words<Names> => ({
  iptables: ({ names }, not) => ['-m', 'addrtype', ...not, option, names.join(',').toUpperCase()],
  nft: ({ names }, not) => ['fib', field, 'type', ...withNot(not), setOf(names)],
});

const words: { readonly [O in Writable]: Words<ConditionOf<O>> } = {
  inDevice: devices('-i', 'iifname'),
  outDevice: devices('-o', 'oifname'),
  source: addresses('-s', 'saddr', '--src-range'),
  destination: addresses('-d', 'daddr', '--dst-range'),
  protocol: {
    iptables: ({ names }, not) => [...not, '-p', names[0] === 'icmpv6' ? 'ipv6-icmp' : (names[0] ?? 'all')],
    nft: ({ names }, not, portsOf) => (portsOf === undefined ? ['meta', 'l4proto', ...withNot(not), setOf(names)] : []),
  },
  sourcePort: ports('--sport', 'sport'),
  destinationPort: ports('--dport', 'dport'),
  sourceType: types('--src-type', 'saddr'),
  destinationType: types('--dst-type', 'daddr'),
  state: {
    iptables: ({ names }, not) => ['-m', 'conntrack', ...not, '--ctstate', names.join(',').toUpperCase()],
    nft: ({ names }, not) => ['ct', isStatus(names) ? 'status' : 'state', ...withNot(not), setOf(names)],
  },
};

/** Connection tracking has translations as the status of a flow, which iptables takes for a state. */
function isStatus(names: readonly string[]): boolean {
  return names.every((name) => name === 'dnat' || name === 'snat');
}

function isWritable(condition: Condition): condition is ConditionOf<Writable> {
  return Object.hasOwn(words, condition.on);
}

/** True if nft's words are the whole rule, but for its family, which its table or its addresses have. */
export function isWritten({ conditions, effect }: Match): boolean {
  return effect.kind !== 'unknown' && conditions.every((each) => each.on === 'family' || isWritable(each));
}

/**
 * Returns the words of a rule behind `-A CHAIN`, as iptables-save prints them, or for iptables(8).
 * A condition that the model does not know in full is left out: only rules of our own are written.
 */
export function iptablesWords({ conditions, effect }: Match): readonly string[] {
  return [
    ...conditions.flatMap((condition) =>
      isWritable(condition) ? wordsOf(condition.on).iptables(condition, condition.not === true ? ['!'] : []) : [],
    ),
    ...iptablesTarget(effect),
  ];
}

/**
 * Returns the words of a rule behind `add rule FAMILY TABLE CHAIN`.
 * @param counts whether it counts its packets, which rules of iptables always do
 */
export function nftWords({ conditions, effect }: Match, counts = false): readonly string[] {
  const protocol = conditions.find((condition) => condition.on === 'protocol')?.names[0];
  const hasPorts = conditions.some(({ on }) => on === 'sourcePort' || on === 'destinationPort');
  return [
    ...conditions.flatMap((condition) =>
      isWritable(condition)
        ? wordsOf(condition.on).nft(condition, condition.not === true ? '!=' : '', hasPorts ? protocol : undefined)
        : [],
    ),
    ...(counts ? ['counter'] : []),
    ...nftStatement(effect),
  ];
}

/** The row of a condition, as one of any condition: each gets its own kind. */
function wordsOf(on: Writable): Words<Condition> {
  return words[on];
}

function iptablesTarget(effect: Effect): readonly string[] {
  const { kind } = effect;
  if (kind === 'none' || kind === 'unknown') return [];
  if (kind === 'goto') return ['-g', effect.chain];
  if (kind === 'jump') return ['-j', effect.chain];
  if (kind === 'dnat' || kind === 'snat') {
    return ['-j', kind.toUpperCase(), kind === 'dnat' ? '--to-destination' : '--to-source', translationText(effect)];
  }
  return ['-j', kind.toUpperCase()];
}

function nftStatement(effect: Effect): readonly string[] {
  const { kind } = effect;
  if (kind === 'none' || kind === 'unknown') return [];
  if (kind === 'goto' || kind === 'jump') return [kind, effect.chain];
  if (kind === 'dnat' || kind === 'snat') return [kind, 'to', translationText(effect)];
  return [kind];
}

/** `192.168.3.10:10080`, `[fd00::1]:80-89`, `192.168.3.10` */
function translationText({ address, ports: to }: { readonly address?: Range; readonly ports?: PortRange }): string {
  const host = address === undefined ? '' : formatIp(address.start);
  if (to === undefined) return host;
  return `${host.includes(':') ? `[${host}]` : host}:${portText(to, '-')}`;
}

function portText([first, last]: PortRange, between: string): string {
  return first === last ? String(first) : `${String(first)}${between}${String(last)}`;
}

/** A range in CIDR form; undefined where it is none. */
function subnetText({ start, end }: Range): string | undefined {
  const prefix = prefixOf(start.family, end.value - start.value + 1n);
  if (prefix === undefined || lastOf(subnetOf(start, prefix)) !== end.value) return undefined;
  return `${formatIp(start)}/${String(prefix)}`;
}

function prefixOf(family: Family, size: bigint): number | undefined {
  const bits = size.toString(2).length - 1;
  return 1n << BigInt(bits) === size ? width[family] - bits : undefined;
}

/** As nft prints it: a single address has no prefix. */
function plainText(range: Range): string | undefined {
  return range.start.value === range.end.value ? formatIp(range.start) : subnetText(range);
}

function setOf(values: readonly string[]): string {
  const [only = ''] = values;
  return values.length === 1 ? only : `{ ${values.join(', ')} }`;
}

function withNot(not: string): readonly string[] {
  return not === '' ? [] : [not];
}
