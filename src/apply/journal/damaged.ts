/** Entries of the journal that are not used: what that run left is not known, and a user has to look. */
import { renameSync } from 'node:fs';
import { KvmnetError } from '../../errors.ts';
import { userNumber } from '../../host/users.ts';
import { unfinished } from './entry-file.ts';
import { putMark, unwritable } from './journal.ts';
import { load, type Damaged } from './journal-files.ts';
import { folders } from './journal-folders.ts';

/**
 * The damaged entries that matter.
 * @throws PERMISSION where the journal's folder cannot be read, or is not safe
 */
export function damaged(): readonly Damaged[] {
  const fault = folders().find((folder) => folder.fault !== undefined)?.fault;
  if (fault !== undefined) {
    throw new KvmnetError('PERMISSION', `the journal cannot be used: ${fault}`, {
      hint: 'make the user who runs kvmnet its only owner and writer (chown, chmod go-w), or set KVMNET_STATE_DIR to another folder',
    });
  }
  return load(unfinished).damaged;
}

/** The warning about a damaged entry. */
export function damageText({ path, fault }: Damaged): string {
  return `the journal's ${path} cannot be used (${fault}): kvmnet does not know what that run left`;
}

/** Warnings about the journal itself, for read-only commands. */
export function damageWarnings(): string[] {
  try {
    return damaged().map(damageText);
  } catch (error) {
    if (error instanceof KvmnetError) return [error.message];
    throw error;
  }
}

/** @throws CONFLICT where an entry that matters is damaged */
export function requireWhole(): void {
  const [found] = damaged();
  if (!found) return;
  throw new KvmnetError('CONFLICT', damageText(found), {
    hint: `any command that changes this host asks whether to set it aside; by hand: mv ${found.path} ${found.path}.aside`,
  });
}

/**
 * Gives a damaged entry a name that no run looks at, or where it is another user's, a mark.
 * @returns what was done, in a sentence
 * @throws BACKEND where neither can be done; PERMISSION where only root may do it
 */
export function setAside({ path, place, state }: Damaged): string {
  if (!place.isShared || userNumber() === 0 || place.owner === userNumber()) {
    try {
      renameSync(path, `${path}.aside`);
    } catch (cause) {
      throw unwritable(`${path} cannot be renamed`, cause, place.directory);
    }
    return `set aside: ${path}.aside`;
  }
  if (place.owner === 0) {
    throw new KvmnetError('PERMISSION', `only root may set ${path} aside`, {
      hint: `sudo mv ${path} ${path}.aside`,
    });
  }
  putMark({ ...state, outcome: 'abandoned' }, place);
  return `set aside: ${path} is marked as abandoned`;
}
