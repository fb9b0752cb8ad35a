/**
 * Readings that runs have made of what they change, in a file next to the journal's entry, one for each user:
 * a line before each step, and a line after it. If the state differs from these later, another program has
 * changed it.
 */
import { closeSync, constants, fchmodSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { KvmnetError } from '../../errors.ts';
import { userNumber } from '../../host/users.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { Step } from '../../plan/step.ts';
import type { JournalEntry } from './entry-file.ts';
import { isObject } from './entry-shape.ts';
import { fileFault, readJournalFile } from './entry-read.ts';
import { folderAt } from './journal-folders.ts';
import { seenId, seenName } from './seen-name.ts';
import type { Reading } from '../verify/reading.ts';
import { readSubjects } from '../verify/verify.ts';

/** A line: what was seen, and which way the step is going at that moment, where it is. */
interface Line {
  readonly reading: Reading;
  /** The step that is being done or undone from here on, by its index. */
  readonly step?: number;
}

/** The readings of all runs, and the steps without a reading after them. */
export interface Seen {
  readonly readings: readonly Reading[];
  readonly open: readonly number[];
}

/**
 * Runs `task` on a step, with a line before and a line after it. Writes none without an entry, or if nothing
 * can be read.
 * @throws the errors of `task`
 */
export async function watched<T>(
  { entry, connection }: { readonly entry: JournalEntry | undefined; readonly connection: Connection },
  step: Step,
  task: () => Promise<T>,
): Promise<T> {
  if (!entry) return task();
  await see(entry, connection, step, entry.steps.indexOf(step));
  const result = await task();
  await see(entry, connection, step);
  return result;
}

async function see(entry: JournalEntry, connection: Connection, step: Step, index?: number): Promise<void> {
  try {
    const line: Line = {
      reading: await readSubjects(connection, step),
      ...(index === undefined ? {} : { step: index }),
    };
    append(entry, `${JSON.stringify(line)}\n`);
  } catch (error) {
    // It cannot be read, or the disk is full: kvmnet then does not notice changes of other programs.
    if (!(error instanceof KvmnetError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function append({ id, place: { directory, isShared } }: JournalEntry, text: string): void {
  // In a shared journal another user may have put something in its place.
  const flags =
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = openSync(join(directory, seenName(id, userNumber())), flags, 0o600);
  try {
    const found = fstatSync(file);
    if (found.uid !== userNumber() || fileFault(found, isShared) !== undefined) return;
    if (isShared && found.size === 0) fchmodSync(file, 0o640);
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** Returns the readings of an entry; undefined if it has none. */
export function seenOf({ id, place }: JournalEntry): Seen | undefined {
  const files = folderAt(place.directory).names.filter((name) => seenId(name) === id);
  const all = files.map((name) => {
    const file = readJournalFile(place, name);
    return file && 'text' in file ? file.text.split('\n').flatMap((text) => lineOf(text) ?? []) : [];
  });
  if (all.flat().length === 0) return undefined;
  return {
    readings: all.flat().map(({ reading }) => reading),
    open: all.flatMap((lines) => lines.at(-1)?.step ?? []),
  };
}

/** The last line of a run that was killed may be half a line. */
function lineOf(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? line : undefined;
  } catch {
    return undefined;
  }
}

function isLine(value: unknown): value is Line {
  if (!isObject(value) || !isObject(value.reading)) return false;
  const isSubject = (subject: unknown): boolean => isObject(subject) && isObject(subject.fields);
  return (value.step === undefined || typeof value.step === 'number') && Object.values(value.reading).every(isSubject);
}
