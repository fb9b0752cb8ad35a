/** Common parts of commands on one network. */
import type { SavedState } from '../../../state/saved.ts';
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
