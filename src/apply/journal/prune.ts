/** Removes what the journal does not keep: old entries, and what writers that were killed have left. */
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, userNumber } from '../../host/users.ts';
import { unfinished, type Outcome } from './entry-file.ts';
import { readFound } from './journal-files.ts';
import { entriesIn, folderAt, type Folder, type Found } from './journal-folders.ts';
import { parseMarkName } from './mark.ts';
import { seenId } from './seen-name.ts';

/** Number of finished entries to keep, in addition to unfinished ones: older ones are removed. */
const maxEntries = 200;

/**
 * Removes old entries from a folder, each with all that belongs to it. An entry stays for root where this user may not remove each of its files:
 * without one of its marks it would be in another state.
 */
export function prune(directory: string): void {
  const folder = folderAt(directory);
  const old = entriesIn(folder)
    .slice(0, -maxEntries)
    .filter((found) => !unfinished.includes(outcomeOf(found)));
  const names = filesOfEntries(folder.names);
  for (const { name, state } of old) {
    const paths = [name, ...(names.get(state.id) ?? [])].map((each) => join(directory, each));
    if (isRoot() || paths.every(isOwn)) paths.forEach(removeWhereAllowed);
  }
  removeStrays(folderAt(directory));
}

/** Removes files that belong to no entry. For the one who holds the lock. */
export function removeStrays(folder: Folder): void {
  const ids = new Set(entriesIn(folder).map(({ state }) => state.id));
  for (const name of folder.names) if (isStray(name, ids)) removeWhereAllowed(join(folder.directory, name));
}

function outcomeOf(found: Found): Outcome {
  const read = found.marks.length === 0 ? undefined : readFound(found);
  if (read === undefined) return found.state.outcome;
  return 'fault' in read ? read.state.outcome : read.outcome;
}

/** The marks, steps and readings of each entry, by its id. */
function filesOfEntries(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const files = new Map<string, string[]>();
  for (const name of names) {
    const id = entryOf(name);
    if (id !== undefined) files.set(id, [...(files.get(id) ?? []), name]);
  }
  return files;
}

/** The id of the entry that a mark, steps or readings belong to. */
function entryOf(name: string): string | undefined {
  return parseMarkName(name)?.id ?? seenId(name) ?? /^(.+)\.steps$/.exec(name)?.[1];
}

/** A mark, steps or readings without an entry, or the file of a writer that was killed before it gave it its name. */
function isStray(name: string, ids: ReadonlySet<string>): boolean {
  const id = entryOf(name);
  if (id !== undefined) return !ids.has(id);
  const pid = /\.(\d+)\.new$/.exec(name)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

function isOwn(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.uid === userNumber();
}

function removeWhereAllowed(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'EACCES', 'EISDIR', 'ENOENT'].includes(code)) throw error;
  }
}
