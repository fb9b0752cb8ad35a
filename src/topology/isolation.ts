/** Which networks, or guests, reach each other. */
import { nicsOf } from '../state/nics.ts';
import type { State } from '../state/state.ts';
import type { Ip } from '../values/address.ts';
import { stationOf, type Station } from './path/endpoints.ts';
import { pathBetween } from './path/find-path.ts';
import { groundOf, type Ground, type PathFacts } from './path/ground.ts';
import { standInFor, type Stand } from './path/probe.ts';
import type { Path } from './path/path.ts';
import { standIns, type StandIn } from './stand-ins.ts';

/** `one-way`: packets arrive, and answers do not come back. */
export type Reach = 'yes' | 'no' | 'one-way' | 'unknown' | 'self';

/** One direction between two of them; fields as in `--json`. */
export interface IsolationCell {
  readonly from: string;
  readonly to: string;
  readonly result: Reach;
  /** One sentence. */
  readonly reason: string;
  /** The result of real packets, and whether it is the same; undefined where none were sent, or the result is unknown. */
  readonly probe?: Reach;
  readonly agrees?: boolean;
}

export interface Isolation {
  readonly subjects: readonly string[];
  /** Row by row. */
  readonly cells: readonly IsolationCell[];
}

/** Networks or guests to compare, on the ground of a host. */
export interface Comparison {
  readonly subjects: readonly Subject[];
  readonly ground: Ground;
}

/**
 * Prepares to compare networks: each has a guest that uses the host as its gateway, if the host has an address there.
 * @param state with its routes and VLANs
 */
export function networkComparison(state: State, facts: PathFacts): Comparison {
  const stands = standIns(state.networks, (index) => `guest ${String(index)}`);
  const links = stands.flatMap((each) => ('link' in each ? [each.link] : []));
  const known = groundOf(state, facts);
  const host = { links: [...known.wiring.links.values(), ...links], routes: state.host?.routes };
  const ground = groundOf({ ...state, host }, { ...facts, packets: known.packets });
  return { subjects: stands.map((stand) => ({ name: stand.network, stations: [standingIn(stand)] })), ground };
}

function standingIn(stand: StandIn): Station {
  const device = 'link' in stand ? stand.link : undefined;
  const [problem, obscure] = [
    'problem' in stand ? stand.problem : undefined,
    'obscure' in stand ? stand.obscure : undefined,
  ];
  return { kind: 'namespace', name: `network ${stand.network}`, addresses: [], device, problem, obscure };
}

/** Prepares to compare guests, each with all of its NICs; their addresses play no part. */
export function guestComparison(state: State, facts: PathFacts): Comparison {
  const ground = groundOf(state, facts);
  const subjects = state.domains.map((domain) => ({
    name: domain.name,
    stations: nicsOf(domain).map((nic) => stationOf({ domain, nic }, state, ground.wiring)),
  }));
  return { subjects, ground };
}

/** A stand-in of one of the NICs of a network or guest. */
export interface SubjectStand extends Stand {
  /** The place of the network or guest. */
  readonly subject: number;
}

/**
 * Plans a stand-in for each NIC of each network or guest: a namespace, from which packets are sent to the others.
 * @param inUse addresses that others have
 */
export function comparisonStands({ subjects, ground }: Comparison, inUse: readonly Ip[]): readonly SubjectStand[] {
  const taken = new Set(inUse.map(({ value }) => value));
  return subjects.flatMap(({ stations }, subject) =>
    stations.flatMap((station) => {
      if (station.device === undefined || station.problem !== undefined) return [];
      const stand = standInFor(station, ground, { family: 'ipv4', taken });
      return 'reason' in stand ? [] : [{ ...stand, subject }];
    }),
  );
}

/** The better one of two results. */
export function betterReach(left: Reach, right: Reach): Reach {
  return order.indexOf(left) <= order.indexOf(right) ? left : right;
}

interface Subject {
  readonly name: string;
  readonly stations: readonly Station[];
}

/** Returns whether each of them reaches each other one. */
export function isolationOf({ subjects, ground }: Comparison): Isolation {
  const known = new Map<string, Path>();
  // Guests that are connected in the same way reach the same others: a path is found once for all of them.
  const pathOf = (from: Station, to: Station): Path => {
    const key = `${classOf(from)} > ${classOf(to)}`;
    const path = known.get(key) ?? pathBetween(from, to, ground);
    known.set(key, path);
    return path;
  };
  const cells = subjects.flatMap((from) =>
    subjects.map((to): IsolationCell => {
      const ends = { from: from.name, to: to.name };
      if (from === to) return { ...ends, result: 'self', reason: 'the same' };
      const paths = from.stations.flatMap((start) => to.stations.map((end) => pathOf(start, end)));
      const [best] = paths.toSorted((a, b) => order.indexOf(reachOf(a)) - order.indexOf(reachOf(b)));
      if (best === undefined) return { ...ends, result: 'no', reason: 'one of them has no NIC' };
      return { ...ends, result: reachOf(best), reason: best.reason };
    }),
  );
  return { subjects: subjects.map(({ name }) => name), cells };
}

const order: readonly Reach[] = ['yes', 'unknown', 'one-way', 'no'];

function reachOf({ verdict, isOneWay }: Path): Reach {
  switch (verdict) {
    case 'reachable':
      return 'yes';
    case 'unknown':
      return 'unknown';
    case 'unreachable':
      return isOneWay ? 'one-way' : 'no';
  }
}

/** Equal for guests whose frames go the same ways. */
function classOf({ device, problem, obscure, guest }: Station): string {
  const filter = guest?.nic.live?.filterref?.filter;
  if (device === undefined || problem !== undefined || obscure !== undefined)
    return `! ${problem ?? ''} ${obscure ?? ''}`;
  const { name, master, port, vlans, macvlan, parent, mtu, up, operstate } = device;
  const place = master ?? parent ?? name;
  return JSON.stringify([place, port, vlans, macvlan, mtu, up, operstate, filter]);
}
