/** The rules that port forwards and source NAT consist of, for either backend. */
import type { Forward, NatRules, PortRange, SourceNat } from '../records/nat.ts';
import { parseIp, type Family, type Range } from '../values/address.ts';
import { contains, parseSubnet, type Subnet } from '../values/subnet.ts';
import { subnetRange } from './range.ts';
import type { Condition, Effect } from './ruleset.ts';
import type { Match } from './words.ts';

/**
 * The purpose of a rule: `dnat` sends packets on, `snat` changes their source, `accept` lets them through to a network that libvirt closes, `guard`
 * keeps guests from addresses of the host's loopback device, which the kernel no longer does where `route_localnet` is on.
 */
export type NatPart = 'dnat' | 'snat' | 'accept' | 'guard';

export const natParts: readonly NatPart[] = ['guard', 'dnat', 'snat', 'accept'];

export const noRules: NatRules = { forwards: [], sources: [] };

export type NatMatches = Readonly<Record<NatPart, readonly Match[]>>;

const loopback = { ipv4: parseSubnet('127.0.0.0/8', 'loopback'), ipv6: parseSubnet('::1/128', 'loopback') };

/** A forward changes the number of each port by a rule of its own, unless all keep theirs. */
export const maxShiftedPorts = 1_000;

/** The rules of one family. */
export function natMatches(rules: NatRules, family: Family): NatMatches {
  const [forwards, sources] = [rules.forwards.filter(isOf(family)), rules.sources.filter(isOf(family))];
  return {
    guard: localDevices(forwards).map(guardOf),
    dnat: forwards.flatMap(dnatOf),
    snat: [...forwards.flatMap(hairpinOf), ...sources.map(sourceOf)],
    accept: [...forwards.flatMap(acceptOf), ...sources.flatMap(acceptSource)],
  };
}

function isOf(family: Family): (part: { readonly family: Family }) => boolean {
  return (part) => part.family === family;
}

/**
 * Returns the devices over which connections of the host to its own 127.0.0.1 are sent on: the kernel routes them there only with
 * net.ipv4.conf.DEVICE.route_localnet. IPv6 has no such setting, so that ::1 is not forwarded.
 */
export function localDevices(forwards: readonly Forward[]): readonly string[] {
  return [...new Set(forwards.filter(listensLocally).map(({ target }) => target.dev))];
}

function listensLocally({ family, listen, dev }: Forward): boolean {
  if (family === 'ipv6' || dev !== undefined) return false;
  return listen.length === 0 || listen.some((address) => contains(loopback.ipv4, parseIp(address, 'address')));
}

function rangeOfSubnet({ family, first, prefix }: Subnet): Range {
  return subnetRange({ family, value: first }, prefix);
}

/** Packets to these addresses come from lo alone, unless a guest has made them. */
function guardOf(dev: string): Match {
  return {
    conditions: [
      { on: 'inDevice', names: [dev] },
      { on: 'destination', ranges: [rangeOfSubnet(loopback.ipv4)] },
    ],
    effect: { kind: 'drop' },
  };
}

function dnatOf(forward: Forward): readonly Match[] {
  const { protocol, listen, dev, target } = forward;
  const destinations: readonly (readonly Condition[])[] =
    listen.length === 0
      ? [[...notLoopback(forward), { on: 'destinationType', names: ['local'] }]]
      : listen.map((address) => [{ on: 'destination', ranges: [single(address)] }]);
  return destinations.flatMap((destination) =>
    shares(forward).map(({ ports, effect }) => ({
      conditions: [
        ...(dev === undefined ? [] : [{ on: 'inDevice', names: [dev] } as const]),
        ...destination,
        { on: 'protocol', names: [protocol] },
        { on: 'destinationPort', ranges: [ports] },
      ],
      effect: { kind: 'dnat', address: single(target.address), ...effect },
    })),
  );
}

function notLoopback({ family }: Forward): readonly Condition[] {
  return family === 'ipv4' ? [] : [{ on: 'destination', ranges: [rangeOfSubnet(loopback[family])], not: true }];
}

interface Share {
  readonly ports: PortRange;
  /** Where the number of the port changes. */
  readonly effect: { readonly ports?: PortRange };
}

/** The ports of a forward, as many at once as one rule takes. */
function shares({ ports, target }: Forward): readonly Share[] {
  const [first, last] = ports;
  if (target.port === first) return [{ ports, effect: first === last ? { ports } : {} }];
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const [from, to] = [first + index, target.port + index];
    return { ports: [from, from], effect: { ports: [to, to] } };
  });
}

/** The ports at the target. */
function targetPorts({ ports: [first, last], target: { port } }: Forward): PortRange {
  return [port, port + last - first];
}

/** Packets of the forward on their way to the target: translated ones only, so that the target's other ports stay closed. */
function arriving(forward: Forward): readonly Condition[] {
  return [
    { on: 'destination', ranges: [single(forward.target.address)] },
    { on: 'protocol', names: [forward.protocol] },
    { on: 'destinationPort', ranges: [targetPorts(forward)] },
    { on: 'state', names: ['dnat'] },
  ];
}

function acceptOf(forward: Forward): readonly Match[] {
  const leaving: readonly Condition[] = [
    { on: 'source', ranges: [single(forward.target.address)] },
    { on: 'protocol', names: [forward.protocol] },
    { on: 'sourcePort', ranges: [targetPorts(forward)] },
    { on: 'state', names: ['dnat'] },
  ];
  return [arriving(forward), leaving].map((conditions) => ({ conditions, effect: { kind: 'accept' } }));
}

/** The target answers those in its own subnet directly, and the host's loopback addresses never: it has to see the host as the source. */
function hairpinOf(forward: Forward): readonly Match[] {
  const subnets = [
    rangeOfSubnet(parseSubnet(forward.target.subnet, 'subnet')),
    ...(listensLocally(forward) ? [rangeOfSubnet(loopback.ipv4)] : []),
  ];
  return subnets.map((range) => ({
    conditions: [{ on: 'source', ranges: [range] }, ...arriving(forward)],
    effect: { kind: 'masquerade' },
  }));
}

function sourceOf({ subnet, dev, to }: SourceNat): Match {
  const effect: Effect = to === undefined ? { kind: 'masquerade' } : { kind: 'snat', address: single(to) };
  return {
    conditions: [
      { on: 'source', ranges: [rangeOfSubnet(parseSubnet(subnet, 'subnet'))] },
      { on: 'outDevice', names: [dev] },
    ],
    effect,
  };
}

/** Both directions, since programs such as docker make the host drop what no rule lets through. */
function acceptSource({ subnet, dev }: SourceNat): readonly Match[] {
  const ranges = [rangeOfSubnet(parseSubnet(subnet, 'subnet'))];
  const directions: readonly (readonly Condition[])[] = [
    [
      { on: 'source', ranges },
      { on: 'outDevice', names: [dev] },
    ],
    [
      { on: 'destination', ranges },
      { on: 'inDevice', names: [dev] },
      { on: 'state', names: ['established', 'related'] },
    ],
  ];
  return directions.map((conditions) => ({ conditions, effect: { kind: 'accept' } }));
}

function single(address: string): Range {
  const ip = parseIp(address, 'address');
  return { start: ip, end: ip };
}
