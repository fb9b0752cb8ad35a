/**
 * The journal: a plan is on disk before its first change, so that the next run, whichever user runs it, can
 * report an interrupted one and finish or undo it. One file for each entry: entry-file.ts. The progress is in
 * the file's name, or in the name of a mark next to it (mark.ts): a rename needs no space on a full disk, and
 * listing the directory shows whether anything is unfinished.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { KvmnetError } from '../../errors.ts';
import { syncDirectory, writeWhole } from '../../host/files/files.ts';
import { isRunning, thisProcess, type ProcessIdentity } from '../../host/processes.ts';
import { journalIn, makeSharedJournal, sharedDirectory, stateDirectory } from '../../host/state-directory.ts';
import { currentUser, isRoot, userNumber } from '../../host/users.ts';
import { daemonOf, isSession } from '../../observe/uri.ts';
import { hasFileText, hasHostAction } from '../../plan/actions/rows.ts';
import { subjectsOf } from '../../plan/actions/expectations.ts';
import {
  fileName,
  newId,
  numberOf,
  outcomes,
  stepsName,
  type FileState,
  type JournalEntry,
  type OwnedMark,
  type Place,
  type Written,
} from './entry-file.ts';
import { load, readFound } from './journal-files.ts';
import { entriesIn, folderAt, folders } from './journal-folders.ts';
import { markName } from './mark.ts';
import { prune, removeStrays } from './prune.ts';
import { seenName } from './seen-name.ts';
import { isOfHost } from './trust.ts';

export type { JournalEntry, Pending } from './entry-file.ts';

type NewEntry = Pick<JournalEntry, 'uri' | 'command' | 'inputs' | 'title' | 'steps' | 'confirm' | 'undoes'>;

/**
 * Writes a new entry to disk. For the one who holds the lock: its number is one more than the newest entry's.
 * @throws BACKEND where it cannot be written: without a journal nothing is changed
 */
export function begin(request: NewEntry): JournalEntry {
  const identity = thisProcess();
  const record: Written = {
    version: 1,
    process: identity,
    user: currentUser(),
    ...request,
    uri: daemonOf(request.uri),
  };
  const subjects = request.steps.flatMap(subjectsOf);
  const directory = directoryFor(request);
  try {
    makeJournal(directory);
    const { isShared } = folderAt(directory);
    const newest = Math.max(0, ...folders().flatMap(({ names }) => names.map(numberOf)));
    const id = newId(newest + 1, new Date(), identity.pid);
    const state = { id, begun: 0, outcome: 'running' } as const;
    const isSecret = isShared && hasFileText(request.steps);
    if (isSecret) writeWhole(join(directory, stepsName(id)), textOf(request.steps));
    const text = textOf(isSecret ? { ...record, steps: [], subjects } : record);
    writeWhole(join(directory, fileName(state)), text, isShared ? 0o640 : 0o600);
    prune(directory);
    const place = { directory, isShared, name: fileName(state), owner: userNumber(), lastMark: 0 };
    return { ...record, ...state, subjects, isWithheld: false, place };
  } catch (cause) {
    throw unwritable(`nothing was changed, because the journal cannot be written`, cause, directory);
  }
}

const textOf = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

/**
 * The host's journal, where this user can write to it; else the user's own. That also has what only its user may undo: changes of a session
 * daemon, and of the links of another host.
 */
function directoryFor({ uri, steps }: Pick<JournalEntry, 'uri' | 'steps'>): string {
  const own = journalIn(stateDirectory());
  const shared = journalIn(sharedDirectory());
  return isSession(uri) || hasHostAction(steps) || !isOpen(shared) ? own : shared;
}

function isOpen(directory: string): boolean {
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return folderAt(directory).isShared;
  } catch {
    return false;
  }
}

function makeJournal(directory: string): void {
  if (isRoot()) {
    if (makeSharedJournal(dirname(directory))) showEntries(directory);
    return;
  }
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (statSync(directory).uid === userNumber()) chmodSync(directory, 0o700);
}

/** Lets members read entries of a time when the journal was root's alone. */
function showEntries(directory: string): void {
  const { gid } = statSync(directory);
  for (const found of entriesIn(folderAt(directory))) {
    const path = join(directory, found.name);
    const read = readFound(found);
    if (read === undefined || 'fault' in read || read.place.owner !== 0 || hasFileText(read.steps)) continue;
    lchownSync(path, 0, gid);
    chmodSync(path, 0o640);
  }
}

/**
 * Notes on disk how far an entry got.
 * @throws BACKEND where that cannot be noted
 */
export function updateEntry(
  entry: JournalEntry,
  change: Partial<Pick<JournalEntry, 'begun' | 'outcome'>>,
): JournalEntry {
  const { place } = entry;
  const changed = { ...entry, ...change };
  const isOurs = place.mark === undefined && (!place.isShared || place.owner === userNumber());
  if (!isOurs) return { ...changed, place: putMark(changed, place) };
  const name = fileName(changed);
  try {
    renameSync(join(place.directory, place.name), join(place.directory, name));
    syncDirectory(place.directory);
  } catch (cause) {
    throw unwritable(`the journal's ${place.name} cannot be renamed`, cause, place.directory);
  }
  return { ...changed, place: { ...place, name } };
}

/**
 * Writes the mark with the next number next to an entry; if the last mark is this user's own, it is renamed
 * instead.
 * @throws BACKEND if it cannot be written
 */
export function putMark({ id, begun, outcome }: FileState, place: Place): Place {
  const { directory, mark: last } = place;
  const mark: OwnedMark = { id, begun, outcome, number: place.lastMark + 1, owner: userNumber() };
  const path = join(directory, markName(mark));
  try {
    if (last?.owner === userNumber()) renameSync(join(directory, markName(last)), path);
    else makeEmpty(path);
    syncDirectory(directory);
  } catch (cause) {
    throw unwritable(`the journal's ${markName(mark)} cannot be written`, cause, directory);
  }
  return { ...place, mark, lastMark: mark.number };
}

function makeEmpty(path: string): void {
  const file = openSync(path, 'wx', 0o640);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Removes an entry whose run has changed nothing; of another user's it is noted that it is undone.
 * @throws BACKEND where that cannot be done
 */
export function discard(entry: JournalEntry): void {
  const { directory, isShared, name, owner } = entry.place;
  if (isShared && owner !== userNumber() && !isRoot()) {
    updateEntry(entry, { outcome: 'undone' });
    return;
  }
  try {
    for (const each of [name, stepsName(entry.id), seenName(entry.id, userNumber())])
      rmSync(join(directory, each), { force: true });
  } catch (cause) {
    throw unwritable(`the journal's ${name} cannot be removed`, cause, directory);
  }
}

/** BACKEND: the journal cannot be written. */
export function unwritable(what: string, cause: unknown, directory: string): KvmnetError {
  return new KvmnetError('BACKEND', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    hint: `free disk space or grant write access in ${directory}, or set KVMNET_STATE_DIR to another folder`,
    cause,
  });
}

/**
 * Records how a run ended. If the run undoes another, that one is closed first: if the process is killed
 * between the two, the next run closes this one.
 */
export function close(entry: JournalEntry, outcome: 'done' | 'undone'): void {
  const target = entry.undoes === undefined ? undefined : entryOf(entry.undoes);
  const opposite = outcome === 'done' ? 'undone' : 'done';
  const isMeant = target && (entry.place.owner === 0 || !isOfHost(target));
  const isFinished = target?.outcome === 'done' || target?.outcome === 'undone' || target?.outcome === 'abandoned';
  if (isMeant && isFinished && target.outcome !== opposite) {
    close(target, opposite);
  }
  updateEntry(entry, { outcome });
}

/** Reads the current state of an entry; undefined if it no longer exists. */
export function entryOf(id: string): JournalEntry | undefined {
  return load(outcomes, (each) => each === id).entries[0];
}

/** The entries of this host, whatever the daemon, that wait for a confirmation, oldest first. */
export function unconfirmed(): readonly JournalEntry[] {
  return load(['unconfirmed']).entries;
}

/** The entries on this URI's daemon that broke off, or that could not be undone, oldest first. For the one who holds the lock. */
export function leftovers(uri: string): JournalEntry[] {
  for (const folder of folders()) removeStrays(folder);
  return load(['running', 'partial']).entries.filter(
    (entry) => isOn(uri, entry) && (entry.outcome === 'partial' || !isAtWork(entry.process)),
  );
}

/** All entries on this URI's daemon, newest first. */
export function history(uri: string): JournalEntry[] {
  return load(outcomes)
    .entries.filter((entry) => isOn(uri, entry))
    .reverse();
}

/** The entries on this URI's daemon that broke off or wait for a confirmation: what a user who only looks should know. Costs a listing of the directory. */
export function brokenOff(uri: string): JournalEntry[] {
  return load(['running', 'unconfirmed']).entries.filter(
    (entry) => isOn(uri, entry) && (entry.outcome === 'unconfirmed' || !isRunning(entry.process)),
  );
}

/** Each user has a session daemon, and all of those have one name. */
function isOn(uri: string, { uri: daemon, place }: JournalEntry): boolean {
  return daemon === daemonOf(uri) && (!isSession(uri) || place.owner === userNumber());
}

/** Of our own process it is an earlier command, in a shell: this one has not begun yet. */
function isAtWork(identity: ProcessIdentity): boolean {
  return identity.pid !== process.pid && isRunning(identity);
}
