/** Reads what an action of libvirt is about to change. */
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { Action } from '../../plan/step.ts';
import { rowOf } from './rows.ts';

/** A reading before an action, to find out later whether the action has changed anything. */
export interface Before {
  readonly isUnchanged: () => Promise<boolean>;
}

/** Reads what an action is about to change; undefined if no reading shows it, or if the reading fails. */
export async function readBefore(connection: Connection, action: Action): Promise<Before | undefined> {
  try {
    const read = rowOf(action).target(action);
    if (!read) return undefined;
    const before = await read(connection);
    return {
      isUnchanged: async () => {
        const { isDeepStrictEqual } = process.getBuiltinModule('node:util');
        return isDeepStrictEqual(before, await read(connection));
      },
    };
  } catch (error) {
    if (error instanceof KvmnetError) return undefined; // the action itself fails with the reason
    throw error;
  }
}
