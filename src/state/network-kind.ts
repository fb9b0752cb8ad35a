import type { Network } from '../xml/network.ts';

/** The function of a network: the KIND of `net create`, derived from libvirt's forward mode. */
export type NetworkKind = 'nat' | 'route' | 'open' | 'isolated' | 'bridge' | 'macvtap' | 'hostdev';

/** The kinds for which libvirt makes a bridge of its own, with an address, DHCP and DNS. */
export type VirtualKind = 'nat' | 'route' | 'open' | 'isolated';

/**
 * The kind of a network, by libvirt's reading of `<forward>`: none is isolated, one without a mode is NAT, mode `bridge` is a host
 * bridge or, with NICs in place of one, macvtap. Undefined: a mode that kvmnet does not know.
 */
export function kindOf(network: Network): NetworkKind | undefined {
  const { forward, bridge } = network;
  if (forward === undefined) return 'isolated';
  switch (forward.mode) {
    case undefined:
    case 'nat':
      return 'nat';
    case 'route':
      return 'route';
    case 'open':
      return 'open';
    case 'hostdev':
      return 'hostdev';
    case 'private':
    case 'vepa':
    case 'passthrough':
      return 'macvtap';
    case 'bridge':
      return bridge?.name === undefined && nicsOf(network).length > 0 ? 'macvtap' : 'bridge';
    default:
      return undefined;
  }
}

/** Whether libvirt makes a bridge of its own for such networks. */
export function isVirtual(kind: NetworkKind | undefined): kind is VirtualKind {
  return kind === 'nat' || kind === 'route' || kind === 'open' || kind === 'isolated';
}

/** The NICs of the host that `<forward>` names: `dev`, then the pool, each once. */
export function nicsOf({ forward }: Network): readonly string[] {
  const pool = forward?.interfaces.map(({ dev }) => dev) ?? [];
  return [...new Set([forward?.dev, ...pool])].filter((dev) => dev !== undefined);
}

/** Whether the network's guests are ports of an Open vSwitch bridge. */
export function isOpenVswitch(network: Pick<Network, 'virtualport'>): boolean {
  return network.virtualport?.type === 'openvswitch';
}
