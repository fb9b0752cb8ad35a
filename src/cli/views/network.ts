/** A network as people and programs see it in reports. */
import { addressesOf } from '../../state/network-address.ts';
import { kindOf, nicsOf } from '../../state/network-kind.ts';
import { formatIp } from '../../values/address.ts';
import { formatSubnet } from '../../values/subnet.ts';
import type { NetworkProblem } from '../../state/health.ts';
import type { NetworkState, State, Unreadable } from '../../state/state.ts';
import type { Network } from '../../xml/network.ts';
import type { Column } from '../command.ts';

/** The facts of a network that lists show; fields as in `--json`. */
export interface NetworkSummary {
  readonly name: string;
  readonly uuid: string;
  readonly active: boolean;
  readonly persistent: boolean;
  readonly autostart: boolean;
  /** nat, route, open, isolated, bridge, macvtap or hostdev; undefined for a mode that kvmnet does not know. */
  readonly kind: string | undefined;
  readonly bridge: string | undefined;
  /** The NICs of the host that macvtap, hostdev and `forward dev` name. */
  readonly devices: readonly string[];
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
  /** DHCP ranges, `start - end`. */
  readonly dhcp: readonly string[];
  readonly domain: string | undefined;
  readonly title: string | undefined;
  /** Describes the problems that "active" hides: a missing bridge, guests that are cut off, a dead dnsmasq. */
  readonly problems: readonly string[];
}

/** The facts from its definition. */
export function factsOf(network: Network) {
  const pf = network.forward?.pf?.dev;
  const addresses = addressesOf(network);
  return {
    kind: kindOf(network),
    devices: [...new Set([...nicsOf(network), ...(pf === undefined ? [] : [pf])])],
    subnets: addresses.map(({ subnet }) => formatSubnet(subnet)),
    gateways: addresses.map(({ ip }) => formatIp(ip)),
    dhcp: network.ips.flatMap(({ dhcp }) => (dhcp?.ranges ?? []).map(({ start, end }) => `${start} - ${end}`)),
    domain: network.domain?.name,
    title: network.title,
  };
}

/** The chosen values of a created network, for programs. */
export function chosenFacts(network: Network) {
  const { title: _title, ...facts } = factsOf(network);
  return { ...facts, bridge: network.bridge?.name, mac: network.mac?.address, mtu: network.mtu?.size };
}

/** `problems`: problems other than a missing bridge. */
export function summarizeNetwork(
  state: NetworkState,
  host: State['host'],
  problems: readonly NetworkProblem[] = [],
): NetworkSummary {
  const { name, uuid, active, persistent, autostart, bridge, network } = state;
  const { kind, ...facts } = factsOf(network);
  return {
    ...{ name, uuid, active, persistent, autostart, kind, bridge, ...facts },
    problems: problems.length > 0 ? problems.map(({ says }) => says) : problemsOf(state, host),
  };
}

/** A network whose definition cannot be read. */
export function summarizeUnreadable({
  name,
  uuid,
  active,
  persistent,
  autostart,
  problem,
}: Unreadable): NetworkSummary {
  return {
    ...{ name, uuid, active, persistent, autostart },
    ...{ kind: undefined, bridge: undefined, domain: undefined, title: undefined },
    ...{ devices: [], subnets: [], gateways: [], dhcp: [] },
    problems: [`its definition cannot be read: ${problem}`],
  };
}

/** "Active" stays even if the bridge is deleted. */
function problemsOf({ active, bridge }: NetworkState, host: State['host']): string[] {
  if (!active || bridge === undefined || !host) return [];
  return host.links.some(({ name }) => name === bridge) ? [] : [`its bridge ${bridge} is gone`];
}

export const networkColumns: readonly Column<NetworkSummary>[] = [
  { heading: 'Name', cell: ({ name }) => name },
  {
    heading: 'State',
    cell: ({ active, problems }) => (problems.length > 0 ? 'broken' : active ? 'active' : 'inactive'),
    tone: ({ active, problems }) => (problems.length > 0 ? 'bad' : active ? 'good' : undefined),
  },
  { heading: 'Autostart', cell: ({ autostart }) => autostart, isSpare: true },
  { heading: 'Persistent', cell: ({ persistent }) => persistent, isSpare: true },
  { heading: 'Kind', cell: ({ kind }) => kind },
  { heading: 'Bridge', cell: ({ bridge, devices }) => bridge ?? (devices.join(' ') || undefined) },
  { heading: 'Subnet', cell: ({ subnets }) => subnets.join(' ') },
  { heading: 'DHCP', cell: ({ dhcp }) => dhcp.join(', '), isSpare: true },
  { heading: 'Problem', cell: ({ problems }) => problems.join('; '), tone: () => 'bad' },
];

export const noNetworks = 'no networks; create one: kvmnet net create --nat auto';

/** Two columns of text: what it is, and its value; lines without a value are left out. */
export function factLines(facts: readonly (readonly [string, string | undefined])[]): string {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined && fact[1] !== '');
  const width = Math.max(...known.map(([name]) => name.length)) + 2;
  return known.map(([name, value]) => `${name.padEnd(width)}${value}`).join('\n');
}
