/** The sources of a NIC, and their problems. */
import { KvmnetError } from '../../errors.ts';
import { suggestion } from '../../values/nearest.ts';
import type { DomainState, NetworkState, State } from '../../state/state.ts';
import type { Link } from '../../records/link.ts';
import { requireShared } from '../host/port-check.ts';
import { isOpenVswitch, kindOf, nicsOf } from '../../state/network-kind.ts';
import { lostBridge } from '../steps/network-start.ts';
import { show } from '../../values/invalid.ts';
import { quoted } from '../../values/quoted.ts';

/** A network of libvirt's, a bridge of the host, or a NIC of the host (macvtap). */
export type NicSource =
  | { readonly type: 'network'; readonly name: string; readonly network: NetworkState }
  | { readonly type: 'bridge'; readonly name: string; readonly openVswitch: boolean }
  | { readonly type: 'direct'; readonly name: string };

export type SourceType = NicSource['type'];

/**
 * Finds the source that a user names: of the given type, otherwise a network, then a bridge, then a NIC of the host.
 * @throws NOTFOUND with the nearest names, AMBIGUOUS if several have the name, CONFLICT for a device that cannot be a source
 */
export function findSource(state: State, name: string, type?: SourceType): NicSource {
  const network = state.networks.find((candidate) => candidate.name === name);
  const link = state.host?.links.find((candidate) => candidate.name === name);
  if (type === undefined && network && link && !leadsTo(network, name)) throw ambiguous(link);
  if (network && (type ?? 'network') === 'network') return { type: 'network', name, network };
  if (type === 'network') throw notFound(state, name, type);
  // Where the kernel is out of sight the user's word is taken.
  if (!state.host && type !== undefined) return type === 'bridge' ? { type, name, openVswitch: false } : { type, name };
  if (!link) throw notFound(state, name, type);
  if (isBridge(link) && type !== 'direct') return { type: 'bridge', name, openVswitch: link.kind === 'openvswitch' };
  if (type !== 'bridge') {
    requireEthernet(link);
    if (state.host) requireShared(name, state.host);
    return { type: 'direct', name };
  }
  const bridges = namesOf(state, 'bridge').join(', ') || 'none';
  throw new KvmnetError('CONFLICT', `${name} is not a bridge, but ${describe(link)}`, {
    hint: `bridges of this host: ${bridges}; or attach with --macvtap`,
  });
}

/** A network that is named like its own bridge or NIC is one thing with it. */
function leadsTo({ bridge, network }: NetworkState, name: string): boolean {
  return bridge === name || nicsOf(network).includes(name);
}

function ambiguous(link: Link): KvmnetError {
  const [what, flag] = isBridge(link) ? ['a bridge', '--bridge'] : ['a NIC', '--macvtap'];
  return new KvmnetError('AMBIGUOUS', `${link.name} is a network, and ${what} of the host`, {
    hint: `use --network or ${flag}`,
  });
}

function isBridge({ kind }: Link): boolean {
  return kind === 'bridge' || kind === 'openvswitch';
}

/** macvtap and bridge ports carry Ethernet frames of other stations: wireless NICs drop them, tunnels have none. */
function requireEthernet(link: Link): void {
  if (link.wireless) {
    throw new KvmnetError('CONFLICT', `${link.name} is a wireless NIC: access points drop the frames of guests`, {
      hint: 'use a NAT or routed network: kvmnet net create --nat auto',
    });
  }
  if (link.type !== 'ether' || link.kind === 'tun' || isBridge(link)) {
    throw new KvmnetError('CONFLICT', `${link.name} is ${describe(link)}: cannot attach guests by macvtap`, {
      hint: 'name an Ethernet NIC, a VLAN device or a bond of the host',
    });
  }
  if (link.master !== undefined) {
    throw new KvmnetError('CONFLICT', `${link.name} is a port of ${link.master}, so it can carry no macvtap`, {
      hint: `attach to ${link.master} instead`,
    });
  }
}

function describe({ kind, type }: Link): string {
  if (kind !== undefined) return `a device of kind ${kind}`;
  return type === 'ether' ? 'an Ethernet NIC' : `a device of type ${type}`;
}

function namesOf(state: State, type?: SourceType): string[] {
  const links = (state.host?.links ?? []).filter(({ type: link }) => link === 'ether');
  const bridges = links.filter((link) => isBridge(link));
  if (type === 'network') return state.networks.map(({ name }) => name);
  if (type === 'bridge') return bridges.map(({ name }) => name);
  if (type === 'direct') {
    const nics = links.filter((link) => !isBridge(link) && link.kind !== 'tun' && link.master === undefined);
    return nics.map(({ name }) => name);
  }
  return [...namesOf(state, 'network'), ...namesOf(state, 'bridge'), ...namesOf(state, 'direct')];
}

const words: Readonly<Record<SourceType, string>> = { network: 'network', bridge: 'bridge', direct: 'NIC of the host' };

function notFound(state: State, name: string, type: SourceType | undefined): KvmnetError {
  const what = type === undefined ? 'network, bridge or NIC of the host' : words[type];
  const names = namesOf(state, type);
  const none = type === undefined || type === 'network' ? 'kvmnet net create makes a network' : 'this host has none';
  const known = names.length > 0 ? `available: ${names.map(quoted).join(', ')}` : none;
  const hidden =
    state.host || type !== undefined ? '' : '; cannot look up bridges and NICs here: use --bridge or --macvtap';
  return new KvmnetError('NOTFOUND', `no ${what} ${show(name)}`, { hint: suggestion(name, names, known) + hidden });
}

/**
 * Describes the bridge or NIC that a network needs and the host lacks: libvirt starts networks without it, and fails when a guest is
 * attached. Undefined if nothing is missing, or the kernel cannot be read.
 */
export function missingDevice({ network, bridge }: NetworkState, { host }: State): string | undefined {
  if (!host) return undefined;
  const kind = kindOf(network);
  const has = (name: string): boolean => host.links.some((link) => link.name === name);
  if (kind === 'bridge') return bridge === undefined || has(bridge) ? undefined : `bridge ${bridge}`;
  const nics = kind === 'macvtap' ? nicsOf(network) : [];
  return nics.length === 0 || nics.some(has) ? undefined : `NIC ${nics.join(' or ')}`;
}

/**
 * Returns warnings about attaching a NIC there: an inactive network that is not started, and a network whose device is missing.
 * @throws NOTFOUND for the second if the guest runs, and for an active network that has lost its bridge
 */
export function sourceWarnings(source: NicSource, domain: DomainState, live: boolean, state: State): string[] {
  if (source.type !== 'network') return [];
  const { name, active } = source.network;
  const lost = lostBridge(source.network, state);
  if (live && lost !== undefined) throw bridgeGone(source.network, lost);
  const missing = missingDevice(source.network, state);
  if (live && missing !== undefined) {
    throw new KvmnetError('NOTFOUND', `network ${name} needs ${missing} of the host, which does not exist`, {
      hint: `make it, or give the network another one: kvmnet net xml ${quoted(name)} --inactive, and kvmnet net define`,
    });
  }
  return [
    ...(active || live ? [] : [`network ${name} is not active: ${domain.name} will not start until it is`]),
    ...(missing === undefined
      ? []
      : [`network ${name} needs ${missing} of the host: ${domain.name} will not start without`]),
    ...(lost === undefined
      ? []
      : [
          `network ${name} has lost its bridge ${lost}: ${domain.name} will not start until kvmnet net heal ${quoted(name)}`,
        ]),
  ];
}

/** For an active network whose bridge was deleted: no NIC can be attached to it. */
export function bridgeGone({ name }: NetworkState, bridge: string): KvmnetError {
  return new KvmnetError('NOTFOUND', `network ${name} has lost its bridge ${bridge}`, {
    hint: `kvmnet net heal ${quoted(name)} repairs it`,
  });
}

/** True where the frames go through an Open vSwitch bridge, which has VLAN tags. */
export function isOpenVswitchSource(source: NicSource): boolean {
  if (source.type === 'network') return isOpenVswitch(source.network.network);
  return source.type === 'bridge' && source.openVswitch;
}

/** True where guests sit on a NIC of the host, by a macvtap of their own or by the device itself. */
export function isMacvtap(source: NicSource): boolean {
  return source.type === 'direct' || (source.type === 'network' && source.network.bridge === undefined);
}

/** True where the frames go through a Linux bridge, to which port isolation applies. */
export function isLinuxBridge(source: NicSource): boolean {
  return !isMacvtap(source) && !isOpenVswitchSource(source);
}
