/** Paths inside a broadcast domain: bridges pass the frames, and the host routes nothing. */
import { examineFlow, type FlowReport } from '../../firewall/admission.ts';
import type { Remote, Station } from './endpoints.ts';
import { stepsTo, type Step } from './frames.ts';
import type { Ground } from './ground.ts';
import { deviceHops, endHop, entrance, faultOf, stepsOfKind, stepTo } from './hops.ts';
import { obstacleHop, obstacleText, packetOf, type Wanted } from './flow.ts';
import { reachable, unreachable, type Outcome } from './outcome.ts';
import { footholdFor, footholds } from './segment.ts';

/** The path between two stations that frames of one reach the other by; undefined: they never meet. */
export function bridgedPath(from: Station, to: Station, ground: Ground, wanted: Wanted): Outcome | undefined {
  const reached = ground.spreadFrom(entrance(from));
  const step = stepTo(to, reached);
  if (step === undefined) return undefined;
  const hops = [endHop(from), ...deviceHops(stepsTo(step))];
  const fault = faultOf(step);
  if (fault !== undefined) return unreachable(hops, fault);
  const source = from.addresses[0] ?? footholdFor(footholds(reached, wanted.family), [])?.ip;
  const report = bridgeReport(stepsTo(step), ground, { ...wanted, source, destination: to.addresses[0] ?? source });
  if (report?.obstacle !== undefined) {
    const reason = `${from.name} and ${to.name} are in one broadcast domain, but ${obstacleText(report.obstacle)}`;
    return unreachable([...hops, obstacleHop(report.obstacle)], reason);
  }
  return reachable(
    [...hops, endHop(to)],
    `${from.name} and ${to.name} are in one broadcast domain${bridgeNames([step])}`,
  );
}

/** The path of a station's frames to a cable; undefined: they come to none. */
export function pathToCable(from: Station, ground: Ground): Outcome | undefined {
  const [step] = stepsOfKind('cable', ground.spreadFrom(entrance(from)));
  if (step === undefined) return undefined;
  const hops = [endHop(from), ...deviceHops(stepsTo(step))];
  const fault = faultOf(step);
  if (fault !== undefined) return unreachable(hops, fault);
  return reachable(hops, `the frames of ${from.name} leave by ${cableText(step)}`);
}

/** The path of frames from a cable to a station; undefined: none come from one. */
export function pathFromCable(from: Remote, to: Station, ground: Ground): Outcome | undefined {
  const [cable] = stepsOfKind('cable', ground.spreadFrom(entrance(to)));
  if (cable === undefined) return undefined;
  const step = stepTo(to, ground.spreadFrom({ ...cable.place, kind: 'received' }));
  if (step === undefined) return undefined;
  const hops = [endHop(from), ...deviceHops([cable]), ...deviceHops(stepsTo(step))];
  const fault = faultOf(step);
  if (fault !== undefined) return unreachable(hops, fault);
  return reachable([...hops, endHop(to)], `frames from ${cableText(cable)} come to ${to.name}`);
}

/** `the cable of eno1 in VLAN 10` */
function cableText({ place: { link, tags } }: Step): string {
  const vlan = tags.length === 0 ? '' : ` in VLAN ${tags.join('.')}`;
  return `the cable of ${link.name}${vlan}`;
}

function bridgeNames(last: readonly Step[]): string {
  const bridges = last.flatMap(stepsTo).filter(({ place }) => place.kind === 'bridged');
  const names = [...new Set(bridges.map(({ place }) => place.link.name))];
  return names.length === 0 ? '' : `: ${names.join(', ')}`;
}

/** The report of the rules about a packet that bridges pass; with br_netfilter it meets the rules of IP, too. */
function bridgeReport(steps: readonly Step[], ground: Ground, wanted: Wanted): FlowReport | undefined {
  for (const [index, { place }] of steps.entries()) {
    const [before, after] = [steps[index - 1]?.place, steps[index + 1]?.place];
    if (place.kind !== 'bridged' || before?.kind !== 'received' || after?.kind !== 'sent') continue;
    const { name } = place.link;
    const ports = { inDevice: name, outDevice: name, inPort: before.link.name, outPort: after.link.name };
    const report = examineFlow({ ...packetOf(wanted), ...ports }, ground.packets);
    if (report.obstacle !== undefined) return report;
  }
  return undefined;
}
