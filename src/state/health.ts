/** Finds problems that libvirt's "active" hides, in networks and their guests, from libvirt, the kernel and the processes. */
import { sameNetwork } from '../xml/meaning.ts';
import type { Interface } from '../xml/interface.ts';
import { parseNetwork, type Network } from '../xml/network.ts';
import { bridgeMadeFor, foreignPorts, isIn, tapOf } from './membership.ts';
import type { DomainState, NetworkState, State } from './state.ts';

/** Facts in addition to the State; undefined ones were not read, or cannot be read. */
export interface HealthFacts {
  /** The UUIDs of the ports that networks have, by the networks' UUIDs. */
  readonly ports?: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  /** The dnsmasq processes of libvirt's, by the network that their configuration file names. */
  readonly dnsmasq?: readonly { readonly name: string; readonly pid: number }[] | undefined;
  readonly rules?: RuleFacts | undefined;
  /** libvirt's own files of definitions. */
  readonly files?: readonly DefinitionOnDisk[] | undefined;
}

export interface DefinitionOnDisk {
  readonly name: string;
  readonly xml: string;
  readonly autostart: boolean;
}

/** libvirt's firewall rules, counted by network. */
export interface RuleFacts {
  /** libvirt's chains that are missing, or that nothing jumps into: only a start of the daemon makes them. */
  readonly broken: readonly string[];
  /** By the networks' UUIDs. */
  readonly counts: ReadonlyMap<string, RuleCounts>;
}

export interface RuleCounts {
  readonly all: number;
  /** True where each chain that forwards has some. */
  readonly forwards: boolean;
  /** The rules that translate addresses; undefined if they were not read. */
  readonly nat: number | undefined;
  /** The rules that repeat an earlier one. */
  readonly doubles: number;
}

export type NetworkProblem =
  | { readonly kind: 'bridge'; readonly says: string }
  | { readonly kind: 'dnsmasq'; readonly says: string }
  | { readonly kind: 'chains'; readonly says: string }
  | { readonly kind: 'rules'; readonly says: string }
  | { readonly kind: 'doubles'; readonly says: string }
  | { readonly kind: 'cut'; readonly says: string; readonly guests: readonly CutGuest[] }
  | {
      readonly kind: 'leftovers';
      readonly says: string;
      readonly bridge: boolean;
      readonly dnsmasq: boolean;
      readonly rules: boolean;
      readonly foreign: readonly string[];
    }
  | { readonly kind: 'undefined'; readonly says: string; readonly xml: string; readonly autostart: boolean }
  | { readonly kind: 'unsaved'; readonly says: string };

/** A NIC of a running guest that is not attached where libvirt reports it. */
export interface CutGuest {
  readonly domain: DomainState;
  readonly nic: Interface;
  readonly says: string;
}

/** All that is wrong with a network; what was not looked at is not found. */
export function networkProblems(network: NetworkState, state: State, facts: HealthFacts): readonly NetworkProblem[] {
  const found = network.active ? ofActive(network, state, facts) : leftoversOf(network, state, facts);
  return [...found, ...ofFiles(network, facts)];
}

function ofActive(network: NetworkState, state: State, facts: HealthFacts): readonly NetworkProblem[] {
  const bridge = bridgeMadeFor(network);
  if (bridge === undefined) return [];
  const links = state.host?.links;
  const isGone = links !== undefined && !links.some(({ name }) => name === bridge);
  const guests = isGone ? [] : cutGuests(network, state, facts);
  const names = [...new Set(guests.map(({ domain }) => domain.name))].join(', ');
  const count = guests.length === 1 ? '1 NIC is' : `${String(guests.length)} NICs are`;
  return [
    ...(isGone ? [{ kind: 'bridge', says: `its bridge ${bridge} is gone` } as const] : []),
    ...(guests.length > 0 ? [{ kind: 'cut', says: `${count} cut off: ${names}`, guests } as const] : []),
    ...dnsmasqOf(network, facts),
    ...rulesOf(network, facts),
  ];
}

/** The NICs of running guests that name an active network, and have lost its bridge or their port. */
export function cutGuests(
  network: NetworkState,
  { domains, host }: State,
  { ports }: HealthFacts,
): readonly CutGuest[] {
  const bridge = bridgeMadeFor(network);
  if (bridge === undefined || !network.active) return [];
  const known = ports?.get(network.uuid);
  return domains
    .filter(({ active }) => active)
    .flatMap((domain) =>
      domain.domain.interfaces.filter(isIn(network, host)).flatMap((nic): readonly CutGuest[] => {
        const { source, mac } = nic;
        if (mac?.address === undefined) return [];
        const tap = tapOf(nic, host);
        if (tap !== undefined && tap.master !== bridge) return [{ domain, nic, says: `lost its bridge ${bridge}` }];
        const hasPort = known === undefined || source?.portid === undefined || known.has(source.portid);
        return hasPort ? [] : [{ domain, nic, says: `has no port in network ${network.name} any more` }];
      }),
    );
}

function dnsmasqOf(network: NetworkState, { dnsmasq }: HealthFacts): readonly NetworkProblem[] {
  if (dnsmasq === undefined || !needsDnsmasq(network.network)) return [];
  if (dnsmasq.some(({ name }) => name === network.name)) return [];
  return [{ kind: 'dnsmasq', says: 'its dnsmasq has died: no DHCP, no DNS' }];
}

function rulesOf({ uuid, network }: NetworkState, { rules }: HealthFacts): readonly NetworkProblem[] {
  if (rules === undefined || network.forward?.mode === 'open') return [];
  if (rules.broken.length > 0) {
    const says = "libvirt's own firewall chains are gone: only a restart of its daemon brings them back";
    return [{ kind: 'chains', says }];
  }
  const { forwards, nat, doubles } = rules.counts.get(uuid) ?? { forwards: false, nat: 0, doubles: 0 };
  if (!forwards) return [{ kind: 'rules', says: 'its firewall rules are gone' }];
  const translates = kindIsNat(network) && network.ips.some(({ family }) => family !== 'ipv6');
  if (translates && nat === 0)
    return [{ kind: 'rules', says: 'its NAT rules are missing: guests cannot reach other networks' }];
  return doubles > 0 ? [{ kind: 'doubles', says: `${String(doubles)} of its firewall rules stand twice` }] : [];
}

/** Bridge, dnsmasq or rules of a network that is not active: a daemon was killed, lost its status file, or a hook failed. */
function leftoversOf(
  network: NetworkState,
  state: State,
  { dnsmasq = [], rules }: HealthFacts,
): readonly NetworkProblem[] {
  const bridge = bridgeMadeFor(network);
  if (bridge === undefined) return [];
  const links = state.host?.links ?? [];
  const isBridge = links.some(({ name, kind, mac }) => name === bridge && kind === 'bridge' && mac === macOf(network));
  const left = {
    bridge: isBridge,
    dnsmasq: dnsmasq.some(({ name }) => name === network.name),
    rules: hasRules(rules?.counts.get(network.uuid)),
  };
  const what = [
    ...(left.bridge ? [`bridge ${bridge}`] : []),
    ...(left.dnsmasq ? ['dnsmasq'] : []),
    ...(left.rules ? ['firewall rules'] : []),
  ];
  if (what.length === 0) return [];
  const foreign = isBridge ? foreignPorts(state, network) : [];
  return [{ kind: 'leftovers', says: `not active, but still there: its ${what.join(', ')}`, ...left, foreign }];
}

/** Definitions that libvirt has in memory but not on disk, or vice versa: the disk was full when they were defined. */
function ofFiles(network: NetworkState, { files }: HealthFacts): readonly NetworkProblem[] {
  const file = files?.find(({ name }) => name === network.name);
  if (file === undefined) return [];
  const saved = readable(file);
  if (saved === undefined) {
    const says = 'its definition on disk is damaged: it would be gone after a restart of the daemon';
    return network.persistent ? [{ kind: 'unsaved', says }] : [];
  }
  if (saved.uuid?.toLowerCase() !== network.uuid.toLowerCase()) return [];
  if (!network.persistent) {
    const says = 'libvirt has lost its configuration, and it would be gone when it stops; it is still on disk';
    return [{ kind: 'undefined', says, xml: file.xml, autostart: file.autostart }];
  }
  const unsaved = network.inactive !== undefined && !sameNetwork(saved, network.inactive);
  return unsaved
    ? [{ kind: 'unsaved', says: 'its configuration is not saved: a restart of the daemon would change it' }]
    : [];
}

/** Undefined for what libvirt itself skips at its start. */
function readable({ xml }: DefinitionOnDisk): Network | undefined {
  try {
    return parseNetwork(xml);
  } catch {
    return undefined;
  }
}

/** Definitions on disk of networks that libvirt does not know any more. */
export function forgotten(
  { networks }: Pick<State, 'networks'>,
  { files = [] }: HealthFacts,
): readonly DefinitionOnDisk[] {
  return files.filter((file) => !networks.some(({ name }) => name === file.name) && readable(file) !== undefined);
}

function kindIsNat({ forward }: Network): boolean {
  return forward !== undefined && (forward.mode ?? 'nat') === 'nat';
}

function hasRules(counts: RuleCounts | undefined): boolean {
  return counts !== undefined && counts.all > 0;
}

function macOf({ inactive, network }: NetworkState): string | undefined {
  return (inactive ?? network).mac?.address?.toLowerCase();
}

/** libvirt starts dnsmasq for every network with an address, unless both of its services are off. */
function needsDnsmasq({ ips, dns }: Network): boolean {
  const serves = ips.some(({ dhcp }) => (dhcp?.ranges.length ?? 0) + (dhcp?.hosts.length ?? 0) > 0);
  return ips.length > 0 && (dns?.enable !== false || serves);
}
