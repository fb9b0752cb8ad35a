/**
 * The journal: what a run is about to do is on disk before the first change, so that the next run can say what one that broke off has
 * left, and finish or undo it. One file an entry, readable by its owner only. How far it got is in the file's name: a rename needs no
 * room on a full disk, and listing the directory is enough to see that nothing is left.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { KvmnetError } from '../errors.ts';
import { syncDirectory, writeWhole } from '../host/files.ts';
import { isRunning, thisProcess, type ProcessIdentity } from '../host/processes.ts';
import { daemonOf } from '../observe/uri.ts';
import type { Step } from '../plan/step.ts';

const outcomes = ['running', 'unconfirmed', 'done', 'undone', 'partial', 'abandoned'] as const;

/**
 * How a run ended, or that it has not; `unconfirmed` is taken back at its deadline, and `partial` is tried once more by the next run, and then
 * `abandoned`.
 */
export type Outcome = (typeof outcomes)[number];

/** What the file says: all that is known before the first change. */
interface Written {
  readonly version: 1;
  readonly process: ProcessIdentity;
  /** Who ran it: behind sudo, the user who called it. */
  readonly user: string;
  /** The daemon that was changed, as `daemonOf` names it: it is reached by other URIs too. */
  readonly uri: string;
  /** What was asked, as a command line without the program's name. */
  readonly command: string;
  /** Digests of the documents that the command read: the same command with another document is another run. */
  readonly inputs: readonly string[];
  readonly title: string;
  readonly steps: readonly Step[];
  /** There where it is taken back unless somebody confirms it in time. */
  readonly confirm?: Pending;
}

/** By when a change has to be confirmed. */
export interface Pending {
  /** Seconds, from the beginning on. */
  readonly within: number;
  /** Seconds since boot: the clock may be set in the meantime. */
  readonly deadline: number;
  /** The same by the clock, for people: an ISO 8601 time. */
  readonly until: string;
  /** The value of SSH_CONNECTION that the change was made by, where that was in danger. */
  readonly ssh?: string;
}

export interface JournalEntry extends Written {
  /** The time it began and the process, which is also the first part of its file's name. */
  readonly id: string;
  /** How many steps were begun: the last of them may be half done. */
  readonly begun: number;
  readonly outcome: Outcome;
}

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

type FileState = Pick<JournalEntry, 'id' | 'begun' | 'outcome'>;

const fileName = ({ id, begun, outcome }: FileState): string => `${id}.${String(begun)}.${outcome}.json`;

/** What a file's name says; undefined where it is none of ours. */
export function parseFileName(name: string): FileState | undefined {
  const [, id, begun, word] = /^([^.]+\.\d{3}Z-\d+)\.(\d+)\.([a-z]+)\.json$/.exec(name) ?? [];
  const outcome = outcomes.find((each) => each === word);
  return id === undefined || outcome === undefined ? undefined : { id, begun: Number(begun), outcome };
}

/**
 * Writes a new entry to disk.
 * @throws BACKEND where it cannot be written: without a journal nothing is changed
 */
export function begin(
  entry: Pick<JournalEntry, 'uri' | 'command' | 'inputs' | 'title' | 'steps' | 'confirm'>,
): JournalEntry {
  const identity = thisProcess();
  const record: Written = { version: 1, process: identity, user: userName(), ...entry, uri: daemonOf(entry.uri) };
  const id = `${new Date().toISOString().replaceAll(':', '')}-${String(identity.pid)}`;
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

function unwritable(what: string, cause: unknown): KvmnetError {
  return new KvmnetError('BACKEND', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    hint: `make room or give rights to ${directory()}, or name another place in KVMNET_STATE_DIR`,
    cause,
  });
}

/** What is known of an entry now; undefined where it is there no more. */
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
  clearAside();
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

/** Of our own process it is an earlier command, in a shell: this one has not begun yet. */
function isAtWork(identity: ProcessIdentity): boolean {
  return identity.pid !== process.pid && isRunning(identity);
}

function read(wanted: readonly Outcome[], isMeant: (state: FileState) => boolean = () => true): JournalEntry[] {
  return names().flatMap((name) => {
    const state = parseFileName(name);
    const record = state && wanted.includes(state.outcome) && isMeant(state) ? readRecord(name) : undefined;
    return state && record ? [{ ...record, ...state }] : [];
  });
}

function names(): string[] {
  try {
    return readdirSync(directory()).sort();
  } catch {
    return []; // There is no journal yet, or it is somebody else's.
  }
}

function readRecord(name: string): Written | undefined {
  try {
    const record = JSON.parse(readFileSync(join(directory(), name), 'utf8')) as { readonly version?: unknown };
    return record.version === 1 ? (record as Written) : undefined;
  } catch {
    return undefined; // Half of one, after a power failure, or of a later kvmnet.
  }
}

/** Removes old entries. */
function prune(): void {
  const entries = names().filter((name) => name.endsWith('.json'));
  const old = entries.slice(0, -kept).filter((name) => {
    const outcome = parseFileName(name)?.outcome;
    if (outcome === 'unconfirmed') return false;
    const record = outcome === 'running' ? readRecord(name) : undefined;
    return record === undefined || !isRunning(record.process);
  });
  for (const name of old) rmSync(join(directory(), name), { force: true });
}

/** Removes what a writer that was killed has left aside. */
function clearAside(): void {
  const aside = names().filter((name) => {
    const pid = /\.(\d+)\.new$/.exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
  for (const name of aside) rmSync(join(directory(), name), { force: true });
}
