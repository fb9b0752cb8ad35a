/** The file of a journal's entry: its name and its contents. */
import type { ProcessIdentity } from '../../host/processes.ts';
import type { Step } from '../../plan/step.ts';

export const outcomes = ['running', 'unconfirmed', 'done', 'undone', 'partial', 'abandoned'] as const;

/**
 * How a run ended, or that it has not; `unconfirmed` is reverted at its deadline, and `partial` is retried
 * once by the next run, and then becomes `abandoned`.
 */
export type Outcome = (typeof outcomes)[number];

/** The outcomes of runs that may have left something. */
export const unfinished: readonly Outcome[] = ['running', 'unconfirmed', 'partial'];

/** The contents of the file: all that is known before the first change. */
export interface Written {
  readonly version: 1;
  readonly process: ProcessIdentity;
  /** Who ran it, by the owner of the file; of root's, behind sudo, the user who called it. */
  readonly user: string;
  /** The daemon that was changed, as `daemonOf` names it: it is reached by other URIs too. */
  readonly uri: string;
  /** The command line without the program's name. */
  readonly command: string;
  /** Digests of the documents that the command read: the same command with another document is another run. */
  readonly inputs: readonly string[];
  readonly title: string;
  /** Empty if `subjects` is present: the steps are then in a file of their own. */
  readonly steps: readonly Step[];
  /** There where the steps have texts of files of the host, which only root may read. */
  readonly subjects?: readonly string[];
  /** Present if the change is reverted unless the user confirms it in time. */
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
  /** The objects that its steps change, also if this user cannot read the steps. */
  readonly subjects: readonly string[];
  /** True where only root can read its steps, and this user is not root. */
  readonly isWithheld: boolean;
  readonly place: Place;
}

/** Where an entry is on disk, and its owner. */
export interface Place {
  readonly directory: string;
  /** True in a directory in which root and members of group libvirt write. */
  readonly isShared: boolean;
  /** The name of its file. */
  readonly name: string;
  /** The number of the user whose file it is. */
  readonly owner: number;
  /** The mark that is its state, where that is not the name of its file. */
  readonly mark?: OwnedMark | undefined;
  /** The highest number of its marks, those included that do not count; 0 without marks. */
  readonly lastMark: number;
}

export type FileState = Pick<JournalEntry, 'id' | 'begun' | 'outcome'>;

/** A state that an entry got from a user who may not rename its file: mark.ts. */
export interface Mark extends FileState {
  /** Taken under the lock, per entry: the mark with the highest number is the state. */
  readonly number: number;
}

/** A mark with the number of the user whose file it is. */
export interface OwnedMark extends Mark {
  readonly owner: number;
}

export const fileName = ({ id, begun, outcome }: FileState): string => `${id}.${String(begun)}.${outcome}.json`;

/** The file of the steps that only root may read. */
export const stepsName = (id: string): string => `${id}.steps`;

/** Parses a file name; undefined if it is not the name of an entry. */
export function parseFileName(name: string): FileState | undefined {
  const [, id, begun, word] = /^([^.]+\.\d{3}Z-\d+)\.(\d+)\.([a-z]+)\.json$/.exec(name) ?? [];
  const outcome = outcomes.find((each) => each === word);
  return id === undefined || outcome === undefined ? undefined : { id, begun: Number(begun), outcome };
}

/** The number in an id, which gives the order: clocks are set back. 0 for an entry of a kvmnet that had none. */
export function numberOf(id: string): number {
  return Number(/^(\d{6,15})-/.exec(id)?.[1] ?? 0);
}

/** The id of a new entry. */
export function newId(number: number, time: Date, pid: number): string {
  return `${String(number).padStart(8, '0')}-${time.toISOString().replaceAll(':', '')}-${String(pid)}`;
}

/** When an entry began, by the clock of that time: ISO 8601. */
export function timeOf(id: string): string {
  return id.replace(/^(?:\d{6,}-)?(\d{4}-\d\d-\d\dT\d\d)(\d\d)(\d\d\.\d{3}Z)-\d+$/, '$1:$2:$3');
}

/** When an entry began, for people: `2026-11-28 20:13:39Z`. */
export function timeText(id: string): string {
  return timeOf(id).replace('T', ' ').replace(/\.\d+/, '');
}

/** Sorts the oldest first; names that are not an entry's come before all others. */
export function byAge(left: string, right: string): number {
  return numberOf(left) - numberOf(right) || (left < right ? -1 : Number(left > right));
}
