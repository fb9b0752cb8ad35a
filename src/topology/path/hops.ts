/** The hops of a path, made from the places that its frames come to. */
import type { Link } from '../../records/link.ts';
import { formatIp } from '../../values/address.ts';
import type { Endpoint, Station } from './endpoints.ts';
import type { Place, PlaceKind, Spread, Step } from './frames.ts';
import { placeKey, stepsTo } from './frames.ts';
import type { Hop, HopKind } from './path.ts';

const nothing = {
  ...{ device: undefined, mtu: undefined, vlan: undefined, address: undefined, mac: undefined, problem: undefined },
} as const;

/** A hop with only what is given. */
export function hop(kind: HopKind, name: string, given: Partial<Hop> = {}): Hop {
  return { kind, name, ...nothing, ...given };
}

const kinds: Readonly<Record<string, HopKind>> = {
  ...{ bridge: 'bridge', openvswitch: 'bridge', vlan: 'vlan', bond: 'bond', team: 'bond', macvtap: 'macvtap' },
  ...{ macvlan: 'port', tun: 'tap', veth: 'port' },
};

/** The hop of a device. */
export function deviceHop(link: Link, vlan?: number, problem?: string): Hop {
  const { name, mtu, kind } = link;
  return hop(kinds[kind ?? ''] ?? 'nic', name, { device: name, mtu, vlan: vlan ?? link.vlan?.id, problem });
}

/** The hop of an end that is no device of the host. */
export function endHop(end: Endpoint): Hop {
  const [ip] = end.addresses;
  const address = ip === undefined ? undefined : formatIp(ip);
  switch (end.kind) {
    case 'guest': {
      const { nic, domain } = end.guest ?? {};
      const mtu = nic?.live?.mtu?.size ?? end.device?.mtu;
      return hop('guest', domain?.name ?? end.name, { mtu, address, mac: nic?.mac });
    }
    case 'namespace':
      return hop('namespace', end.device?.netns ?? end.name, { mtu: end.device?.mtu });
    case 'host':
      return hop('host', 'host', { address });
    case 'remote':
      return hop('outside', end.isAny ? 'outside' : end.name, end.isAny ? {} : { address });
  }
}

/** Places that are ends of their own, and add no hop of a device. */
const ends: readonly PlaceKind[] = ['guest', 'namespace', 'stack'];

/** The hops of the devices that a frame passes, each device once, up to the first fault. */
export function deviceHops(steps: readonly Step[]): readonly Hop[] {
  const hops: Hop[] = [];
  for (const { place, fault } of steps) {
    const { link } = place;
    const last = hops.at(-1);
    if (fault !== undefined) {
      const isHere = last?.device === link.name || last === undefined || ends.includes(place.kind);
      const at = isHere ? hops.pop() : undefined;
      return [...hops, { ...(at ?? hopOf(place)), problem: fault }];
    }
    if (place.kind === 'cable') hops.push(hopOf(place));
    else if (!ends.includes(place.kind) && last?.device !== link.name) hops.push(hopOf(place));
  }
  return hops;
}

function hopOf({ kind, link, tags: [vlan] }: Place): Hop {
  if (kind === 'cable') return hop('cable', `cable of ${link.name}`, { vlan });
  return deviceHop(link, vlan);
}

/** Where the frames of a station enter the host. */
export function entrance({ device }: Station): Place | undefined {
  if (device === undefined) return undefined;
  const isMacvlan = device.macvlan !== undefined;
  return { kind: isMacvlan ? 'sent' : 'received', link: device, tags: [] };
}

/** The way of a frame to the end of a station's device; undefined: it never comes there. */
export function stepTo({ device, kind }: Station, reached: Spread): Step | undefined {
  if (device === undefined) return undefined;
  return reached.get(placeKey({ kind, link: device, tags: [] }));
}

/** The steps of a kind, those with the fewest faults first. */
export function stepsOfKind(kind: PlaceKind, reached: Spread): readonly Step[] {
  return [...reached.values()].filter(({ place }) => place.kind === kind).toSorted((a, b) => a.faults - b.faults);
}

/** The first fault on the way. */
export function faultOf(step: Step): string | undefined {
  return stepsTo(step).find(({ fault }) => fault !== undefined)?.fault;
}
