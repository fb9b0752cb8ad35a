/** Who reaches whom on a host, by which way, and why not. */
import type { State } from '../../state/state.ts';
import { parseIp, type Ip } from '../../values/address.ts';
import { contains } from '../../values/subnet.ts';
import { bridgedPath, pathFromCable, pathToCable } from './bridged.ts';
import { findEndpoints, type Endpoint, type HostEnd, type Remote, type Station } from './endpoints.ts';
import type { Wanted } from './flow.ts';
import { forwardedPath } from './forwarded.ts';
import { groundOf, type Ground, type PathFacts } from './ground.ts';
import { endHop } from './hops.ts';
import { mtuWarnings } from './mtu.ts';
import { reachable, unknown, unreachable, type Outcome } from './outcome.ts';
import type { Hop, Path, PathRequest } from './path.ts';
import { addressIn, entryOf, footholdOf, routedPath } from './routed.ts';
import { notInHostsDomain, unconnected } from './unconnected.ts';

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

/** Finds the path between two ends of the host that a ground was prepared for. */
export function pathBetween(from: Endpoint, to: Endpoint, ground: Ground, port?: PathRequest['port']): Path {
  const outcome = filtered(outcomeOf(from, to, ground, port), [from, to]);
  const { hops, verdict, reason, isOneWay = false, warnings = [] } = outcome;
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
  if (from.kind === 'host') return fromHost(from, to, ground, wanted);
  if (from.kind === 'remote') return fromRemote(from, to, ground, wanted);
  switch (to.kind) {
    case 'host':
      return toHost(from, to, ground, wanted);
    case 'remote':
      return toRemote(from, to, ground, wanted);
    case 'guest':
    case 'namespace':
      return betweenStations(from, to, ground, wanted);
  }
}

function betweenStations(from: Station, to: Station, ground: Ground, wanted: Wanted): Outcome {
  if (from.device !== undefined && from.device === to.device) {
    return reachable([endHop(from)], `${from.name} and ${to.name} are the same NIC`);
  }
  const bridged = bridgedPath(from, to, ground, wanted);
  if (bridged) return bridged;
  const entry = entryOf(from, ground, wanted.family);
  const foothold = footholdOf(to, ground, wanted.family);
  if (entry === undefined || foothold === undefined) return unconnected(from, to, ground);
  return routedPath({ from, to }, entry, ground, { ...wanted, destination: addressIn(foothold, to) });
}

function fromHost(from: HostEnd, to: Endpoint, ground: Ground, wanted: Wanted): Outcome {
  if (to.kind === 'host') return reachable([endHop(from)], 'both ends are the host');
  const entry = entryOf(from, ground, wanted.family);
  const destination = destinationOf(to, ground, wanted);
  if (to.kind !== 'remote' && (entry === undefined || destination === undefined)) {
    return notInHostsDomain(to, [endHop(from)], ground);
  }
  if (entry === undefined || destination === undefined) return noRoute(from, to);
  return routedPath({ from, to }, entry, ground, { ...wanted, destination });
}

function fromRemote(from: Remote, to: Endpoint, ground: Ground, wanted: Wanted): Outcome {
  const isStation = to.kind === 'guest' || to.kind === 'namespace';
  const bridged = isStation ? pathFromCable(from, to, ground) : undefined;
  if (bridged?.verdict === 'reachable') {
    return from.isAny ? bridged : unknown(bridged.hops, `${bridged.reason}: ${from.name} is beyond it`);
  }
  if (to.kind === 'remote') return unknown([endHop(from)], `${from.name} and ${to.name} are both beyond the host`);
  const entry = entryOf(from, ground, wanted.family);
  if (entry === undefined) return bridged ?? noRoute(from, from);
  const own = ground.wiring.links.get(entry.inDevice ?? '')?.addresses.find(({ scope }) => scope !== 'link');
  const ownIp: Ip | undefined = own && parseIp(own.address, 'address');
  const forwarded = isStation
    ? forwardedPath({ from, to }, entry, ground, { ...wanted, destination: ownIp })
    : undefined;
  const destination = to.kind === 'host' ? (to.addresses[0] ?? ownIp) : destinationOf(to, ground, wanted);
  if (destination === undefined) return forwarded ?? bridged ?? noAddress(to, entry.hops, ground);
  const direct = routedPath({ from, to }, entry, ground, { ...wanted, destination });
  return direct.verdict === 'reachable' ? direct : (forwarded ?? direct);
}

function noAddress(to: Endpoint, hops: readonly Hop[], ground: Ground): Outcome {
  return to.kind === 'guest' || to.kind === 'namespace'
    ? notInHostsDomain(to, hops, ground)
    : unreachable(hops, `${to.name} has no address there`);
}

function noRoute(from: Endpoint, to: Endpoint): Outcome {
  return unreachable([endHop(from)], `the host has no route to ${to.name}`);
}

function toHost(from: Station, to: HostEnd, ground: Ground, wanted: Wanted): Outcome {
  const entry = entryOf(from, ground, wanted.family);
  const foothold = footholdOf(from, ground, wanted.family);
  if (entry === undefined || foothold === undefined) return notInHostsDomain(from, [endHop(from)], ground);
  return routedPath({ from, to }, entry, ground, { ...wanted, destination: to.addresses[0] ?? foothold.ip });
}

function toRemote(from: Station, to: Remote, ground: Ground, wanted: Wanted): Outcome {
  const cable = pathToCable(from, ground);
  if (cable?.verdict === 'reachable') {
    return to.isAny ? cable : unknown(cable.hops, `${cable.reason}, and ${to.name} is beyond it`);
  }
  const entry = entryOf(from, ground, wanted.family);
  const foothold = footholdOf(from, ground, wanted.family);
  const [destination] = to.addresses;
  if (entry === undefined || foothold === undefined || destination === undefined) {
    return (
      cable ?? unreachable([endHop(from)], `the frames of ${from.name} come to no cable and to no address of the host`)
    );
  }
  if (contains(foothold.subnet, destination)) {
    return unknown(entry.hops.slice(0, -1), `no guest with the address ${to.name} is known on ${foothold.link.name}`);
  }
  return routedPath({ from, to }, entry, ground, { ...wanted, destination });
}

/** The address of an end; of a guest without a known one, an example of its subnet. */
function destinationOf(to: Endpoint, ground: Ground, { family }: Wanted): Ip | undefined {
  if (to.kind === 'host' || to.kind === 'remote') return to.addresses[0];
  const foothold = footholdOf(to, ground, family);
  return foothold && addressIn(foothold, to);
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
