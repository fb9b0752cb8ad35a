/** A file that only its owner may read, and that has its name once it is complete. */
import { closeSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { KvmnetError } from '../../errors.ts';
import { asideOf, removeAsides } from './files.ts';

export interface PrivateFile {
  /** @throws BACKEND, for example when the disk is full */
  readonly write: (bytes: Uint8Array) => void;
  /** Closes the file and gives it its name; an earlier file of this name is replaced. */
  readonly finish: () => void;
  /** Deletes what was written. */
  readonly discard: () => void;
}

/**
 * Creates the file next to its later name, with mode 0600.
 * @throws BACKEND where that is not possible
 */
export function createPrivateFile(path: string): PrivateFile {
  const aside = asideOf(path);
  const attempt = <T>(task: () => T): T => {
    try {
      return task();
    } catch (cause) {
      throw new KvmnetError(
        'BACKEND',
        `cannot write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
        {
          cause,
        },
      );
    }
  };
  removeAsides(path);
  const descriptor = attempt(() => openSync(aside, 'wx', 0o600));
  return {
    write: (bytes) => {
      attempt(() => {
        for (let done = 0; done < bytes.length;) done += writeSync(descriptor, bytes, done);
      });
    },
    finish: () => {
      attempt(() => {
        closeSync(descriptor);
        renameSync(aside, path);
      });
    },
    discard: () => {
      closeSync(descriptor);
      unlinkSync(aside);
    },
  };
}
