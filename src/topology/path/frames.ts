/** The way of frames through the devices of a host, as the kernel passes them on. */
import type { Link, PortVlan } from '../../records/link.ts';
import type { Wiring } from './wiring.ts';

/**
 * A place that a frame comes to. `received`: by a device from outside; `sent`: by a device to the outside; `bridged`: in a bridge; `stack`: the
 * host's own IP; `guest`, `namespace`, `cable`: the end of a device; `switch`: of Open vSwitch, whose tables are not read.
 */
export type PlaceKind = 'received' | 'sent' | 'bridged' | 'stack' | 'guest' | 'namespace' | 'cable' | 'switch';

export interface Place {
  readonly kind: PlaceKind;
  readonly link: Link;
  /** The VLAN tags of the frame, the outermost first; in a bridge that filters VLANs, its VLAN there comes first. */
  readonly tags: readonly number[];
  /** In a bridge, where the frame came in by an isolated port: its name. */
  readonly isolated?: string | undefined;
}

/** A place, and how a frame came there. */
export interface Step {
  readonly place: Place;
  readonly before: Step | undefined;
  /** Why it cannot come here from the place before. */
  readonly fault: string | undefined;
  /** The number of faults so far. */
  readonly faults: number;
}

/** All places that a frame may come to, each by a way with as few faults as possible. */
export type Spread = ReadonlyMap<string, Step>;

interface Move {
  readonly to: Place;
  readonly fault?: string | undefined;
}

/** The name of a place; there is one step for each. */
export function placeKey({ kind, link, tags, isolated }: Place): string {
  return `${kind} ${link.name} ${tags.join('.')}${isolated === undefined ? '' : ' isolated'}`;
}

/** Follows a frame everywhere. Ways with faults come after all others, so that a fault is named only where no way is free of it. */
export function spread(wiring: Wiring, start: Place): Spread {
  const steps = new Map<string, Step>();
  let level: readonly Step[] = [{ place: start, before: undefined, fault: undefined, faults: 0 }];
  while (level.length > 0) {
    const queue = level.filter(({ place }) => !steps.has(placeKey(place)));
    const later: Step[] = [];
    for (const step of queue) {
      const key = placeKey(step.place);
      if (steps.has(key)) continue;
      steps.set(key, step);
      for (const { to, fault } of movesFrom(step.place, wiring)) {
        const next = { place: to, before: step, fault, faults: step.faults + (fault === undefined ? 0 : 1) };
        (fault === undefined ? queue : later).push(next);
      }
    }
    level = later;
  }
  return steps;
}

/** The steps to a place, in order. */
export function stepsTo(last: Step): readonly Step[] {
  const steps: Step[] = [];
  for (let step: Step | undefined = last; step !== undefined; step = step.before) steps.unshift(step);
  return steps;
}

function movesFrom(place: Place, wiring: Wiring): readonly Move[] {
  switch (place.kind) {
    case 'received':
      return receivedBy(place, wiring);
    case 'sent':
      return sentBy(place, wiring).map((move) => ({ ...move, fault: move.fault ?? linkFault(place.link) }));
    case 'bridged':
      return bridgedBy(place, wiring);
    case 'stack':
    case 'guest':
    case 'namespace':
    case 'cable':
    case 'switch':
      return [];
  }
}

/** Why a device passes no frames. */
export function linkFault({ name, up, operstate, kind }: Link): string | undefined {
  if (!up) return `${name} is down`;
  // A bridge without ports that are up has no carrier either, and still has the host's addresses.
  const isOff = operstate === 'DOWN' || operstate === 'LOWERLAYERDOWN';
  return isOff && kind !== 'bridge' && kind !== 'openvswitch' ? `${name} has no carrier` : undefined;
}

/** A VLAN device gets the frames with its tag before the bridge of the device below does. */
function receivedBy({ link, tags }: Place, wiring: Wiring): readonly Move[] {
  const fault = linkFault(link);
  const uppers = wiring.uppersOf.get(link.name) ?? [];
  const [tag, ...inner] = tags;
  const vlan = tag === undefined ? undefined : uppers.find((upper) => upper.vlan?.id === tag);
  if (vlan) return [{ to: { kind: 'received', link: vlan, tags: inner }, fault }];
  const children = tag === undefined ? uppers.filter(({ macvlan }) => macvlan !== undefined) : [];
  return [
    ...children.map((child) => ({ to: endOf(child, tags, wiring), fault })),
    ...toMaster({ kind: 'received', link, tags }, wiring).map((move) => ({ ...move, fault: move.fault ?? fault })),
  ];
}

function toMaster({ link, tags }: Place, wiring: Wiring): readonly Move[] {
  const { bridge: own, master, port } = link;
  const above = own === undefined ? wiring.links.get(master ?? '') : undefined;
  if (above?.kind === 'bridge') {
    const inside = ingress(link, above, tags);
    if (inside === undefined) return [];
    const isolated = port?.isolated === true ? link.name : undefined;
    return [{ to: { kind: 'bridged', link: above, tags: inside, isolated }, fault: portFault(link, above) }];
  }
  if (above?.kind === 'bond' || above?.kind === 'team') {
    return [{ to: { kind: 'received', link: above, tags }, fault: standbyFault(link, above) }];
  }
  if (above?.kind === 'openvswitch') return [{ to: { kind: 'switch', link: above, tags } }];
  return tags.length === 0 ? [{ to: { kind: 'stack', link, tags } }] : [];
}

/** The tags of a frame inside a bridge; undefined: the port is not in its VLAN. */
function ingress({ vlans }: Link, bridge: Link, tags: readonly number[]): readonly number[] | undefined {
  if (bridge.bridge?.vlanFiltering !== true) return tags;
  const own = vlans ?? [];
  const [tag] = tags;
  if (tag !== undefined) return own.some(({ id }) => id === tag) ? tags : undefined;
  const untagged = own.find(({ pvid }) => pvid);
  return untagged && [untagged.id];
}

function egress({ vlans }: Link, bridge: Link, tags: readonly number[]): readonly number[] | undefined {
  if (bridge.bridge?.vlanFiltering !== true) return tags;
  const [tag, ...inner] = tags;
  const vlan: PortVlan | undefined = vlans?.find(({ id }) => id === tag);
  return vlan && (vlan.untagged ? inner : tags);
}

function bridgedBy({ link, tags, isolated }: Place, wiring: Wiring): readonly Move[] {
  const fault = linkFault(link);
  const ports = (wiring.portsOf.get(link.name) ?? []).flatMap((port): readonly Move[] => {
    const out = egress(port, link, tags);
    if (out === undefined || port.name === isolated) return [];
    const apart = isolated !== undefined && port.port?.isolated === true;
    const reason = apart ? `${isolated} and ${port.name} are isolated ports of ${link.name}` : portFault(port, link);
    return [{ to: { kind: 'sent', link: port, tags: out }, fault: fault ?? reason }];
  });
  const own = egress(link, link, tags);
  return own === undefined ? ports : [...ports, { to: { kind: 'received', link, tags: own }, fault }];
}

function portFault({ name, port, up }: Link, bridge: Link): string | undefined {
  const isOpen = port === undefined || port.state === 'forwarding' || port.state === 'unknown';
  return isOpen || !up ? undefined : `port ${name} of ${bridge.name} is ${port.state}`;
}

function sentBy({ link, tags }: Place, wiring: Wiring): readonly Move[] {
  const { kind, parent, vlan, macvlan, netns } = link;
  const below = wiring.links.get(parent ?? '');
  if (wiring.guestAt.has(link.name) && macvlan === undefined) return [{ to: { kind: 'guest', link, tags } }];
  if (macvlan !== undefined) return sentByMacvlan(link, below, wiring);
  if (vlan !== undefined && below) return [{ to: { kind: 'sent', link: below, tags: [vlan.id, ...tags] } }];
  if (kind === 'bridge') {
    const inside = ingress(link, link, tags);
    return inside === undefined ? [] : [{ to: { kind: 'bridged', link, tags: inside } }];
  }
  if (kind === 'bond' || kind === 'team') {
    const slaves = wiring.portsOf.get(link.name) ?? [];
    return slaves.map((slave) => ({ to: { kind: 'sent', link: slave, tags }, fault: standbyFault(slave, link) }));
  }
  if (netns !== undefined) return [{ to: { kind: 'namespace', link, tags } }];
  if (kind === 'veth' && below) return [{ to: { kind: 'received', link: below, tags } }];
  // The other end of a container's cable, or a tap whose program is not a guest of libvirt's.
  if (kind === 'veth' || kind === 'tun') return [];
  return [{ to: { kind: kind === 'openvswitch' ? 'switch' : 'cable', link, tags } }];
}

/** Devices of mode `bridge` reach each other; none reaches the device below, only its cable. */
function sentByMacvlan(link: Link, below: Link | undefined, wiring: Wiring): readonly Move[] {
  if (below === undefined) return [];
  const siblings = (wiring.uppersOf.get(below.name) ?? []).filter(
    (other) => other !== link && other.macvlan?.mode === 'bridge' && link.macvlan?.mode === 'bridge',
  );
  return [
    ...siblings.map((other) => ({ to: endOf(other, [], wiring), fault: linkFault(other) })),
    { to: { kind: 'sent', link: below, tags: [] } },
  ];
}

/** Where frames for a macvlan or macvtap device end. */
function endOf(link: Link, tags: readonly number[], wiring: Wiring): Place {
  if (wiring.guestAt.has(link.name)) return { kind: 'guest', link, tags };
  return { kind: link.netns === undefined ? 'stack' : 'namespace', link, tags };
}

/** A bond in mode active-backup uses one of its ports. */
function standbyFault({ name }: Link, { bond, name: above }: Link): string | undefined {
  const isStandby = bond?.mode === 'active-backup' && bond.active !== undefined && bond.active !== name;
  return isStandby ? `${name} is not the active port of ${above}` : undefined;
}
