/**
 * What runs have seen of what they change, in a file beside the journal's entry, one for each user: a line before each step, and a line after it.
 * What is otherwise later was changed by somebody else.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KvmnetError } from '../errors.ts';
import { userNumber } from '../host/users.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { Step } from '../plan/step.ts';
import type { JournalEntry } from './entry-file.ts';
import { folderAt } from './journal-files.ts';
import { readSubjects, type Reading } from './reading.ts';

/** A line: what was seen, and which way the step is going at that moment, where it is. */
interface Line {
  readonly reading: Reading;
  /** The step that is being done or undone from here on, by its index. */
  readonly step?: number;
}

/** What all runs have seen, and the steps that were never seen to end. */
export interface Seen {
  readonly readings: readonly Reading[];
  readonly open: readonly number[];
}

export const seenName = (id: string, user: number): string => `${id}.${String(user)}.seen`;

/** The id in the name of such a file; undefined for the name of another. */
export const seenId = (name: string): string | undefined => /^(.+)\.\d+\.seen$/.exec(name)?.[1];

/**
 * Does what `task` does to a step, with a line before and a line after it. Without an entry, and where nothing can be read, there are none.
 * @throws what `task` throws
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
    const { directory, isShared } = entry.place;
    const path = join(directory, seenName(entry.id, userNumber()));
    appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: isShared ? 0o640 : 0o600 });
  } catch (error) {
    // It cannot be read, or the disk is full: what somebody else changes is then not noticed.
    if (!(error instanceof KvmnetError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

/** What was seen of an entry; undefined where nothing was. */
export function seenOf({ id, place: { directory } }: JournalEntry): Seen | undefined {
  const files = folderAt(directory).names.filter((name) => seenId(name) === id);
  const all = files.map((name) => linesOf(join(directory, name)));
  if (all.flat().length === 0) return undefined;
  return {
    readings: all.flat().map(({ reading }) => reading),
    open: all.flatMap((lines) => lines.at(-1)?.step ?? []),
  };
}

function linesOf(path: string): readonly Line[] {
  try {
    const texts = readFileSync(path, 'utf8').split('\n');
    return texts.flatMap((text) => lineOf(text) ?? []);
  } catch {
    return []; // not for this user
  }
}

/** The last line of a run that was killed may be half a line. */
function lineOf(text: string): Line | undefined {
  try {
    const line = JSON.parse(text) as Partial<Line> | null;
    return typeof line?.reading === 'object' ? { ...line, reading: line.reading } : undefined;
  } catch {
    return undefined;
  }
}
