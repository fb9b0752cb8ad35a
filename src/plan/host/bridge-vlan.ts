/**
 * VLANs on a bridge that filters them: the bridge itself has to be in a VLAN, or VLAN devices on it get no frames; and so has every port that the
 * VLAN is to pass. Source: bridge(8), and the kernel's net/bridge/br_vlan.c
 */
import { KvmnetError } from '../../errors.ts';
import type { Link, PortVlan } from '../../records/link.ts';
import type { HostState, State } from '../../state/state.ts';
import type { LinkVlans, Step } from '../step.ts';
import { quoted } from '../../values/quoted.ts';

/** The VLAN that a new port is in, unless vlan_default_pvid was changed. */
const defaultVlan: PortVlan = { id: 1, pvid: true, untagged: true };

/** `10-19`, `30`: sorted IDs as ranges. */
function idRanges(ids: readonly number[]): readonly string[] {
  const ranges: [number, number][] = [];
  for (const id of ids) {
    const last = ranges.at(-1);
    if (last?.[1] === id - 1) last[1] = id;
    else ranges.push([id, id]);
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${String(first)}-${String(last)}`));
}

/** `VLAN 10`, `VLANs 10-19, 30`. */
export function vlansText(ids: readonly number[]): string {
  return `${ids.length === 1 ? 'VLAN' : 'VLANs'} ${idRanges(ids).join(', ')}`;
}

/**
 * Puts a filtering bridge itself into the VLANs of the devices on it; no step where it is in all of them, or filters none.
 * @throws CONFLICT for a VLAN whose frames reach the bridge without their tag: a device on it would get none
 */
export function bridgeSelfSteps(bridge: Link, ids: readonly number[]): readonly Step[] {
  if (bridge.bridge?.vlanFiltering !== true) return [];
  const untagged = bridge.vlans?.find(({ id, untagged: isUntagged }) => isUntagged && ids.includes(id));
  if (untagged) {
    throw new KvmnetError(
      'CONFLICT',
      `VLAN ${String(untagged.id)} reaches ${bridge.name} without a tag: a VLAN device on ${bridge.name} would not receive its frames`,
      {
        hint: `use ${bridge.name} itself in VLAN ${String(untagged.id)}: kvmnet bridge create ${quoted(bridge.name)} --address CIDR`,
      },
    );
  }
  const missing = ids.filter((id) => !bridge.vlans?.some((vlan) => vlan.id === id));
  const add = missing.map((id) => ({ id, pvid: false, untagged: false }));
  return stepOf(`put ${bridge.name} itself into ${vlansText(missing)}`, bridge, { add, remove: [] });
}

/** Removes a filtering bridge itself from the VLANs whose devices are deleted. */
export function bridgeSelfEnd(bridge: Link, ids: readonly number[]): readonly Step[] {
  if (bridge.bridge?.vlanFiltering !== true) return [];
  const remove = (bridge.vlans ?? []).filter(({ id, untagged }) => !untagged && ids.includes(id)).map(({ id }) => id);
  return stepOf(`remove ${bridge.name} itself from ${vlansText(remove)}`, bridge, { add: [], remove });
}

function stepOf(title: string, bridge: Link, change: Pick<LinkVlans, 'add' | 'remove'>): readonly Step[] {
  const { add, remove } = change;
  if (add.length === 0 && remove.length === 0) return [];
  const link = { link: bridge.name, self: true } as const;
  const was = (bridge.vlans ?? []).filter(({ id }) => remove.includes(id));
  return [
    {
      title,
      do: { call: 'hostLinkVlans', ...link, ...change },
      undo: [{ call: 'hostLinkVlans', ...link, add: was, remove: add.map(({ id }) => id) }],
      verify: { expect: 'linkVlans', ...link, ...change },
    },
  ];
}

/** Returns the commands that restore the VLANs of a link that is a port again, or of a recreated bridge: the kernel only adds the default VLAN. */
export function vlansBack({ name, kind, vlans }: Link): readonly LinkVlans[] {
  if (vlans === undefined) return [];
  const remove = vlans.some(({ id }) => id === defaultVlan.id) ? [] : [defaultVlan.id];
  const isDefault = remove.length === 0 && vlans.length === 1 && vlans[0]?.pvid === true && vlans[0].untagged;
  return isDefault ? [] : [{ link: name, self: kind === 'bridge', add: vlans, remove }];
}

/** Returns the effect of filtering on the VLAN devices of a bridge: without further changes they get no frames from then on. */
export function filteringOn(
  bridge: Link,
  state: State,
): { readonly steps: readonly Step[]; readonly warnings: readonly string[] } {
  if (!state.host || !bridge.bridge) return { steps: [], warnings: [] };
  const ids = vlansOnBridge(bridge, state.host);
  const filtering = { ...bridge, bridge: { ...bridge.bridge, vlanFiltering: true } };
  return { steps: bridgeSelfSteps(filtering, ids), warnings: absentPorts(bridge, ids, state) };
}

/** The VLANs that a filtering bridge's own VLAN devices are for. */
function vlansOnBridge(bridge: Link, { links }: HostState): readonly number[] {
  const ids = links.flatMap(({ vlan, parent }) => (vlan && parent === bridge.name ? [vlan.id] : []));
  return [...new Set(ids)].sort((left, right) => left - right);
}

/** A port of a bridge, and the guest whose NIC it is. */
interface Port {
  readonly name: string;
  readonly vlans: readonly PortVlan[];
  readonly owner?: string | undefined;
}

/** The ports whose VLANs were read. */
function portsOf({ name: bridge }: Pick<Link, 'name'>, { domains, host }: Pick<State, 'domains' | 'host'>) {
  const taps = domains.flatMap(({ active, name, domain }) =>
    active ? domain.interfaces.map(({ target }) => [target?.dev, name] as const) : [],
  );
  const owners = new Map(taps);
  return (host?.links ?? []).flatMap(({ name, master, vlans }): readonly Port[] =>
    master === bridge && vlans !== undefined ? [{ name, vlans, owner: owners.get(name) }] : [],
  );
}

function lacking(ids: readonly number[], { vlans }: Port): readonly number[] {
  return ids.filter((id) => !vlans.some((vlan) => vlan.id === id));
}

/** Ports that are not in these VLANs of a filtering bridge: a sentence each with the command, and one for all NICs of guests. */
export function absentPorts(
  bridge: Pick<Link, 'name'>,
  ids: readonly number[],
  state: Pick<State, 'domains' | 'host'>,
): readonly string[] {
  const absent = portsOf(bridge, state).filter((port) => lacking(ids, port).length > 0);
  const guests = absent.flatMap(({ name, owner }) => (owner === undefined ? [] : [`${owner} (${name})`]));
  return [
    ...sentences(bridge, ids, absent),
    ...(guests.length === 0 ? [] : [`not in ${vlansText(ids)} of ${bridge.name}: ${fewest(guests)}`]),
  ];
}

/** The same before a guest is attached to a VLAN without a port to the outside. */
export function noWayOut(
  bridge: Pick<Link, 'name'>,
  id: number,
  state: Pick<State, 'domains' | 'host'>,
): readonly string[] {
  const uplinks = portsOf(bridge, state).filter(({ owner }) => owner === undefined);
  return uplinks.some((port) => lacking([id], port).length === 0) ? [] : sentences(bridge, [id], uplinks);
}

/** The same for links that become ports of a bridge with VLAN devices on it: the kernel puts them into the default VLAN. */
export function newPortVlans(
  bridge: Link,
  links: readonly Pick<Link, 'name' | 'master'>[],
  { host }: Pick<State, 'host'>,
): readonly string[] {
  if (!host || bridge.bridge?.vlanFiltering !== true) return [];
  const joining = links.filter(({ master }) => master !== bridge.name);
  const ports = joining.map(({ name }) => ({ name, vlans: [defaultVlan] }));
  return sentences(bridge, vlansOnBridge(bridge, host), ports);
}

/** Of the ports that do not belong to guests. */
function sentences(
  { name: bridge }: Pick<Link, 'name'>,
  ids: readonly number[],
  ports: readonly Port[],
): readonly string[] {
  return ports.flatMap((port) => {
    const missing = lacking(ids, port);
    if (port.owner !== undefined || missing.length === 0) return [];
    const commands = idRanges(missing).map((range) => `bridge vlan add dev ${port.name} vid ${range}`);
    return `${port.name} is not in ${vlansText(missing)} of ${bridge}, and passes none of its frames: ${commands.join(' && ')}`;
  });
}

function fewest(names: readonly string[]): string {
  const rest = names.length - 5;
  return `${names.slice(0, 5).join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}`;
}
