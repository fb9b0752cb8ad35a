/** What an action of libvirt changes, read before it. */
import { isDeepStrictEqual } from 'node:util';
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { Action } from '../../plan/step.ts';
import { rowOf } from './rows.ts';

/** Tells later whether what an action changes still is as it is now. */
export interface Before {
  readonly isUnchanged: () => Promise<boolean>;
}

/** Reads what an action is about; undefined where no reading tells, and where it cannot be read. */
export async function readBefore(connection: Connection, action: Action): Promise<Before | undefined> {
  try {
    const read = rowOf(action).target(action);
    if (!read) return undefined;
    const before = await read(connection);
    return { isUnchanged: async () => isDeepStrictEqual(before, await read(connection)) };
  } catch (error) {
    if (error instanceof KvmnetError) return undefined; // the action itself says what is wrong
    throw error;
  }
}
