/** Common parts of commands on one network. */
import type { SavedState } from '../../../state/saved.ts';
import type { Seen } from '../../../state/state.ts';
import type { ArgumentDefinition } from '../../command.ts';
import type { Context } from '../../context.ts';

export const networkName: ArgumentDefinition = {
  name: '<NAME>',
  description: 'Network, by name or UUID',
  completes: 'network',
};

/** The snapshots and managed saves of all domains; within a change by its connection. */
export async function readSaved(context: Context): Promise<readonly SavedState[]> {
  const [connection, { observeSaved }] = await Promise.all([
    context.connection('read'),
    import('../../../observe/saved.ts'),
  ]);
  return observeSaved(connection);
}

/** Warns where the kernel's neighbor table cannot be read, so that reservations and leases are all that is known. */
export function warnOfUnseenNeighbors(context: Context, { host, connection }: Seen<'host'>): void {
  if (host !== undefined || connection.hypervisor === 'TEST') return;
  context.warn(['the neighbors of another host cannot be read: an address that a guest uses without DHCP looks free']);
}
