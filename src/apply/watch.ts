/**
 * The watchdog's work: watches one entry of the journal until it is finished, and reverts its change if it is
 * not confirmed in time.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import { lock, lockPath, type Lock } from '../host/lock.ts';
import { endProcess, isRunning } from '../host/processes.ts';
import { remaining } from './confirm.ts';
import { hostOnlyConnection } from './host-only-connection.ts';
import { close, entryOf, updateEntry, type JournalEntry } from './journal/journal.ts';
import { undo, type UndoFailure } from './undo.ts';
import { announce } from './watchdog.ts';

const interval = 200;
/** Milliseconds to wait for another run that holds the lock. */
const lockTimeout = 10_000;
/** Seconds after the deadline that a run has to finish on its own. */
const graceSeconds = 3;
/** Milliseconds that a program may still be at work which a run had started that was killed. */
const orphanMs = 500;
/** Milliseconds between two attempts to revert it: a device may be busy for a moment. */
const retryMs = [200, 1_000, 2_000, 5_000, 10_000];

/** Returns when the entry is finished: confirmed or reverted. Needs no libvirt. */
export async function watch(id: string, say: (text: string) => void): Promise<void> {
  const withdraw = announce(id);
  try {
    for (;;) {
      const entry = await readEntry(id);
      if (!entry || isFinished(entry)) return;
      if (isDue(entry) && (await finish(id, say))) return;
      await sleep(interval);
    }
  } finally {
    withdraw();
  }
}

/** The entry; undefined if it does not exist permanently: its file has another name in the moment that it is renamed. */
async function readEntry(id: string, tries = 5): Promise<JournalEntry | undefined> {
  const entry = entryOf(id);
  if (entry || tries === 0) return entry;
  await sleep(interval / 4);
  return readEntry(id, tries - 1);
}

function isFinished({ outcome }: JournalEntry): boolean {
  return outcome === 'done' || outcome === 'undone' || outcome === 'abandoned';
}

/** True if the watchdog has to revert it: no other process does, and it can no longer be confirmed. */
function isDue(entry: JournalEntry): boolean {
  const left = remaining(entry);
  if (entry.outcome === 'partial') return true;
  if (entry.outcome === 'unconfirmed') return left <= 0;
  // One that was stopped, or hangs, would hold the lock for ever.
  if (left <= -graceSeconds) endProcess(entry.process);
  return !isRunning(entry.process);
}

/** Reverts the change under the lock; true when nothing is left to do. */
async function finish(id: string, say: (text: string) => void): Promise<boolean> {
  const held = await lockIfFree();
  try {
    const entry = await readEntry(id);
    if (!entry || isFinished(entry)) return true;
    if (!isDue(entry)) return false;
    say(`"${entry.title}" was not confirmed: reverting it`);
    return await revert(entry, say);
  } finally {
    held?.release();
  }
}

/** A host that cannot be reached is worse than two runs at once: a lock that cannot be had in time is done without. */
async function lockIfFree(): Promise<Lock | undefined> {
  try {
    return await lock(lockPath(false), lockTimeout);
  } catch (error) {
    if (error instanceof KvmnetError) return undefined;
    throw error;
  }
}

async function revert(entry: JournalEntry, say: (text: string) => void): Promise<boolean> {
  const connection = hostOnlyConnection(entry.uri);
  for (const pause of retryMs) {
    const failures = await undoTwice(connection, entry);
    if (failures.length === 0) {
      close(entry, 'undone');
      say(`"${entry.title}" is undone`);
      return true;
    }
    failures.forEach(({ step, error }) => {
      say(`not undone: ${step.title}: ${error instanceof Error ? error.message : String(error)}`);
    });
    await sleep(pause);
  }
  updateEntry(entry, { outcome: 'partial' });
  return true;
}

/** Undoes it twice: ip(8) of a killed run may still be at work. The second time changes nothing if all is as before. */
async function undoTwice(connection: Connection, entry: JournalEntry): Promise<readonly UndoFailure[]> {
  const steps = entry.steps.slice(0, entry.begun);
  await undo({ connection, entry }, steps, undefined);
  await sleep(orphanMs);
  return undo({ connection, entry }, steps, undefined);
}
