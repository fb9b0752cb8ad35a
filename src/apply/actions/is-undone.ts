/** Whether a reading shows a step as undone: what failed, or was killed, may have changed nothing, and its undo then fails too. */
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { expectationOf } from '../../plan/actions/rows.ts';
import type { Action, Step } from '../../plan/step.ts';
import { verify } from '../verify/verify.ts';
import { rowOf } from './rows.ts';

/**
 * True where nothing is left to do for an action that undoes a step.
 * @param error what the action failed with
 */
export async function isUndone(connection: Connection, action: Action, step: Step, error: unknown): Promise<boolean> {
  const row = rowOf(action);
  if (error instanceof KvmnetError && row.isMoot?.(error)) return true;
  try {
    const expected = row.undone?.(action, step.verify) ?? expectationOf(action, step);
    const missing = await verify(connection, expected, { guest: 0, other: 0 });
    return missing === undefined && (await (row.isRestored?.(connection, action, step.verify) ?? true));
  } catch (failure) {
    if (failure instanceof KvmnetError) return false; // it cannot be read
    throw failure;
  }
}
