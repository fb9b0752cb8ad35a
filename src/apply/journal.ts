/**
 * The journal: what a run is about to do is on disk before the first change, so that the next run can say what one that broke off has
 * left, and finish or undo it. One file an entry, readable by its owner only: entry-file.ts. How far it got is in the file's name: a rename needs no
 * room on a full disk, and listing the directory is enough to see that nothing is left.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { KvmnetError } from '../errors.ts';
import { syncDirectory, writeWhole } from '../host/files.ts';
import { isRunning, thisProcess, type ProcessIdentity } from '../host/processes.ts';
import { daemonOf } from '../observe/uri.ts';
import {
  byAge,
  fileName,
  newId,
  numberOf,
  outcomes,
  ownerFault,
  parseFileName,
  readEntry,
  type FileState,
  type JournalEntry,
  type Outcome,
  type Written,
} from './entry-file.ts';

export type { JournalEntry, Outcome, Pending } from './entry-file.ts';

/** Kept beside those that still run: older entries are removed. */
const kept = 200;

/** `KVMNET_STATE_DIR`, or /var/lib/kvmnet for root and the XDG state directory for everybody else. */
export function stateDirectory(): string {
  const chosen = process.env.KVMNET_STATE_DIR;
  if (chosen !== undefined && chosen !== '') return chosen;
  if (process.getuid?.() === 0) return '/var/lib/kvmnet';
  return join(process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'kvmnet');
}

const directory = (): string => join(stateDirectory(), 'journal');

/**
 * Writes a new entry to disk. For the one who holds the lock: its number is one more than the newest entry's.
 * @throws BACKEND where it cannot be written: without a journal nothing is changed
 */
export function begin(
  entry: Pick<JournalEntry, 'uri' | 'command' | 'inputs' | 'title' | 'steps' | 'confirm' | 'undoes'>,
): JournalEntry {
  const identity = thisProcess();
  const record: Written = { version: 1, process: identity, user: userName(), ...entry, uri: daemonOf(entry.uri) };
  const newest = Math.max(0, ...list().names.map(numberOf));
  const id = newId(newest + 1, new Date(), identity.pid);
  const begun = { ...record, id, begun: 0, outcome: 'running' } as const;
  try {
    mkdirSync(directory(), { recursive: true, mode: 0o700 });
    chmodSync(directory(), 0o700);
    writeWhole(join(directory(), fileName(begun)), `${JSON.stringify(record, null, 1)}\n`);
    prune();
  } catch (cause) {
    throw unwritable(`nothing was changed, because the journal cannot be written`, cause);
  }
  return begun;
}

function userName(): string {
  return process.env.SUDO_USER ?? userInfo().username;
}

/**
 * Notes on disk how far an entry got.
 * @throws BACKEND where that cannot be noted
 */
export function note(entry: JournalEntry, change: Partial<Pick<JournalEntry, 'begun' | 'outcome'>>): JournalEntry {
  const changed = { ...entry, ...change };
  try {
    renameSync(join(directory(), fileName(entry)), join(directory(), fileName(changed)));
    syncDirectory(directory());
  } catch (cause) {
    throw unwritable(`the journal's ${fileName(entry)} cannot be renamed`, cause);
  }
  return changed;
}

/**
 * Removes an entry whose run has changed nothing.
 * @throws BACKEND where it cannot be removed
 */
export function discard(entry: JournalEntry): void {
  try {
    rmSync(join(directory(), fileName(entry)), { force: true });
  } catch (cause) {
    throw unwritable(`the journal's ${fileName(entry)} cannot be removed`, cause);
  }
}

function unwritable(what: string, cause: unknown): KvmnetError {
  return new KvmnetError('BACKEND', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    hint: `make room or give rights to ${directory()}, or name another place in KVMNET_STATE_DIR`,
    cause,
  });
}

/**
 * Notes how a run ended. Of one that undoes another run it also says so of that one, and first: killed between the two, it is noted again by
 * the next run.
 */
export function close(entry: JournalEntry, outcome: 'done' | 'undone'): void {
  const target = entry.undoes === undefined ? undefined : entryOf(entry.undoes);
  const opposite = outcome === 'done' ? 'undone' : 'done';
  if (target && (target.outcome === 'done' || target.outcome === 'undone') && target.outcome !== opposite) {
    close(target, opposite);
  }
  note(entry, { outcome });
}

/** What is known of an entry now; undefined where it does not exist any more. */
export function entryOf(id: string): JournalEntry | undefined {
  return read(outcomes, (state) => state.id === id)[0];
}

/** The entries of this host, whatever the daemon, that wait for a confirmation, oldest first. */
export function unconfirmed(): JournalEntry[] {
  return read(['unconfirmed']);
}

/** The entries on this URI's daemon that broke off, or that could not be undone, oldest first. For the one who holds the lock. */
export function leftovers(uri: string): JournalEntry[] {
  const daemon = daemonOf(uri);
  return read(['running', 'partial']).filter(
    (entry) => entry.uri === daemon && (entry.outcome === 'partial' || !isAtWork(entry.process)),
  );
}

/** All entries on this URI's daemon, newest first. */
export function history(uri: string): JournalEntry[] {
  const daemon = daemonOf(uri);
  return read(outcomes)
    .filter((entry) => entry.uri === daemon)
    .reverse();
}

/** The entries on this URI's daemon that broke off or wait for a confirmation: what somebody who only looks should know. Costs a listing of the directory. */
export function brokenOff(uri: string): JournalEntry[] {
  const daemon = daemonOf(uri);
  return read(['running', 'unconfirmed']).filter(
    (entry) => entry.uri === daemon && (entry.outcome === 'unconfirmed' || !isRunning(entry.process)),
  );
}

/** A file of the journal that is not to be used, and is of a run that may have left something. */
export interface Damaged {
  readonly path: string;
  /** Why it is not used. */
  readonly fault: string;
}

/**
 * The damaged entries that matter.
 * @throws PERMISSION where the journal's folder cannot be read, or is not safe
 */
export function damaged(): Damaged[] {
  const { names, fault } = list();
  if (fault !== undefined) {
    throw new KvmnetError('PERMISSION', `the journal cannot be used: ${fault}`, {
      hint: 'give the folder to the user who runs kvmnet, and to nobody else (chown, chmod go-w), or name another one in KVMNET_STATE_DIR',
    });
  }
  return names.flatMap((name) => {
    const outcome = parseFileName(name)?.outcome;
    if (outcome !== 'running' && outcome !== 'unconfirmed' && outcome !== 'partial') return [];
    const reading = readEntry(directory(), name);
    return 'fault' in reading ? [{ path: join(directory(), name), fault: reading.fault }] : [];
  });
}

/** What is said of a damaged entry. */
export function damageText({ path, fault }: Damaged): string {
  return `the journal's ${path} cannot be used (${fault}): what that run left is not known`;
}

/** What somebody who only looks should know of the journal itself. */
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
 * Gives a damaged entry a name that no run looks at.
 * @throws BACKEND where it cannot be renamed
 */
export function setAside({ path }: Damaged): void {
  try {
    renameSync(path, `${path}.aside`);
  } catch (cause) {
    throw unwritable(`${path} cannot be renamed`, cause);
  }
}

/** Of our own process it is an earlier command, in a shell: this one has not begun yet. */
function isAtWork(identity: ProcessIdentity): boolean {
  return identity.pid !== process.pid && isRunning(identity);
}

function read(wanted: readonly Outcome[], isMeant: (state: FileState) => boolean = () => true): JournalEntry[] {
  return list().names.flatMap((name) => {
    const state = parseFileName(name);
    const reading =
      state && wanted.includes(state.outcome) && isMeant(state) ? readEntry(directory(), name) : undefined;
    return state && reading && 'written' in reading ? [{ ...reading.written, ...state }] : [];
  });
}

/** The names of the files, oldest entry first; and why there are none to be read. */
function list(): { readonly names: string[]; readonly fault?: string } {
  let names: string[] = [];
  for (const path of [stateDirectory(), directory()]) {
    try {
      const found = statSync(path);
      const fault = found.isDirectory() ? ownerFault(found) : 'it is not a directory';
      if (fault !== undefined) return { names: [], fault: `${path}: ${fault}` };
      names = readdirSync(path);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === 'ENOENT' ? { names: [] } : { names: [], fault: message };
    }
  }
  return { names: names.sort(byAge) };
}

/** Removes old entries, and what a writer that was killed has left aside. */
function prune(): void {
  const { names } = list();
  const entries = names.filter((name) => name.endsWith('.json'));
  const old = entries.slice(0, -kept).filter((name) => {
    const outcome = parseFileName(name)?.outcome;
    return outcome !== 'running' && outcome !== 'unconfirmed' && outcome !== 'partial';
  });
  const aside = names.filter((name) => {
    const pid = /\.(\d+)\.new$/.exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
  for (const name of [...old, ...aside]) rmSync(join(directory(), name), { force: true });
}
