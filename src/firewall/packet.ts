/** A packet of a flow, and whether it fulfils the conditions of a rule. */
import { inRange, type Family, type Ip } from '../values/address.ts';
import { contains, parseSubnet } from '../values/subnet.ts';
import type { Condition, PortRange, TableFamily } from './ruleset.ts';

export interface Packet {
  /** `tcp`, `udp`, `icmp`, `icmpv6`, or the number of another protocol. */
  readonly protocol: string;
  readonly source: Ip;
  readonly destination: Ip;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** The destination port before its translation. */
  readonly originalPort?: number;
  /** Undefined where the host itself sends it. */
  readonly inDevice?: string;
  /** Undefined before it is routed, and where the host itself receives it. */
  readonly outDevice?: string;
  /** The ports of the bridge, of a packet that a bridge forwards; the bridge is both devices then. */
  readonly inPort?: string;
  readonly outPort?: string;
  /** In the tables of a bridge, where the devices are its ports. */
  readonly bridge?: string;
  /** A rule has turned it to the host itself. */
  readonly redirected?: boolean;
  /** As connection tracking has it: the first packet of a flow is `new`; `dnat` and `snat` are added where its addresses have been translated. */
  readonly states: readonly string[];
}

/** Answers about the host that conditions ask for. */
export interface LocalAddresses {
  readonly isLocal: (address: Ip) => boolean;
}

const multicast = { ipv4: parseSubnet('224.0.0.0/4', 'multicast'), ipv6: parseSubnet('ff00::/8', 'multicast') };

function typeOf(address: Ip, { isLocal }: LocalAddresses): string {
  if (isLocal(address)) return 'local';
  if (contains(multicast[address.family], address)) return 'multicast';
  return address.family === 'ipv4' && address.value === 0xff_ff_ff_ffn ? 'broadcast' : 'unicast';
}

/** Returns whether tables of a family see a packet of another one. `bridge` tables are called by bridges only. */
export function sees(table: TableFamily, family: Family): boolean {
  return table === 'inet' || table === (family === 'ipv4' ? 'ip' : 'ip6');
}

/** @returns undefined where the condition depends on more than the packet and the host's addresses */
export function fulfils(packet: Packet, condition: Condition, host: LocalAddresses): boolean | undefined {
  const met = isMet(packet, condition, host);
  return met === undefined || condition.not !== true ? met : !met;
}

function isMet(packet: Packet, condition: Condition, host: LocalAddresses): boolean | undefined {
  switch (condition.on) {
    case 'inDevice':
    case 'outDevice':
    case 'inPort':
    case 'outPort':
    case 'bridge': {
      const name = packet[condition.on];
      return name !== undefined && condition.names.some((pattern) => isLike(name, pattern));
    }
    case 'source':
    case 'destination':
      return condition.ranges.some((range) => inRange(range, packet[condition.on]));
    case 'sourcePort':
    case 'destinationPort':
      return isIn(packet[condition.on], condition.ranges);
    case 'originalPort':
      return isIn(packet.originalPort ?? packet.destinationPort, condition.ranges);
    case 'protocol':
      return condition.names.includes(packet.protocol);
    case 'family':
      return condition.names.includes(packet.destination.family);
    case 'state':
      return condition.names.some((name) => packet.states.includes(name));
    case 'sourceType':
      return condition.names.includes(typeOf(packet.source, host));
    case 'destinationType':
      return condition.names.includes(typeOf(packet.destination, host));
    case 'unknown':
      return undefined;
  }
}

function isLike(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** A port that is not given may be any. */
function isIn(port: number | undefined, ranges: readonly PortRange[]): boolean | undefined {
  if (port === undefined) return undefined;
  return ranges.some(([first, last]) => first <= port && port <= last);
}
