/** Saved states of domains that resume with NICs in a network. */
import type { SavedState } from '../../state/saved.ts';
import type { Interface } from '../../xml/interface.ts';

/**
 * `snapshot s1 of VM1 has NIC 52:54:… in network keennet: VM1 will not start from it without that network`, and what changes that, for each
 * that has any such NIC.
 */
export function savedIn(
  saved: readonly SavedState[],
  network: string,
  isIn: (nic: Interface) => boolean,
): readonly string[] {
  return saved.flatMap(({ domain, snapshot, interfaces }) => {
    const macs = new Set(interfaces.filter(isIn).map(({ mac }) => mac?.address ?? 'without a MAC address'));
    if (macs.size === 0) return [];
    const [what, edit] =
      snapshot === undefined
        ? [`the saved memory of ${domain}`, `virsh managedsave-edit ${domain}`]
        : [`snapshot ${snapshot} of ${domain}`, `virsh snapshot-edit ${domain} ${snapshot}`];
    const nics = `${macs.size === 1 ? 'NIC' : 'NICs'} ${[...macs].join(', ')}`;
    return [
      `${what} has ${nics} in network ${network}: ${domain} will not start from it without that network (${edit} names another)`,
    ];
  });
}
