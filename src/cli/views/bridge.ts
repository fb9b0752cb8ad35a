/** Bridges of the host as people and programs see them. */
import { managerOf } from '../../state/owners.ts';
import { linkUses, type LinkUser } from '../../plan/host/link-users.ts';
import { cidr } from '../../plan/host/wanted.ts';
import { formatDuration } from '../../values/duration.ts';
import type { Link, PortVlan } from '../../records/link.ts';
import { naturalOrder } from '../../values/natural.ts';
import type { State } from '../../state/state.ts';
import type { Column } from '../command.ts';
import { domainsOf, fewOf, userText } from './link.ts';
import { factLines } from './network.ts';

/** Fields as in `--json`; times are seconds. */
export interface BridgeSummary {
  readonly name: string;
  readonly up: boolean;
  /** Guests' taps come last. */
  readonly ports: readonly PortSummary[];
  readonly stp: boolean;
  readonly forwardDelay: number;
  readonly helloTime: number;
  readonly maxAge: number;
  readonly ageingTime: number;
  readonly priority: number;
  readonly vlanFiltering: boolean;
  readonly id: string;
  readonly root: string;
  readonly rootPathCost: number;
  readonly mac: string | undefined;
  readonly mtu: number;
  readonly addresses: readonly string[];
  /** NICs of guests that are attached, or will be at the next boot. */
  readonly nics: readonly LinkUser[];
  readonly networks: readonly string[];
  /** Its owner by its name, where that is not the administrator: `libvirt`, `Docker`, … */
  readonly manager: string | undefined;
}

export interface PortSummary {
  readonly name: string;
  readonly up: boolean;
  /** `forwarding`, `blocking`, `learning`, `listening` or `disabled`. */
  readonly state: string;
  readonly cost: number;
  readonly isolated: boolean;
  readonly hairpin: boolean;
  readonly domain: string | undefined;
  readonly vlans: readonly PortVlan[];
}

export function summarizeBridges(state: State): readonly BridgeSummary[] {
  const links = state.host?.links ?? [];
  const usesOf = linkUses(state);
  const ports = new Map<string, Link[]>();
  for (const link of links) {
    if (link.master === undefined) continue;
    const others = ports.get(link.master);
    if (others) others.push(link);
    else ports.set(link.master, [link]);
  }
  const sorted = [...links].sort((left, right) => naturalOrder(left.name, right.name));
  return sorted.flatMap((link) => {
    const { name, up, bridge, mac, mtu, addresses } = link;
    if (!bridge) return [];
    const { nics, networks } = usesOf(name);
    const owners = new Map(nics.map((nic) => [nic.interface, nic.domain]));
    const { stp, forwardDelay, helloTime, maxAge, ageingTime, priority, vlanFiltering, id, root, rootPathCost } =
      bridge;
    return [
      {
        ...{
          name,
          up,
          stp,
          forwardDelay,
          helloTime,
          maxAge,
          ageingTime,
          priority,
          vlanFiltering,
          id,
          root,
          rootPathCost,
          mac,
          mtu,
        },
        ports: (ports.get(name) ?? [])
          .map((port) => summarizePort(port, owners.get(port.name), vlanFiltering))
          .sort(
            (left, right) =>
              Number(left.domain !== undefined) - Number(right.domain !== undefined) ||
              naturalOrder(left.name, right.name),
          ),
        addresses: addresses.filter(({ family, scope }) => family === 'ipv4' || scope !== 'link').map(cidr),
        nics,
        networks,
        manager: managerOf(name),
      },
    ];
  });
}

function summarizePort(
  { name, up, port, vlans: all = [] }: Link,
  domain: string | undefined,
  isFiltered: boolean,
): PortSummary {
  const vlans = isFiltered ? all : [];
  const { state = 'unknown', cost = 0, isolated = false, hairpin = false } = port ?? {};
  return { name, up, state, cost, isolated, hairpin, domain, vlans };
}

export const noBridges = 'no bridges; create one: kvmnet bridge create br0';

export function bridgeColumns(forPeople: boolean): readonly Column<BridgeSummary>[] {
  const few = (names: readonly string[]): string => fewOf(names, forPeople);
  return [
    { heading: 'Bridge', cell: ({ name }) => name },
    { heading: 'State', cell: ({ up }) => (up ? 'up' : 'down'), tone: ({ up }) => (up ? undefined : 'bad') },
    { heading: 'Ports', cell: ({ ports }) => few(ports.map(({ name }) => name)) },
    { heading: 'STP', cell: ({ stp }) => (stp ? 'on' : 'off'), isSpare: true },
    { heading: 'MAC', cell: ({ mac }) => mac, isSpare: true },
    { heading: 'Address', cell: ({ addresses }) => few(addresses) },
    { heading: 'VMs', cell: ({ nics }) => few(domainsOf(nics)) },
    { heading: 'Network', cell: ({ networks }) => few(networks), isSpare: true },
  ];
}

export function bridgeText(bridge: BridgeSummary): string {
  const { stp, forwardDelay, helloTime, maxAge, priority } = bridge;
  const times = `forward delay ${seconds(forwardDelay)}, hello time ${seconds(helloTime)}, max age ${seconds(maxAge)}, priority ${String(priority)}`;
  return factLines([
    ['Bridge', bridge.name],
    ['State', bridge.up ? 'up' : 'down'],
    ['Managed by', bridge.manager],
    ['MAC', bridge.mac],
    ['MTU', String(bridge.mtu)],
    ['Address', bridge.addresses.join(' ')],
    ['STP', `${stp ? 'on' : 'off'}: ${times}`],
    ['Root', stp ? rootText(bridge) : undefined],
    ['Forgets', `a MAC address after ${formatDuration(bridge.ageingTime)}`],
    ['VLANs', bridge.vlanFiltering ? 'filtered by port' : 'not filtered'],
    ...bridge.networks.map((network) => ['Network', network] as const),
    ...bridge.ports.map((port) => ['Port', portText(port)] as const),
    ...bridge.nics.map((nic) => ['Guest', userText(nic)] as const),
  ]);
}

function rootText({ id, root, rootPathCost }: BridgeSummary): string {
  return id === root ? 'this bridge' : `${root}, at a cost of ${String(rootPathCost)}`;
}

function portText({ name, up, state, cost, isolated, hairpin, domain, vlans }: PortSummary): string {
  const facts = [
    up ? state : 'down',
    `cost ${String(cost)}`,
    ...(isolated ? ['isolated'] : []),
    ...(hairpin ? ['hairpin'] : []),
    ...(domain === undefined ? [] : [`of ${domain}`]),
    ...(vlans.length === 0 ? [] : [`VLANs ${vlans.map(vlanText).join(' ')}`]),
  ];
  return `${name}: ${facts.join(', ')}`;
}

/** `20`, or `10 (pvid, untagged)`. */
function vlanText({ id, pvid, untagged }: PortVlan): string {
  const words = [...(pvid ? ['pvid'] : []), ...(untagged ? ['untagged'] : [])];
  return words.length === 0 ? String(id) : `${String(id)} (${words.join(', ')})`;
}

function seconds(value: number): string {
  return `${String(value)} s`;
}
