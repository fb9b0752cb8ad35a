/** Which devices a change of links is about, for their manager. */
import type { HostState } from '../../state/state.ts';
import type { WantedLinks } from '../../records/desired-link.ts';

/** The devices that change, and of deleted devices: their ports, and the NIC below a VLAN device, whose files name them. */
export function affectedBy(wanted: WantedLinks, { links }: HostState): readonly string[] {
  const gone = links.filter(({ name }) => wanted[name] === null);
  const neighbors = gone.flatMap(({ name, kind, parent }) => [
    ...links.filter(({ master }) => master === name).map((port) => port.name),
    ...(kind === 'vlan' && parent !== undefined ? [parent] : []),
  ]);
  const left = links.filter(
    ({ name, master }) => name in wanted && wanted[name]?.master !== master && master !== undefined,
  );
  return [...new Set([...Object.keys(wanted), ...neighbors, ...left.flatMap(({ master }) => master ?? [])])];
}
