/**
 * Finds the network of a NIC: the one that its definition names. libvirt and the kernel reuse the names of deleted bridges and taps for
 * others, so that the name of a bridge does not identify the network of its guests.
 */
import type { Interface } from '../xml/interface.ts';
import type { DomainState, HostState, NetworkState, State } from './state.ts';
import type { Link } from '../records/link.ts';
import { quoted } from '../values/quoted.ts';

/** The bridge that libvirt makes for a network; undefined where it uses one of the host, or none. */
export function bridgeMadeFor({ network, bridge }: Pick<NetworkState, 'network' | 'bridge'>): string | undefined {
  const mode = network.forward === undefined ? 'isolated' : (network.forward.mode ?? 'nat');
  return ['isolated', 'nat', 'route', 'open'].includes(mode) ? (bridge ?? network.bridge?.name) : undefined;
}

/**
 * The device of a running guest's NIC on the host; undefined where it is gone. libvirt's tap has the MAC address of its NIC but for the first
 * byte: a tap of the same name with another address is another NIC's.
 */
export function tapOf({ target, mac }: Interface, host: HostState | undefined): Link | undefined {
  const link = host?.links.find(({ name }) => name === target?.dev);
  const isAnothers =
    link?.kind === 'tun' &&
    link.mac !== undefined &&
    mac?.address !== undefined &&
    link.mac.slice(3).toLowerCase() !== mac.address.slice(3).toLowerCase();
  return isAnothers ? undefined : link;
}

/**
 * Whether a NIC is in a network. A NIC that names a bridge is in the network while its tap is a port of the bridge that libvirt made for that.
 * @param host for live NICs; without it the NIC's word is taken
 */
export function isIn(network: NetworkState, host?: HostState): (nic: Interface) => boolean {
  const bridge = bridgeMadeFor(network);
  return (nic) => {
    const { source } = nic;
    if (source?.network !== undefined) return source.network === network.name;
    if (bridge === undefined || source?.bridge !== bridge) return false;
    return host === undefined || tapOf(nic, host)?.master === bridge;
  };
}

/**
 * Ports of the network's own bridge that are not NICs of its running guests: containers, ports added manually, and
 * guests that are in another network.
 */
export function foreignPorts(
  { host, domains }: Pick<State, 'host' | 'domains'>,
  network: NetworkState,
): readonly string[] {
  const bridge = bridgeMadeFor(network);
  if (host === undefined || bridge === undefined) return [];
  const nics = domains.filter(({ active }) => active).flatMap(({ domain }) => domain.interfaces);
  const taps = new Set(nics.filter(isIn(network, host)).map((nic) => tapOf(nic, host)?.name));
  // libvirt before 6.6 made a dummy port to give the bridge its MAC address.
  const ports = host.links.filter(({ name, master }) => master === bridge && name !== `${bridge}-nic`);
  return ports.map(({ name }) => name).filter((name) => !taps.has(name));
}

/**
 * The network in which guests wait while theirs restarts, and the beginning of its name if another network has this one.
 * An earlier version may have left one on a host, so the name stays.
 */
export const waitingNetwork = 'kvmnet-refuge';

/** A running guest's NIC that is cut off, and that no repair of a network reconnects. */
export interface StrandedNic {
  readonly domain: DomainState;
  readonly nic: Interface;
  /** The network that it names; undefined for a NIC that names a bridge. */
  readonly network: string | undefined;
  /** `its network net-a does not exist`. */
  readonly says: string;
  /** The command that reattaches it. */
  readonly remedy: string;
}

/** `VM1: NIC 52:54:00:… (vnet3) is cut off: its network net-a does not exist`. */
export function strandedText({ domain, nic, says }: StrandedNic): string {
  return `${nicText(domain, nic)} is cut off: ${says}`;
}

/** The NICs of running guests whose network does not exist or is not active, and the NICs that name a network's bridge and have lost it. */
export function strandedNics(state: State): readonly StrandedNic[] {
  if (state.connection.hypervisor === 'TEST') return [];
  return state.domains
    .filter(({ active }) => active)
    .flatMap((domain) =>
      domain.domain.interfaces.flatMap((nic): readonly StrandedNic[] => {
        const reason = waitingReason(nic) ?? reasonOf(nic, state);
        if (reason === undefined) return [];
        const { says, first } = reason;
        const home = says === waiting ? homeOf(nic, domain) : undefined;
        const move = `kvmnet vm move ${quoted(domain.name)} ${quoted(nic.mac?.address ?? 'NIC')} ${quoted(home ?? 'NETWORK')}`;
        const remedy = first === undefined ? move : `${first}; or ${move}`;
        return [{ domain, nic, network: nic.source?.network, says, remedy }];
      }),
    );
}

interface Reason {
  readonly says: string;
  /** A remedy other than moving the NIC. */
  readonly first?: string;
}

const waiting = 'an interrupted run of kvmnet left it in the network in which guests wait';

/** A NIC that was never connected again, while its network restarted. */
function waitingReason({ source }: Interface): Reason | undefined {
  return source?.network !== undefined && isWaitingNetwork(source.network) ? { says: waiting } : undefined;
}

/** True for the name of a network in which guests wait. */
export function isWaitingNetwork(name: string): boolean {
  return name.startsWith(waitingNetwork) && /^\d*$/.test(name.slice(waitingNetwork.length));
}

/** True for a network in which guests waited, that a run left, and that no running guest is in any more. */
export function isLeftEmpty({ name, active, persistent }: NetworkState, { domains }: Pick<State, 'domains'>): boolean {
  if (!active || persistent || !isWaitingNetwork(name)) return false;
  const nics = domains.filter((domain) => domain.active).flatMap(({ domain }) => domain.interfaces);
  return nics.every(({ source }) => source?.network !== name);
}

/** The network that a NIC is in at the next boot. */
function homeOf({ mac }: Interface, { inactive }: DomainState): string | undefined {
  const same = inactive?.interfaces.filter((nic) => nic.mac?.address === mac?.address) ?? [];
  const name = same.length === 1 ? same[0]?.source?.network : undefined;
  return name !== undefined && isWaitingNetwork(name) ? undefined : name;
}

/** A NIC on a bridge or NIC of the host stays connected when its network goes. */
function reasonOf(nic: Interface, { networks, host }: State): Reason | undefined {
  const isBridged = nic.type === 'network' || nic.type === 'bridge';
  if (!isBridged || tapOf(nic, host)?.master !== undefined) return undefined;
  const { network: name, bridge } = nic.source ?? {};
  if (name === undefined) {
    const isLost = host !== undefined && networks.some((network) => bridgeMadeFor(network) === bridge);
    return isLost ? { says: `it names the bridge ${String(bridge)}, not a network, and has lost it` } : undefined;
  }
  const network = networks.find((each) => each.name === name);
  // Where the kernel is out of sight only the first is certain to have no bridge of the host.
  if (network === undefined) return nic.type === 'network' ? { says: `its network ${name} does not exist` } : undefined;
  if (network.active || bridgeMadeFor(network) === undefined) return undefined;
  return {
    says: `its network ${name} is not active`,
    first: `kvmnet net start ${quoted(name)}, then kvmnet net heal ${quoted(name)}`,
  };
}

/** `VM1: NIC 52:54:00:… (vnet3)`. */
export function nicText({ name }: Pick<DomainState, 'name'>, { mac, target }: Interface): string {
  return `${name}: NIC ${mac?.address ?? 'without a MAC address'}${target?.dev === undefined ? '' : ` (${target.dev})`}`;
}

/** The bridges that running guests' live definitions name, each with a NIC that does. */
export function bridgesHeld({ domains }: Pick<State, 'domains'>): ReadonlyMap<string, readonly HeldBy[]> {
  const held = new Map<string, HeldBy[]>();
  for (const domain of domains.filter(({ active }) => active)) {
    for (const nic of domain.domain.interfaces) {
      const bridge = nic.source?.bridge;
      if (bridge !== undefined) held.set(bridge, [...(held.get(bridge) ?? []), { domain, nic }]);
    }
  }
  return held;
}

export interface HeldBy {
  readonly domain: DomainState;
  readonly nic: Interface;
}
