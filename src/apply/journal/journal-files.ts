/** The entries of the journal, with their marks. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { timeOf, type FileState, type JournalEntry, type Mark, type Outcome, type OwnedMark } from './entry-file.ts';
import { fileFault, readEntry } from './entry-read.ts';
import { entriesIn, folders, mayHave, type Folder, type Found } from './journal-folders.ts';
import { isOfHost } from './trust.ts';
import { currentMark, markName } from './mark.ts';

/** A file of the journal that is not used, and is of a run that may have left something. */
export interface Damaged {
  readonly path: string;
  /** Why it is not used. */
  readonly fault: string;
  /** From its name and its marks: needed to write the next mark. */
  readonly state: FileState;
  readonly place: JournalEntry['place'];
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
  const isWanted = (found: Found): boolean => isMeant(found.state.id) && mayHave(wanted, found);
  const read = merged(folders().map((folder) => entriesIn(folder).filter(isWanted))).map(readFound);
  return {
    entries: read.flatMap((each) => (each && 'steps' in each && wanted.includes(each.outcome) ? [each] : [])),
    damaged: read.flatMap((each) => (each && 'fault' in each && wanted.includes(each.state.outcome) ? [each] : [])),
  };
}

/** Merges the entries of folders by their times: numbers order the entries of one folder only. */
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
