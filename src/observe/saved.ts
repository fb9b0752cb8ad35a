/** libvirt's snapshots and managed saves -> their NICs: read apart from the State, because only few commands need them. */
import type { Connection } from '../libvirt/connection.ts';
import type { SavedState } from '../state/saved.ts';
import { parseDomain } from '../xml/domain.ts';
import { parseSnapshot } from '../xml/snapshot.ts';

/** All that is saved of all domains. Throws what the connection throws. */
export async function observeSaved(connection: Connection): Promise<readonly SavedState[]> {
  const records = await connection.call('listSaved');
  return records.map(({ domain, kind, xml }) => {
    if (kind === 'managed save') return { domain, snapshot: undefined, interfaces: parseDomain(xml).interfaces };
    const { name, interfaces } = parseSnapshot(xml);
    return { domain, snapshot: name, interfaces };
  });
}
