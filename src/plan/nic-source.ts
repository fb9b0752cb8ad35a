/** What a NIC can be plugged into, and what of it is wrong. */
import { KvmnetError } from '../errors.ts';
import { suggestion } from '../state/nearest.ts';
import type { Link, NetworkState, State } from '../state/state.ts';
import { isOpenVswitch } from './network-kind.ts';

/** A network of libvirt's, a bridge of the host, or a NIC of the host (macvtap). */
export type NicSource =
  | { readonly type: 'network'; readonly name: string; readonly network: NetworkState }
  | { readonly type: 'bridge'; readonly name: string; readonly openVswitch: boolean }
  | { readonly type: 'direct'; readonly name: string };

export type SourceType = NicSource['type'];

/**
 * The source that a user names: of the type that he says, else a network, then a bridge, then a NIC of the host.
 * Throws NOTFOUND with the nearest names, AMBIGUOUS when network and bridge have the name, CONFLICT for a device that cannot be one.
 */
export function findSource(state: State, name: string, type?: SourceType): NicSource {
  const network = state.networks.find((candidate) => candidate.name === name);
  const link = state.host?.links.find((candidate) => candidate.name === name);
  const isBridge = link !== undefined && bridgeKinds.includes(link.kind ?? '');
  if (type === undefined && network && isBridge && network.bridge !== name) {
    throw new KvmnetError('AMBIGUOUS', `${name} is a network and a bridge of the host`, {
      hint: 'say --network or --bridge',
    });
  }
  if (network && (type ?? 'network') === 'network') return { type: 'network', name, network };
  if (type === 'network') throw notFound(state, name, type);
  if (!state.host && type !== undefined) return type === 'bridge' ? { type, name, openVswitch: false } : { type, name };
  if (!link) throw notFound(state, name, type);
  if (type === 'bridge' && !isBridge) {
    throw new KvmnetError('CONFLICT', `${name} is not a bridge, but ${describe(link)}`, {
      hint: `bridges of this host: ${namesOf(state, 'bridge').join(', ') || 'none'}; or plug in by --macvtap ${name}`,
    });
  }
  return isBridge && type !== 'direct'
    ? { type: 'bridge', name, openVswitch: link.kind === 'openvswitch' }
    : { type: 'direct', name: requireEthernet(link).name };
}

const bridgeKinds: readonly string[] = ['bridge', 'openvswitch'];

/** macvtap and bridge ports carry Ethernet frames of other stations: wireless NICs drop them, tunnels have none. */
function requireEthernet(link: Link): Link {
  if (link.wireless) {
    throw new KvmnetError('CONFLICT', `${link.name} is a wireless NIC: access points drop the frames of guests`, {
      hint: 'use a NAT or routed network: kvmnet net create --nat auto',
    });
  }
  if (link.type !== 'ether' || link.kind === 'tun' || bridgeKinds.includes(link.kind ?? '')) {
    throw new KvmnetError('CONFLICT', `${link.name} is ${describe(link)}: guests cannot be plugged in by macvtap`, {
      hint: 'name an Ethernet NIC, a VLAN device or a bond of the host',
    });
  }
  return link;
}

function describe({ kind, type }: Link): string {
  if (kind !== undefined) return `a device of kind ${kind}`;
  return type === 'ether' ? 'an Ethernet NIC' : `a device of type ${type}`;
}

function namesOf(state: State, type?: SourceType): string[] {
  const links = (state.host?.links ?? []).filter(({ type: link }) => link === 'ether');
  const bridges = links.filter(({ kind }) => bridgeKinds.includes(kind ?? ''));
  if (type === 'network') return state.networks.map(({ name }) => name);
  if (type === 'bridge') return bridges.map(({ name }) => name);
  if (type === 'direct')
    return links.filter((link) => !bridges.includes(link) && link.kind !== 'tun').map(({ name }) => name);
  return [...namesOf(state, 'network'), ...namesOf(state, 'bridge'), ...namesOf(state, 'direct')];
}

const words: Readonly<Record<SourceType, string>> = { network: 'network', bridge: 'bridge', direct: 'NIC of the host' };

function notFound(state: State, name: string, type: SourceType | undefined): KvmnetError {
  const what = type === undefined ? 'network, bridge or NIC of the host' : words[type];
  const names = namesOf(state, type);
  return new KvmnetError('NOTFOUND', `no ${what} ${JSON.stringify(name)}`, {
    hint: suggestion(
      name,
      names,
      names.length > 0 ? `there are ${names.join(', ')}` : 'kvmnet net list shows all networks',
    ),
  });
}

/** True where the frames go through a Linux bridge, to which VLAN tags and port isolation apply. */
export function isLinuxBridge(source: NicSource): boolean {
  if (source.type !== 'network') return source.type === 'bridge' && !source.openVswitch;
  return source.network.bridge !== undefined && !isOpenVswitch(source.network.network);
}
