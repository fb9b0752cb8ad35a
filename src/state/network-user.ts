import { isIn } from './membership.ts';
import type { DomainState, NetworkState, State } from './state.ts';
import type { Interface } from '../xml/interface.ts';
import { isVirtual, kindOf } from './network-kind.ts';

/** A NIC of a domain that a network's guests' traffic goes through. */
export interface NetworkUser {
  readonly domain: DomainState;
  readonly mac: string | undefined;
  /** The NIC's device on the host, `vnet3`, while the domain runs. */
  readonly target: string | undefined;
  /** Attached now. */
  readonly live: boolean;
  /** In the domain's definition at its next start. */
  readonly config: boolean;
}

/**
 * Returns the NICs of all domains that are in a network. Where the host's links were not read, the definition of a live NIC counts. A NIC in both live and config is one user, identified by its MAC address.
 */
export function usersOf(
  { domains, host }: Pick<State, 'domains'> & Partial<Pick<State, 'host'>>,
  network: NetworkState,
): readonly NetworkUser[] {
  return domains.flatMap((domain) => {
    const live = domain.active ? domain.domain.interfaces.filter(isIn(network, host)) : [];
    const config = configOf(domain).filter(isIn(network));
    const users = live.map((nic): NetworkUser => {
      const hasConfig = config.some((other) => macOf(other) !== undefined && macOf(other) === macOf(nic));
      return { domain, mac: macOf(nic), target: nic.target?.dev, live: true, config: hasConfig };
    });
    const known = new Set(users.map(({ mac }) => mac).filter((mac) => mac !== undefined));
    const rest = config.filter((nic) => !known.has(macOf(nic) ?? ''));
    return [
      ...users,
      ...rest.map((nic) => ({ domain, mac: macOf(nic), target: undefined, live: false, config: true })),
    ];
  });
}

/** The bridge that libvirt makes when the network starts, and deletes when it stops; undefined for other kinds of networks. */
export function ownBridge({ bridge, network }: NetworkState): string | undefined {
  return isVirtual(kindOf(network)) ? (bridge ?? network.bridge?.name) : undefined;
}

function configOf({ active, domain, inactive }: DomainState): readonly Interface[] {
  return inactive?.interfaces ?? (active ? [] : domain.interfaces);
}

function macOf({ mac }: Interface): string | undefined {
  return mac?.address?.toLowerCase();
}
