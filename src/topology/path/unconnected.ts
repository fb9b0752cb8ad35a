/** Ends that no path of the host connects, and what may connect them elsewhere. */
import type { Station } from './endpoints.ts';
import type { Spread } from './frames.ts';
import type { Ground } from './ground.ts';
import { endHop, entrance, stepsOfKind } from './hops.ts';
import { unknown, unreachable, type Outcome } from './outcome.ts';
import { pathToCable } from './bridged.ts';
import { segmentText } from './segment.ts';
import type { Hop } from './path.ts';

const beyond = 'a router beyond the cable may connect them: this host does not see it';

/** Two stations in different broadcast domains, without the host as a router between them. */
export function unconnected(from: Station, to: Station, ground: Ground): Outcome {
  const reached = { from: ground.spreadFrom(entrance(from)), to: ground.spreadFrom(entrance(to)) };
  const hops = pathToCable(from, ground)?.hops ?? [endHop(from)];
  const open = openSwitch(reached.from) ?? openSwitch(reached.to);
  if (open !== undefined) return unknown(hops, `Open vSwitch ${open} forwards by its own tables, which are not read`);
  const direct = betweenMacvtaps(from, to);
  if (direct !== undefined) return { ...direct, hops };
  const cables = sameCables(reached.from, reached.to);
  if (cables !== undefined) {
    return unknown(hops, `${from.name} and ${to.name} reach each other if ${cables} lead to one switch`);
  }
  const [here, there] = [segmentText(from, reached.from, ground.wiring), segmentText(to, reached.to, ground.wiring)];
  const reason = `${from.name} and ${to.name} are in different broadcast domains: ${here}, ${there}, and no router connects them`;
  const bothHaveCables = [reached.from, reached.to].every((each) => freeCables(each).length > 0);
  const router = commonGuest(reached.from, reached.to, ground);
  const warnings = [
    ...(bothHaveCables ? [beyond] : []),
    ...(router === undefined ? [] : [`${router} has NICs in both: it may be a router`]),
  ];
  return { ...unreachable(hops, reason), warnings };
}

/** A station where the host has no address, as the other end is the host itself. */
export function notInHostsDomain(station: Station, hops: readonly Hop[], ground: Ground): Outcome {
  const reached = ground.spreadFrom(entrance(station));
  const open = openSwitch(reached);
  if (open !== undefined) return unknown(hops, `Open vSwitch ${open} forwards by its own tables, which are not read`);
  const { device, name } = station;
  if (device?.macvlan !== undefined) {
    const reason = `${name} is a macvtap guest of ${device.parent ?? 'a NIC'}: the host and such guests exchange no frames there`;
    return unreachable(hops, reason);
  }
  const warnings = freeCables(reached).length > 0 ? [beyond] : [];
  return { ...unreachable(hops, `the host has no address in the broadcast domain of ${name}`), warnings };
}

function openSwitch(reached: Spread): string | undefined {
  return stepsOfKind('switch', reached)[0]?.place.link.name;
}

/** Modes other than `bridge` send all frames to the switch at the cable. */
function betweenMacvtaps(from: Station, to: Station): Omit<Outcome, 'hops'> | undefined {
  const [mine, other] = [from.device, to.device];
  const parent = mine?.parent;
  if (!mine?.macvlan || !other?.macvlan || parent === undefined || parent !== other.parent) return undefined;
  const modes = [mine.macvlan.mode, other.macvlan.mode];
  if (modes.includes('private')) {
    return { verdict: 'unreachable', reason: `macvtap guests of ${parent} in mode private exchange no frames` };
  }
  const reason = `macvtap guests of ${parent} in modes ${modes.join(' and ')} reach each other only if the switch at its cable returns frames`;
  return { verdict: 'unknown', reason };
}

function freeCables(reached: Spread) {
  return stepsOfKind('cable', reached).filter(({ faults }) => faults === 0);
}

/** Cables of different NICs that carry the same VLAN, or none. */
function sameCables(left: Spread, right: Spread): string | undefined {
  const others = new Map(freeCables(right).map(({ place }) => [place.tags.join('.'), place.link.name]));
  for (const { place } of freeCables(left)) {
    const other = others.get(place.tags.join('.'));
    if (other !== undefined && other !== place.link.name) return `the cables of ${place.link.name} and ${other}`;
  }
  return undefined;
}

/** A guest with NICs in both broadcast domains. */
function commonGuest(left: Spread, right: Spread, { wiring }: Ground): string | undefined {
  const guestsOf = (reached: Spread): readonly string[] =>
    stepsOfKind('guest', reached).flatMap(({ place }) => wiring.guestAt.get(place.link.name)?.domain.name ?? []);
  const there = new Set(guestsOf(right));
  return guestsOf(left).find((name) => there.has(name));
}
