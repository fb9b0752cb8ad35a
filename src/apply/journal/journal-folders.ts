/** The directories of the journal, and what their listing shows: no entry is read. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isShared, journalIn, ownerFault, sharedDirectory, stateDirectory } from '../../host/state-directory.ts';
import { byAge, parseFileName, unfinished, type FileState, type Mark, type Outcome } from './entry-file.ts';
import { parseMarkName } from './mark.ts';

/** A directory of entries. */
export interface Folder {
  readonly directory: string;
  /** True where root and members of group libvirt write their entries side by side. */
  readonly isShared: boolean;
  /** The names of its files, the oldest entry's first. */
  readonly names: readonly string[];
  /** Why nothing in it is used. */
  readonly fault?: string;
}

/** The journal of the host, and of another user than root also that user's own: of session daemons, and of a time before this one. */
export function folders(): readonly Folder[] {
  const own = journalIn(stateDirectory());
  const directories = new Set([journalIn(sharedDirectory()), own]);
  return [...directories].map((directory) => folderAt(directory, directory === own));
}

/** @param isOwn false for a directory that need not be open to this user */
export function folderAt(directory: string, isOwn = true): Folder {
  const nothing = { directory, isShared: false, names: [] };
  try {
    for (const path of [dirname(directory), directory]) {
      const found = statSync(path);
      const fault = found.isDirectory() ? ownerFault(found) : 'it is not a directory';
      if (fault !== undefined) return { ...nothing, fault: `${path}: ${fault}` };
    }
    return { directory, isShared: isShared(statSync(directory)), names: readdirSync(directory).sort(byAge) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || (code === 'EACCES' && !isOwn) ? nothing : { ...nothing, fault: message };
  }
}

/** The file of an entry, not yet read. */
export interface Found {
  readonly folder: Folder;
  readonly name: string;
  /** By the name of its file. */
  readonly state: FileState;
  readonly marks: readonly Mark[];
  /** Another file has its id, and comes first. */
  readonly isDouble: boolean;
}

/** The files of entries in a folder, oldest entry first. */
export function entriesIn(folder: Folder): readonly Found[] {
  const marks = new Map<string, Mark[]>();
  for (const mark of folder.names.map(parseMarkName))
    if (mark) marks.set(mark.id, [...(marks.get(mark.id) ?? []), mark]);
  const files = new Map<string, Omit<Found, 'isDouble'>[]>();
  for (const name of folder.names) {
    const state = parseFileName(name);
    if (!state) continue;
    const { id } = state;
    files.set(id, [...(files.get(id) ?? []), { folder, name, state, marks: marks.get(id) ?? [] }]);
  }
  return [...files.values()].flatMap((same) => {
    const [first] =
      same.length === 1 ? same : [same.find(({ name }) => isRoots(join(folder.directory, name))) ?? same[0]];
    return same.map((each) => ({ ...each, isDouble: each !== first }));
  });
}

function isRoots(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.uid === 0;
}

/** True for the file of an entry that may have one of these outcomes: a mark may give it any. */
export function mayHave(wanted: readonly Outcome[], { state, marks }: Found): boolean {
  return marks.length > 0 || wanted.includes(state.outcome);
}

/** True where a listing shows that a run may have left something, or that the journal cannot be used. */
export function mayBeUnfinished(): boolean {
  return folders().some(
    (folder) => folder.fault !== undefined || entriesIn(folder).some((found) => mayHave(unfinished, found)),
  );
}
