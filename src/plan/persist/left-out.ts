/** Devices that belong to somebody who makes them anew at each boot: libvirt, Docker, Podman, Kubernetes. No manager is told of them. */
import { globMatches } from '../../state/config/glob.ts';
import type { Link, NetworkState } from '../../state/state.ts';

/** Names that libvirt and container engines give, as shell patterns, each with whose it is. */
const owners: readonly (readonly [pattern: string, owner: string])[] = [
  ['vnet[0-9]*', "a VM's, made by libvirt"],
  ['macvtap[0-9]*', "a VM's, made by libvirt"],
  ['virbr[0-9]*', "the bridge of a libvirt network's"],
  ['docker*', "Docker's"],
  [`br-${'[0-9a-f]'.repeat(12)}`, "Docker's"],
  ['veth*', "a container's"],
  ['cni*', "a container network's"],
  ['podman*', "Podman's"],
];

/** Whose a device is, where it is somebody else's. */
export function ownerOf(
  { name, kind }: Pick<Link, 'name' | 'kind'>,
  networks: readonly NetworkState[],
): string | undefined {
  const network = networks.find((each) => each.bridge === name && !usesForeignBridge(each));
  if (network) return `the bridge of libvirt's network ${network.name}`;
  // A NIC or a VLAN device of such a name is the administrator's.
  if (kind === undefined || kind === 'vlan' || kind === 'bond') return undefined;
  return owners.find(([pattern]) => globMatches(pattern, name))?.[1];
}

/** A network that hands its guests to a bridge which somebody else made. */
function usesForeignBridge({ network }: NetworkState): boolean {
  return network.forward?.mode === 'bridge';
}

/** Patterns of all names that no manager may touch; the same whether a guest runs or not, so that none changes a file by that. */
export function unmanagedNames(networks: readonly NetworkState[]): readonly string[] {
  const patterns = owners.map(([pattern]) => pattern);
  const bridges = networks.flatMap((network) => (usesForeignBridge(network) ? [] : (network.bridge ?? [])));
  return [...patterns, ...bridges.filter((bridge) => !patterns.some((pattern) => globMatches(pattern, bridge)))];
}
