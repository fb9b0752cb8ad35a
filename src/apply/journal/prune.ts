/** Removes what the journal does not keep: old entries, and what writers that were killed have left. */
import { existsSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './entry-file.ts';
import { entriesIn, folderAt, readFound, type Folder, type Found } from './journal-files.ts';
import { parseMarkName } from './mark.ts';
import { seenId } from './seen.ts';

/** Kept beside those that are not settled: older entries are removed. */
const kept = 200;

const unsettled: readonly Outcome[] = ['running', 'unconfirmed', 'partial'];

/** Removes old entries from a folder, with all that belongs to them. What this user may not remove is left to its owner or root. */
export function prune(directory: string): void {
  const entries = entriesIn(folderAt(directory));
  const old = entries.slice(0, -kept).filter((found) => !unsettled.includes(outcomeOf(found)));
  for (const { name } of old) removeWhereAllowed(join(directory, name));
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

/** A mark, steps or readings without an entry, or the file of a writer that was killed before it gave it its name. */
function isStray(name: string, ids: ReadonlySet<string>): boolean {
  const id = parseMarkName(name)?.id ?? seenId(name) ?? /^(.+)\.steps$/.exec(name)?.[1];
  if (id !== undefined) return !ids.has(id);
  const pid = /\.(\d+)\.new$/.exec(name)?.[1];
  return pid !== undefined && !existsSync(`/proc/${pid}`);
}

function removeWhereAllowed(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EPERM', 'EACCES', 'EISDIR', 'ENOENT'].includes(code)) throw error;
  }
}
