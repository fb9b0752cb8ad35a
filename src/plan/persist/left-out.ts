/** Devices of programs that create them at each boot: no manager gets these. */
import { globMatches } from '../../values/glob.ts';
import { foreignNames, ownerByName } from '../../state/owners.ts';
import type { NetworkState } from '../../state/state.ts';
import type { Link } from '../../records/link.ts';

/** Returns the owner of a device, if it belongs to another program. */
export function ownerOf(
  { name, kind }: Pick<Link, 'name' | 'kind'>,
  networks: readonly NetworkState[],
): string | undefined {
  const network = networks.find((each) => each.bridge === name && !usesForeignBridge(each));
  if (network) return `the bridge of libvirt's network ${network.name}`;
  // A NIC or a VLAN device of such a name is the administrator's.
  if (kind === undefined || kind === 'vlan' || kind === 'bond') return undefined;
  return ownerByName(name);
}

/** A network that attaches its guests to a bridge of the host. */
function usesForeignBridge({ network }: NetworkState): boolean {
  return network.forward?.mode === 'bridge';
}

/** Patterns of all names that no manager may touch; the same whether a guest runs or not, so that none changes a file by that. */
export function unmanagedNames(networks: readonly NetworkState[]): readonly string[] {
  const bridges = networks.flatMap((network) => (usesForeignBridge(network) ? [] : (network.bridge ?? [])));
  return [
    ...foreignNames,
    ...bridges.filter((bridge) => !foreignNames.some((pattern) => globMatches(pattern, bridge))),
  ];
}
