/** Where to capture the packets between two ends, and how to recognize them. */
import type { Link } from '../records/link.ts';
import type { State } from '../state/state.ts';
import { formatIp } from '../values/address.ts';
import { findEndpoints, type Endpoint } from './path/endpoints.ts';
import { findPath } from './path/find-path.ts';
import { stepsTo } from './path/frames.ts';
import { groundOf, type Ground, type PathFacts } from './path/ground.ts';
import { entrance, stepsOfKind } from './path/hops.ts';
import type { PathRequest } from './path/path.ts';

/** A device of the host that packets pass. */
export interface CaptureDevice {
  readonly name: string;
  readonly isUp: boolean;
  /** Higher than the levels of the devices below it: a NIC or tap 0, a bridge 3. */
  readonly level: number;
}

/** Identifies an end in packets: by nothing where it may be anything. */
export interface CaptureEnd {
  readonly addresses: readonly string[];
  readonly macs: readonly string[];
}

export interface CaptureHops {
  /** From the first end to the second one. */
  readonly devices: readonly CaptureDevice[];
  readonly ends: readonly CaptureEnd[];
}

/**
 * The devices of the path between two ends; where no way is certain, also those on the way from each end to the cable and to the host, which show how
 * far packets come.
 * @param state with its routes and VLANs
 * @throws NOTFOUND for an unknown end
 */
export function captureHops({ from, to }: PathRequest, state: State, facts: PathFacts): CaptureHops {
  const ground = groundOf(state, facts);
  const starts = findEndpoints(from, state, ground.wiring, facts);
  const ends = to === undefined ? [] : findEndpoints(to, state, ground.wiring, facts);
  const { hops, verdict } = findPath({ from, to }, state, facts);
  const onPath = hops.flatMap(({ device }) => device ?? []);
  const wayOut = starts.flatMap((start) => devicesAround(start, ground));
  const wayIn = unique(ends.flatMap((end) => devicesAround(end, ground))).toReversed();
  const all = verdict === 'reachable' ? onPath : [...wayOut, ...wayIn, ...onPath];
  const devices = unique(all).flatMap((name) => {
    const link = ground.wiring.links.get(name);
    return link === undefined || link.type === 'loopback' ? [] : [{ name, isUp: link.up, level: levelOf(link) }];
  });
  const translated = hops.flatMap(({ kind, address }) => (kind === 'nat' ? (address ?? []) : []));
  const named = to === undefined ? [starts] : [starts, ends];
  return { devices, ends: named.map((each) => endOf(each, translated)) };
}

const levels: Readonly<Record<string, number>> = {
  ...{ bond: 1, team: 1, vlan: 2, macvlan: 2, macvtap: 2, bridge: 3, openvswitch: 3 },
};

function levelOf({ kind }: Link): number {
  return levels[kind ?? ''] ?? 0;
}

/** The devices on the ways of a guest's frames to cables and to the host. */
function devicesAround(end: Endpoint, ground: Ground): readonly string[] {
  if (end.kind !== 'guest' && end.kind !== 'namespace') return [];
  const reached = ground.spreadFrom(entrance(end));
  const last = [...stepsOfKind('cable', reached), ...stepsOfKind('stack', reached)];
  return last.flatMap((step) => stepsTo(step).map(({ place }) => place.link.name));
}

function endOf(endpoints: readonly Endpoint[], translated: readonly string[]): CaptureEnd {
  const isAny = endpoints.some((end) => end.kind === 'remote' && end.isAny);
  const addresses = isAny ? [] : endpoints.flatMap((end) => end.addresses.map(formatIp));
  const macs = endpoints.flatMap((end) => ('guest' in end ? (end.guest.nic.mac ?? []) : []));
  const isKnown = addresses.length > 0 || macs.length > 0;
  return { addresses: isKnown ? unique([...addresses, ...translated]) : [], macs };
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
