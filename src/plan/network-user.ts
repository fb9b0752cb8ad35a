import type { DomainState, NetworkState, State } from '../state/state.ts';
import type { Interface } from '../xml/interface.ts';
import { isVirtual, kindOf } from './network-kind.ts';

/** A NIC of a domain that a network's guests' traffic goes through. */
export interface NetworkUser {
  readonly domain: DomainState;
  readonly mac: string | undefined;
  /** The NIC's device on the host, `vnet3`, while the domain runs. */
  readonly target: string | undefined;
  /** Plugged in now. */
  readonly live: boolean;
  /** In the domain's definition at its next start. */
  readonly config: boolean;
}

/**
 * The NICs of all domains that use a network: by its name, or by naming the bridge that libvirt makes for it. A NIC that is there live and
 * in the configuration is one user; its MAC address tells.
 */
export function usersOf({ domains }: Pick<State, 'domains'>, network: NetworkState): readonly NetworkUser[] {
  const uses = usesNetwork(network);
  return domains.flatMap((domain) => {
    const live = domain.active ? domain.domain.interfaces.filter(uses) : [];
    const config = configOf(domain).filter(uses);
    const users = live.map((nic): NetworkUser => {
      const twin = config.some((other) => macOf(other) !== undefined && macOf(other) === macOf(nic));
      return { domain, mac: macOf(nic), target: nic.target?.dev, live: true, config: twin };
    });
    const known = new Set(users.map(({ mac }) => mac).filter((mac) => mac !== undefined));
    const rest = config.filter((nic) => !known.has(macOf(nic) ?? ''));
    return [
      ...users,
      ...rest.map((nic) => ({ domain, mac: macOf(nic), target: undefined, live: false, config: true })),
    ];
  });
}

/** Devices that are ports of the network's own bridge and no domain's NIC: containers, or what somebody plugged in by hand. */
export function foreignPorts(
  { host, domains }: Pick<State, 'host' | 'domains'>,
  network: NetworkState,
): readonly string[] {
  const bridge = ownBridge(network);
  if (host === undefined || bridge === undefined) return [];
  const taps = new Set(domains.flatMap(({ domain }) => domain.interfaces.map(({ target }) => target?.dev)));
  // libvirt before 6.6 made a dummy port to give the bridge its MAC address.
  const ports = host.links.filter(({ name, master }) => master === bridge && name !== `${bridge}-nic`);
  return ports.map(({ name }) => name).filter((name) => !taps.has(name));
}

/** The bridge that libvirt makes when the network starts, and deletes when it stops; undefined for other kinds of networks. */
export function ownBridge({ bridge, network }: NetworkState): string | undefined {
  return isVirtual(kindOf(network)) ? (bridge ?? network.bridge?.name) : undefined;
}

/** Whether a NIC is in a network: it names the network, or the bridge that libvirt makes for it. */
export function usesNetwork(network: NetworkState): (nic: Interface) => boolean {
  const bridge = ownBridge(network);
  return ({ source }) => source?.network === network.name || (bridge !== undefined && source?.bridge === bridge);
}

function configOf({ active, domain, inactive }: DomainState): readonly Interface[] {
  return inactive?.interfaces ?? (active ? [] : domain.interfaces);
}

function macOf({ mac }: Interface): string | undefined {
  return mac?.address?.toLowerCase();
}
