/** Who reaches whom on a host, by which way, and why not. */
import type { State } from '../../state/state.ts';
import { bridgedPath, pathToCable } from './bridged.ts';
import { findEndpoints, type Endpoint, type Station } from './endpoints.ts';
import type { Wanted } from './flow.ts';
import { groundOf, type Ground, type PathFacts } from './ground.ts';
import { endHop, entrance } from './hops.ts';
import { unknown, unreachable, type Outcome } from './outcome.ts';
import type { Hop, Path, PathRequest } from './path.ts';
import { segmentText } from './segment.ts';
import { mtuWarnings } from './mtu.ts';

/**
 * Finds the path between two ends of a host; between guests with several NICs, the best one.
 * @param state with its routes and VLANs
 * @throws NOTFOUND for an unknown end, with the nearest names
 */
export function findPath({ from, to = 'outside', port }: PathRequest, state: State, facts: PathFacts): Path {
  const ground = groundOf(state, facts);
  const [starts, ends] = [from, to].map((text) => findEndpoints(text, state, ground.wiring, facts));
  const paths = (starts ?? []).flatMap((start) => (ends ?? []).map((end) => pathBetween(start, end, ground, port)));
  const [best] = paths.toSorted((a, b) => rankOf(a) - rankOf(b));
  if (best === undefined) throw new Error('a path has two ends');
  return best;
}

function rankOf({ verdict, isOneWay }: Path): number {
  return { reachable: 0, unknown: 1, unreachable: isOneWay ? 2 : 3 }[verdict];
}

export function pathBetween(from: Endpoint, to: Endpoint, ground: Ground, port?: PathRequest['port']): Path {
  const outcome = outcomeOf(from, to, ground, port);
  const { hops, verdict, reason, isOneWay = false, warnings = [] } = filtered(outcome, [from, to]);
  return {
    ...{ from: from.name, to: to.name, hops, verdict, reason, isOneWay },
    warnings: [...warnings, ...mtuWarnings(hops)],
  };
}

function outcomeOf(from: Endpoint, to: Endpoint, ground: Ground, port: PathRequest['port']): Outcome {
  const cut = cutOff(from, []) ?? cutOff(to, [endHop(from)]);
  if (cut) return cut;
  const family = [...to.addresses, ...from.addresses][0]?.family ?? 'ipv4';
  const wanted = { family, port };
  if (from.kind === 'host' || from.kind === 'remote') return unknown([endHop(from)], 'not known yet');
  if (to.kind === 'host') return unknown([endHop(from)], 'not known yet');
  return to.kind === 'remote' ? stationToRemote(from, to.name, ground) : stationToStation(from, to, ground, wanted);
}

function stationToStation(from: Station, to: Station, ground: Ground, wanted: Wanted): Outcome {
  const bridged = bridgedPath(from, to, ground, wanted);
  if (bridged) return bridged;
  const [here, there] = [from, to].map((each) => segmentText(each, ground.spreadFrom(entrance(each)), ground.wiring));
  const reason = `${from.name} and ${to.name} are in different broadcast domains: ${here ?? ''}, ${there ?? ''}, and no router connects them`;
  return unreachable(pathToCable(from, ground)?.hops ?? [endHop(from)], reason);
}

function stationToRemote(from: Station, name: string, ground: Ground): Outcome {
  const cable = pathToCable(from, ground);
  if (cable === undefined) return unreachable([endHop(from)], `the frames of ${from.name} come to no cable`);
  return { ...cable, reason: `${cable.reason}: ${name} is beyond it` };
}

/** An end that passes no frames, or none that the host sees. */
function cutOff(end: Endpoint, before: readonly Hop[]): Outcome | undefined {
  if (end.kind !== 'guest' && end.kind !== 'namespace') return undefined;
  const { problem, obscure } = end;
  if (problem !== undefined) return unreachable([...before, { ...endHop(end), problem }], problem);
  return obscure === undefined ? undefined : unknown([...before, endHop(end)], `${end.name}: ${obscure}`);
}

/** libvirt's network filters have rules that are not read. */
function filtered(outcome: Outcome, ends: readonly Endpoint[]): Outcome {
  if (outcome.verdict !== 'reachable') return outcome;
  for (const end of ends) {
    const filter = end.kind === 'guest' ? end.guest?.nic.live?.filterref?.filter : undefined;
    if (filter === undefined) continue;
    return unknown(outcome.hops, `${outcome.reason}, but the network filter ${filter} of ${end.name} may drop packets`);
  }
  return outcome;
}
