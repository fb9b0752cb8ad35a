/** Paths by the host's own routing: gateway, rules, translations, route. */
import { examineFlow, type FlowReport } from '../../firewall/admission.ts';
import { formatPlace } from '../../firewall/ruleset.ts';
import type { Decision } from '../../firewall/walk.ts';
import type { Link } from '../../records/link.ts';
import { formatIp, parseIp, sameIp, type Family, type Ip } from '../../values/address.ts';
import { contains, parseSubnet, subnetOf, usable, type Subnet } from '../../values/subnet.ts';
import type { Endpoint, Station } from './endpoints.ts';
import { placeKey, stepsTo, type Spread, type Step } from './frames.ts';
import { obstacleHop, obstacleText, packetOf, type Wanted } from './flow.ts';
import type { Ground } from './ground.ts';
import { deviceHop, deviceHops, endHop, entrance, faultOf, hop, stepsOfKind, stepTo } from './hops.ts';
import { reachable, unknown, unreachable, type Outcome } from './outcome.ts';
import type { Hop } from './path.ts';
import { detour } from './policy.ts';
import { footholdFor, footholds, type Foothold } from './segment.ts';

/** Where the packets of an end come to the host's routing. */
export interface Entry {
  readonly hops: readonly Hop[];
  readonly source: Ip | undefined;
  /** Undefined: the host itself sends them. */
  readonly inDevice: string | undefined;
  /** Its broadcast domain has a cable, behind which its gateway may be. */
  readonly hasCable: boolean;
  readonly fault: string | undefined;
}

/** @returns undefined where the host has no address by which packets of the end come to it */
export function entryOf(end: Endpoint, ground: Ground, family: Family): Entry | undefined {
  switch (end.kind) {
    case 'host':
      return { hops: [endHop(end)], source: end.addresses[0], inDevice: undefined, hasCable: false, fault: undefined };
    case 'remote':
      return remoteEntry(end, ground);
    case 'guest':
    case 'namespace':
      return stationEntry(end, ground, family);
  }
}

function stationEntry(end: Station, ground: Ground, family: Family): Entry | undefined {
  const reached = ground.spreadFrom(entrance(end));
  const foothold = footholdFor(footholds(reached, family), end.addresses);
  if (foothold === undefined) return undefined;
  const { link, ip, step } = foothold;
  return {
    hops: [endHop(end), ...deviceHops(stepsTo(step)), hop('gateway', link.name, { address: formatIp(ip) })],
    source: addressIn(foothold, end),
    ...{ inDevice: link.name, hasCable: hasCable(end, ground), fault: faultOf(step) },
  };
}

function remoteEntry(end: Endpoint, ground: Ground): Entry | undefined {
  const [source] = end.addresses;
  const link = source && ground.wiring.links.get(ground.packets.deviceTo(source) ?? '');
  if (link === undefined) return undefined;
  const [cable] = stepsOfKind('cable', ground.spreadFrom({ kind: 'sent', link, tags: [] }));
  const stack = placeKey({ kind: 'stack', link, tags: [] });
  const step = cable && ground.spreadFrom({ ...cable.place, kind: 'received' }).get(stack);
  const wires = step
    ? [hop('cable', `cable of ${cable.place.link.name}`), ...deviceHops(stepsTo(step))]
    : [deviceHop(link)];
  return {
    ...{ hops: [endHop(end), ...wires], source, inDevice: link.name, hasCable: true },
    fault: step && faultOf(step),
  };
}

/** Whether frames of a station come to a cable. */
export function hasCable(end: Station, ground: Ground): boolean {
  return stepsOfKind('cable', ground.spreadFrom(entrance(end)))[0]?.faults === 0;
}

/** An address of the end in the subnet of a foothold: one that it has, or else the last one, as an example. */
export function addressIn({ subnet, ip: own }: Foothold, { addresses }: Endpoint): Ip {
  const known = addresses.find((ip) => contains(subnet, ip));
  const { start, end } = usable(subnet);
  return known ?? (sameIp(end, own) ? start : end);
}

/** The host's address in the broadcast domain of a station; undefined: it has none there. */
export function footholdOf(end: Station, ground: Ground, family: Family): Foothold | undefined {
  return footholdFor(footholds(ground.spreadFrom(entrance(end)), family), end.addresses);
}

/**
 * The path of packets that come to the host and are for it, or are routed by it.
 * @param destination the address that they are sent to
 */
export function routedPath(
  ends: { readonly from: Endpoint; readonly to: Endpoint },
  entry: Entry,
  ground: Ground,
  wanted: Wanted & { readonly destination: Ip },
): Outcome {
  const { from, to } = ends;
  if (entry.fault !== undefined) return unreachable(entry.hops, entry.fault);
  const { destination } = wanted;
  const source = entry.source ?? ownAddressTo(destination, ground);
  const packet = packetOf({ ...wanted, source });
  const inDevice = entry.inDevice === undefined ? {} : { inDevice: entry.inDevice };
  const report = examineFlow({ ...packet, ...inDevice }, ground.packets);
  const { request, answer } = report;
  const { outDevice } = request.packet;
  const inward = [...entry.hops, ...natHops(request.passed, destinations)];
  const routing = outDevice === undefined ? [] : [routeHop(request.packet.destination, outDevice, ground)];
  const ruled = [...inward, ...routing, ...ruleHops(report)];
  if (request.obstacle) {
    const packets = `packets from ${from.name} to ${to.name}`;
    return unreachable([...ruled, obstacleHop(request.obstacle)], obstacleText(request.obstacle, packets));
  }
  const sources = natHops(request.passed, translations, ground.wiring.links.get(outDevice ?? ''));
  const sent: Outward = outDevice === undefined ? { hops: [endHop(to)] } : outward(to, outDevice, ground);
  const hops = [...ruled, ...sources, ...sent.hops];
  if (sent.fault !== undefined) return unreachable(hops, sent.fault);
  if (sent.isLost) return lost(to, hops, outDevice);
  if (answer.obstacle) {
    const reason = `packets from ${from.name} arrive at ${to.name}, but ${obstacleText(answer.obstacle, 'their answers')}`;
    return { ...unreachable([...hops, obstacleHop(answer.obstacle)], reason), isOneWay: true };
  }
  return arrived(ends, { entry, hops, ground, outDevice, isTranslated: sources.length > 0, report });
}

/** The packets are for a broadcast domain without a cable. */
function lost(to: Endpoint, hops: readonly Hop[], outDevice = ''): Outcome {
  return to.kind === 'remote' && to.isAny
    ? unreachable(hops, `the default route leads to ${outDevice}, which no cable is at`)
    : unknown(hops, `no guest with the address ${to.name} is known on ${outDevice}`);
}

interface Arrival {
  readonly entry: Entry;
  readonly hops: readonly Hop[];
  readonly ground: Ground;
  readonly outDevice: string | undefined;
  readonly isTranslated: boolean;
  readonly report: FlowReport;
}

function arrived({ from, to }: { readonly from: Endpoint; readonly to: Endpoint }, arrival: Arrival): Outcome {
  const { entry, hops, ground, outDevice, isTranslated, report } = arrival;
  const doubt = [...report.request.uncertain, ...report.answer.uncertain].find(({ rule }) =>
    mayStop(rule?.effect.kind),
  );
  const translated = isTranslated ? ' with another source address' : '';
  const sent = from.kind === 'host' ? 'sends packets' : `routes packets from ${from.name}`;
  const reason =
    outDevice === undefined
      ? `packets from ${from.name} come to the host`
      : `the host ${sent} to ${to.name}${translated}`;
  if (doubt) return unknown(hops, `${reason}, unless they are stopped by ${formatPlace(doubt)}`);
  const rule = [report.request, report.answer].flatMap(({ packet }) => detour(packet, ground) ?? [])[0];
  if (rule) return unknown(hops, `${reason}, unless the rule '${rule.text}' (ip rule) routes them by other routes`);
  const isRemote = to.kind === 'remote';
  if (isRemote && !to.isAny)
    return unknown(hops, `${reason} by ${outDevice ?? ''}, and does not see what is beyond it`);
  const isStation = from.kind === 'guest' || from.kind === 'namespace';
  if (isStation && entry.hasCable && !(to.kind === 'host')) {
    return unknown(hops, `${reason}, if the host is the gateway of ${from.name}`);
  }
  const isAnswered = isTranslated || from.kind === 'host' || isRemote || to.kind === 'host';
  if (!isAnswered && hasCable(to, ground)) return unknown(hops, `${reason}, if the host is the gateway of ${to.name}`);
  return reachable(hops, reason);
}

function mayStop(kind: string | undefined): boolean {
  return kind === 'drop' || kind === 'reject' || kind === 'unknown';
}

interface Outward {
  readonly hops: readonly Hop[];
  readonly fault?: string | undefined;
  /** No guest is known to have the address. */
  readonly isLost?: boolean;
}

/** Where frames leave the host: by a cable, or to a namespace that is a router. */
function beyondOf(reached: Spread): Step | undefined {
  return stepsOfKind('cable', reached)[0] ?? stepsOfKind('namespace', reached)[0];
}

/** The devices by which packets leave, to the end that they are for. */
function outward(to: Endpoint, outDevice: string, ground: Ground): Outward {
  const link = ground.wiring.links.get(outDevice);
  if (link === undefined) return { hops: [], fault: `${outDevice} does not exist` };
  const reached = ground.spreadFrom({ kind: 'sent', link, tags: [] });
  const isStation = to.kind === 'guest' || to.kind === 'namespace';
  const step: Step | undefined = isStation ? stepTo(to, reached) : beyondOf(reached);
  if (step !== undefined) {
    const fault = faultOf(step);
    return { hops: [...deviceHops(stepsTo(step)), ...(fault === undefined ? [endHop(to)] : [])], fault };
  }
  const hops = [deviceHop(link)];
  if (!isStation) return link.kind === 'bridge' ? { hops, isLost: true } : { hops: [...hops, endHop(to)] };
  return { hops, fault: `the route to ${to.name} leads to ${outDevice}, and not to its broadcast domain` };
}

/** The address that the host sends from. */
function ownAddressTo(destination: Ip, { packets, wiring }: Ground): Ip | undefined {
  const link = wiring.links.get(packets.deviceTo(destination) ?? '');
  const own = (link?.addresses ?? []).filter(({ family, scope }) => family === destination.family && scope !== 'link');
  const subnets = own.map(({ address, prefix }) => ({ ip: parseIp(address, 'address'), prefix }));
  const near = subnets.find(({ ip, prefix }) => contains(subnetOf(ip, prefix), destination));
  return (near ?? subnets[0])?.ip;
}

const destinations: readonly string[] = ['dnat', 'redirect'];
const translations: readonly string[] = ['snat', 'masquerade'];

function natHops(passed: readonly Decision[], kinds: readonly string[], out?: Link): readonly Hop[] {
  return passed.flatMap((decision) => {
    const { effect } = decision;
    if (!kinds.includes(effect.kind)) return [];
    const to = effect.kind === 'dnat' || effect.kind === 'snat' ? effect.address?.start : undefined;
    const own = out?.addresses.find(({ scope }) => scope !== 'link')?.address;
    return [hop('nat', formatPlace(decision), { address: to === undefined ? own : formatIp(to) })];
  });
}

/** The rules that accept packets on purpose; policies and NAT are left out. */
function ruleHops({ request }: FlowReport): readonly Hop[] {
  const accepted = request.passed.filter(({ rule, effect }) => rule !== undefined && effect.kind === 'accept');
  return accepted.map((decision) => hop('firewall', formatPlace(decision)));
}

function routeHop(destination: Ip, device: string, { state }: Ground): Hop {
  const routes = (state.host?.routes ?? []).filter(
    ({ table, dev, nexthops }) => table === 'main' && (dev === device || nexthops?.includes(device) === true),
  );
  const matching = routes.flatMap(({ destination: text, gateway }) => {
    const subnet: Subnet = parseSubnet(text, 'route');
    return contains(subnet, destination) ? [{ text, gateway, prefix: subnet.prefix }] : [];
  });
  const best = matching.toSorted((a, b) => b.prefix - a.prefix)[0];
  return hop('route', `${best?.text ?? formatIp(destination)} by ${device}`, { address: best?.gateway });
}
