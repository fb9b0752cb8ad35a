/** The directories of the journal, and their entries with the marks. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isShared, journalIn, ownerFault, sharedDirectory, stateDirectory } from '../../host/state-directory.ts';
import {
  byAge,
  parseFileName,
  timeOf,
  type FileState,
  type JournalEntry,
  type Mark,
  type Outcome,
  type OwnedMark,
} from './entry-file.ts';
import { fileFault, readEntry } from './entry-read.ts';
import { isOfHost } from './trust.ts';
import { currentMark, markName, parseMarkName } from './mark.ts';

/** A directory of entries. */
export interface Folder {
  readonly directory: string;
  /** True where root and members of group libvirt write their entries side by side. */
  readonly isShared: boolean;
  /** The names of its files, those of the oldest entry first. */
  readonly names: readonly string[];
  /** Why nothing in it is used. */
  readonly fault?: string;
}

/** A file of the journal that is not used, and is of a run that may have left something. */
export interface Damaged {
  readonly path: string;
  /** Why it is not used. */
  readonly fault: string;
  /** From its name and its marks: needed to write the next mark. */
  readonly state: FileState;
  readonly place: JournalEntry['place'];
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

/**
 * Reads entries of all folders, oldest first.
 * @param wanted only those with one of these outcomes
 * @param isMeant selects by id the entries to read
 */
export function load(
  wanted: readonly Outcome[],
  isMeant: (id: string) => boolean = () => true,
): { readonly entries: readonly JournalEntry[]; readonly damaged: readonly Damaged[] } {
  const isWanted = ({ state, marks }: Found): boolean =>
    isMeant(state.id) && (marks.length > 0 || wanted.includes(state.outcome));
  const read = merged(folders().map((folder) => entriesIn(folder).filter(isWanted))).map(readFound);
  return {
    entries: read.flatMap((each) => (each && 'steps' in each && wanted.includes(each.outcome) ? [each] : [])),
    damaged: read.flatMap((each) => (each && 'fault' in each && wanted.includes(each.state.outcome) ? [each] : [])),
  };
}

/** Merges the entries of folders by their times: numbers order those of one folder only. */
function merged(lists: readonly (readonly Found[])[]): readonly Found[] {
  const rest = lists.map((list) => [...list]);
  const all: Found[] = [];
  for (;;) {
    const heads = rest.flatMap((list) => (list[0] === undefined ? [] : [{ list, time: timeOf(list[0].state.id) }]));
    const [oldest] = heads.toSorted((left, right) => (left.time < right.time ? -1 : Number(left.time > right.time)));
    const next = oldest?.list.shift();
    if (next === undefined) return all;
    all.push(next);
  }
}

/** Reads an entry with its marks; undefined where its file has another name by now. */
export function readFound({ folder, name, state, marks, isDouble }: Found): JournalEntry | Damaged | undefined {
  const { directory } = folder;
  const reading = readEntry(folder, name, state.id);
  if (reading === undefined) return undefined;
  const isFaulty = 'fault' in reading || isDouble;
  // The effect of a damaged entry of root is unknown.
  const isRootsAlone = isFaulty
    ? (reading.owner ?? 0) === 0
    : isOfHost({ ...reading.content, place: { owner: reading.owner } });
  const mark = currentMark(
    marks.flatMap((each) => owned(folder, each)),
    isRootsAlone,
  );
  const lastMark = Math.max(0, ...marks.map(({ number }) => number));
  const place = { directory, isShared: folder.isShared, name, owner: reading.owner ?? 0, mark, lastMark };
  const { id, begun, outcome } = mark ?? state;
  if (!('fault' in reading) && !isDouble) return { ...reading.content, id, begun, outcome, place };
  const fault = 'fault' in reading ? reading.fault : 'another file has its number';
  return { path: join(directory, name), fault, state: { id, begun, outcome }, place };
}

/** A mark with its owner; none where its file is not one of a user who can write to the journal. */
function owned(folder: Folder, mark: Mark): OwnedMark[] {
  const found = lstatSync(join(folder.directory, markName(mark)), { throwIfNoEntry: false });
  return found === undefined || fileFault(found, folder.isShared) !== undefined ? [] : [{ ...mark, owner: found.uid }];
}
