/** The file of a journal's entry: its name, its text, and the checks that both pass before anything is done with them. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from '../host/processes.ts';
import type { Step } from '../plan/step.ts';
import { shapeFault } from './entry-shape.ts';

export const outcomes = ['running', 'unconfirmed', 'done', 'undone', 'partial', 'abandoned'] as const;

/**
 * How a run ended, or that it has not; `unconfirmed` is taken back at its deadline, and `partial` is tried once more by the next run, and then
 * `abandoned`.
 */
export type Outcome = (typeof outcomes)[number];

/** What the file says: all that is known before the first change. */
export interface Written {
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
  /** The entry that this run undoes, by its id. */
  readonly undoes?: string;
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
  /** Its number, the time it began and the process: the first part of its file's name. */
  readonly id: string;
  /** How many steps were begun: the last of them may be half done. */
  readonly begun: number;
  readonly outcome: Outcome;
}

export type FileState = Pick<JournalEntry, 'id' | 'begun' | 'outcome'>;

export const fileName = ({ id, begun, outcome }: FileState): string => `${id}.${String(begun)}.${outcome}.json`;

/** What a file's name says; undefined where it is none of ours. */
export function parseFileName(name: string): FileState | undefined {
  const [, id, begun, word] = /^([^.]+\.\d{3}Z-\d+)\.(\d+)\.([a-z]+)\.json$/.exec(name) ?? [];
  const outcome = outcomes.find((each) => each === word);
  return id === undefined || outcome === undefined ? undefined : { id, begun: Number(begun), outcome };
}

/** The number in an id, which gives the order: clocks are set back. 0 for an entry of a kvmnet that had none. */
export function numberOf(id: string): number {
  return Number(/^(\d{6,})-/.exec(id)?.[1] ?? 0);
}

/** The id of a new entry. */
export function newId(number: number, time: Date, pid: number): string {
  return `${String(number).padStart(8, '0')}-${time.toISOString().replaceAll(':', '')}-${String(pid)}`;
}

/** When an entry began, by the clock of that time: ISO 8601. */
export function timeOf(id: string): string {
  return id.replace(/^(?:\d{6,}-)?(\d{4}-\d\d-\d\dT\d\d)(\d\d)(\d\d\.\d{3}Z)-\d+$/, '$1:$2:$3');
}

/** Oldest first; names that are no entry's come first of all. */
export function byAge(left: string, right: string): number {
  return numberOf(left) - numberOf(right) || (left < right ? -1 : Number(left > right));
}

/** What a file says, or why it is not to be used. */
export type Reading = { readonly written: Written } | { readonly fault: string };

/** Reads a file of the journal: a regular one, written by this user or by root and by nobody else, of this version and of the right shape. */
export function readEntry(directory: string, name: string): Reading {
  try {
    const text = readOwn(join(directory, name));
    if (typeof text !== 'string') return text;
    const value: unknown = JSON.parse(text);
    const fault = shapeFault(value);
    return fault === undefined ? { written: value as Written } : { fault };
  } catch (error) {
    if (error instanceof SyntaxError) return { fault: 'it is no whole JSON document' };
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function readOwn(path: string): string | { readonly fault: string } {
  // A FIFO would wait for a writer, and a link may lead to anybody's file.
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    if (!found.isFile()) return { fault: 'it is not a regular file' };
    const fault = ownerFault(found);
    return fault === undefined ? readFileSync(file, 'utf8') : { fault };
  } finally {
    closeSync(file);
  }
}

/** Why a file or directory is not trusted, as ssh(1) has it; undefined where only this user and root can write it. */
export function ownerFault({ uid, mode }: { readonly uid: number; readonly mode: number }): string | undefined {
  if (uid !== 0 && uid !== process.geteuid?.()) return `it belongs to the user with the number ${String(uid)}`;
  return (mode & 0o022) === 0 ? undefined : 'other users can write it';
}
