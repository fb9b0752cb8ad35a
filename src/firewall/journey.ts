/** The way of a packet through the kernel of a host, and what stops it. @see https://wiki.nftables.org/wiki-nftables/index.php/Netfilter_hooks */
import type { Family, Ip } from '../values/address.ts';
import type { LocalAddresses, Packet } from './packet.ts';
import type { Hook, Place, Table } from './ruleset.ts';
import { isFinal, pass, type Decision } from './walk.ts';

/** Everything about a host that decides about a packet. */
export interface PacketHost extends LocalAddresses {
  readonly tables: readonly Table[];
  /** Returns the device of the route to an address; undefined without a route. */
  readonly deviceTo: (destination: Ip) => string | undefined;
  /** The sysctl that lets the host forward packets of this family between devices. */
  readonly forwarding: (family: Family) => Setting;
  /** net.ipv4.conf.DEVICE.rp_filter, the larger one of the device's and all's: 0, 1 (strict) or 2 (loose). IPv6 has none. */
  readonly reversePathFilter: (device: string) => Setting;
  /** net.bridge.bridge-nf-call-iptables and -ip6tables; undefined where br_netfilter is not loaded. */
  readonly bridgeCalls: (family: Family) => Setting | undefined;
}

/** A sysctl with its value. */
export interface Setting {
  readonly name: string;
  readonly value: number;
}

export type Obstacle =
  | { readonly kind: 'rule'; readonly hook: Hook; readonly place: Place; readonly outcome: 'dropped' | 'rejected' }
  | { readonly kind: 'sysctl'; readonly setting: Setting }
  | { readonly kind: 'noRoute'; readonly to: Ip };

export interface Journey {
  /** Undefined: the packet arrives. */
  readonly obstacle: Obstacle | undefined;
  /** As it is where the journey ends: translated, and with the device by which it leaves. */
  readonly packet: Packet;
  /** The rules and policies that let it pass, in order. */
  readonly passed: readonly Decision[];
  /** Rules that might decide otherwise: they depend on marks, limits or sets that are not known. */
  readonly uncertain: readonly Place[];
}

/** A part of the way: returns the journey with the packet as it leaves this part, or with the obstacle. */
type Leg = (journey: Journey, host: PacketHost) => Journey;

/** Calls the chains of a hook. */
const hook =
  (name: Hook, bridged = false): Leg =>
  (journey, host) => {
    const seen = bridged ? asBridgeSees(journey.packet) : journey.packet;
    const { decisions, uncertain, packet } = pass(host.tables, name, seen, { host, bridged });
    const stop = decisions.find(({ effect }) => isFinal(effect));
    const passed = decisions.filter((decision) => decision !== stop);
    return {
      // A bridge's own tables translate nothing.
      packet: bridged ? journey.packet : packet,
      passed: [...journey.passed, ...passed],
      uncertain: [...journey.uncertain, ...uncertain],
      obstacle: stop && {
        kind: 'rule',
        hook: name,
        place: { table: stop.table, chain: stop.chain, rule: stop.rule },
        outcome: stop.effect.kind === 'reject' ? 'rejected' : 'dropped',
      },
    };
  };

/** In the tables of a bridge the devices of a packet are the ports. */
function asBridgeSees({ inDevice, inPort, outPort, ...packet }: Packet): Packet {
  return {
    ...packet,
    ...(inDevice === undefined ? {} : { bridge: inDevice }),
    ...(inPort === undefined ? {} : { inDevice: inPort }),
    ...(outPort === undefined ? {} : { outDevice: outPort }),
  };
}

/** Sets the device by which the packet leaves; a packet to the host itself has none. */
const route: Leg = (journey, host) => {
  const { destination, redirected = false } = journey.packet;
  if (redirected || host.isLocal(destination)) return journey;
  const outDevice = host.deviceTo(destination);
  if (outDevice === undefined) return { ...journey, obstacle: { kind: 'noRoute', to: destination } };
  return { ...journey, packet: { ...journey.packet, outDevice } };
};

/** The kernel drops a packet whose answer would leave by another device (rp_filter 1), or by none (2). */
const reversePath: Leg = (journey, host) => {
  const { source, inDevice } = journey.packet;
  if (source.family === 'ipv6' || inDevice === undefined) return journey;
  const setting = host.reversePathFilter(inDevice);
  const back = host.deviceTo(source);
  const isRight = setting.value === 1 ? back === inDevice : back !== undefined;
  return setting.value === 0 || isRight ? journey : { ...journey, obstacle: { kind: 'sysctl', setting } };
};

const forwarding: Leg = (journey, host) => {
  const setting = host.forwarding(journey.packet.destination.family);
  return setting.value !== 0 ? journey : { ...journey, obstacle: { kind: 'sysctl', setting } };
};

const deliverOrForward: Leg = (journey, host) => {
  const isForHost = journey.packet.outDevice === undefined;
  return travel(journey, host, isForHost ? [hook('input')] : [forwarding, hook('forward'), hook('postrouting')]);
};

const sent: readonly Leg[] = [route, hook('output'), route, hook('postrouting')];
const received: readonly Leg[] = [hook('prerouting'), route, reversePath, deliverOrForward];

/** A bridge's own tables see the packet; with bridge-nf-call the tables of ip and ip6 do, too, as if it were routed. */
function bridged(calls: boolean): readonly Leg[] {
  const hooks: readonly Hook[] = ['prerouting', 'forward', 'postrouting'];
  return hooks.flatMap((name) => [hook(name, true), ...(calls ? [hook(name)] : [])]);
}

function travel(journey: Journey, host: PacketHost, legs: readonly Leg[]): Journey {
  return legs.reduce((reached, leg) => (reached.obstacle === undefined ? leg(reached, host) : reached), journey);
}

/**
 * Follows a packet through the host: received and delivered, received and forwarded, sent by the host itself, or forwarded by a bridge.
 * @param packet without the device by which it leaves, unless a bridge forwards it from `inPort` to `outPort`
 */
export function follow(packet: Packet, host: PacketHost): Journey {
  const start: Journey = { packet, passed: [], uncertain: [], obstacle: undefined };
  if (packet.inPort !== undefined) {
    return travel(start, host, bridged(host.bridgeCalls(packet.destination.family)?.value === 1));
  }
  return travel(start, host, packet.inDevice === undefined ? sent : received);
}

/** Returns the first packet that answers one: it belongs to a known flow, and arrives where the other has left. */
export function answerTo(packet: Packet): Packet {
  const { source, destination, sourcePort, destinationPort, inDevice, outDevice, inPort, outPort, protocol, states } =
    packet;
  const { originalPort = destinationPort } = packet;
  return {
    ...{ protocol, source: destination, destination: source, states: ['established', ...states.filter(isTranslation)] },
    ...(destinationPort === undefined ? {} : { sourcePort: destinationPort }),
    ...(sourcePort === undefined ? {} : { destinationPort: sourcePort }),
    ...(originalPort === undefined ? {} : { originalPort }),
    ...(outDevice === undefined ? {} : { inDevice: outDevice }),
    ...(inPort === undefined ? {} : { outPort: inPort, ...(inDevice === undefined ? {} : { outDevice: inDevice }) }),
    ...(outPort === undefined ? {} : { inPort: outPort }),
  };
}

/** Connection tracking keeps the translation for both directions. */
function isTranslation(state: string): boolean {
  return state === 'dnat' || state === 'snat';
}
