/**
 * The watchdog of a change that has to be confirmed: a process that outlives the run, its terminal and its
 * login, and reverts the change.
 * It announces itself before the first change, in a file with its identity.
 */
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import { writeWhole } from '../host/files/files.ts';
import { ownCommand } from '../host/packaged.ts';
import { isRunning, thisProcess, type ProcessIdentity } from '../host/processes.ts';
import { startDetached } from '../host/run.ts';
import { stateDirectory } from '../host/state-directory.ts';
import { discard, type JournalEntry } from './journal/journal.ts';

/** The first word of the command line that watches, in cli/process.ts; the second is the entry. */
const watchWord = '__watch';

/** Milliseconds; a busy machine takes its time to start a program. */
const patience = 20_000;
const interval = 20;

const fileOf = (id: string, directory = stateDirectory()): string => join(directory, 'watch', id);

/**
 * Starts the watchdog of an entry, and waits until it has announced itself.
 * @throws DEPENDENCY if it does not start; nothing was changed
 */
export async function startWatchdog(entry: JournalEntry): Promise<void> {
  const directory = dirname(entry.place.directory);
  const state = { KVMNET_STATE_DIR: directory };
  const [program, ...args] = [...ownCommand, watchWord, entry.id] as const;
  await startDetached(`kvmnet-watch-${entry.id}`, program, args, state);
  const end = performance.now() + patience;
  while (!isWatched(fileOf(entry.id, directory))) {
    if (performance.now() >= end) {
      discard(entry);
      throw new KvmnetError(
        'DEPENDENCY',
        'the watchdog that would revert the change did not start; nothing was changed',
        {
          hint: `to see why, run: ${[program, ...args].join(' ')}`,
        },
      );
    }
    await sleep(interval);
  }
}

function isWatched(file: string): boolean {
  try {
    return isRunning(JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity);
  } catch {
    return false; // It has not come that far.
  }
}

/** Announces that this process watches an entry; the returned function withdraws that. */
export function announce(id: string): () => void {
  writeWhole(fileOf(id), JSON.stringify(thisProcess()));
  return () => {
    rmSync(fileOf(id), { force: true });
  };
}
