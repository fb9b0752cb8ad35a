/** Undoes steps. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isLibvirtError } from '../libvirt/error.ts';
import type { Action, Step } from '../plan/step.ts';
import { perform } from './actions/perform.ts';
import type { JournalEntry } from './journal/entry-file.ts';
import { isUndone } from './actions/is-undone.ts';
import { watched } from './journal/seen.ts';
import { rowOf } from './actions/rows.ts';

/** A step that could not be undone, and why. */
export interface UndoFailure {
  readonly step: Step;
  readonly error: unknown;
}

/** Undoes steps in reverse order; continues after a failure, and returns all failures. */
export async function undo(
  run: { readonly connection: Connection; readonly entry: JournalEntry | undefined },
  steps: readonly Step[],
  onStep: ((step: Step) => void) | undefined,
): Promise<UndoFailure[]> {
  const failures: UndoFailure[] = [];
  for (const [index, step] of [...steps.entries()].reverse()) {
    if (step.undo.length === 0) continue;
    onStep?.(step);
    failures.push(...(await watched(run, step, () => undoStep(run.connection, step))));
    const pause = steps[index - 1]?.pause;
    if (pause !== undefined) await sleep(pause);
  }
  return failures;
}

async function undoStep(connection: Connection, step: Step): Promise<UndoFailure[]> {
  const failures: UndoFailure[] = [];
  for (const action of step.undo) {
    try {
      await undoBy(connection, action, step);
    } catch (error) {
      // A step that failed, or was killed, may have changed nothing: a reading decides, not the error.
      if (!(await isUndone(connection, action, step, error))) failures.push({ step, error });
    }
  }
  return failures;
}

/** Undoes a step only if a reading shows that it has changed something: one that failed or was killed may have not. */
async function undoBy(connection: Connection, action: Action, { verify }: Step): Promise<void> {
  const row = rowOf(action);
  const needed = row.stillNeeded ? await row.stillNeeded(connection, action, verify) : action;
  if (!needed) return;
  await perform(connection, needed);
  const left = await row.unreleased?.(connection, needed, verify);
  if (left !== undefined) throw new KvmnetError('BACKEND', left);
}

/**
 * PARTIAL: what could not be undone, by name, after what failed at first.
 * @param isTriedAgain whether the next run tries to undo it once more
 */
export function undoError(
  title: string,
  first: string | undefined,
  failures: readonly UndoFailure[],
  isTriedAgain: boolean,
): KvmnetError {
  const left = failures.map(
    ({ step, error }) => `"${step.title}" (${error instanceof Error ? error.message : String(error)})`,
  );
  const before = first ?? title;
  return new KvmnetError('PARTIAL', `${before}\nnot undone: ${left.join(', ')}`, {
    hint: isTriedAgain
      ? 'see what is left: kvmnet net list, kvmnet domiflist; the next kvmnet command that changes this host tries to undo it once more'
      : 'see what is left, and repair it by hand: kvmnet net list, kvmnet domiflist; kvmnet does not try again',
    details: { notUndone: failures.map(({ step }) => step.title) },
  });
}

/** True if libvirt's answer means that it did nothing. */
export function didNothing(action: Action, error: unknown): boolean {
  return isLibvirtError(error, ...(rowOf(action).idleBy ?? []));
}

/** True when libvirt has refused it before it changed anything: undoing an addition that was refused would delete what was in its way. */
export function isRefused(action: Action, error: unknown): boolean {
  return isLibvirtError(error, ...(rowOf(action).refusedBy ?? []));
}
