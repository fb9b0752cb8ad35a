/** Does a plan, step by step: journal, do, verify by reading back; what fails is rolled back, and what could not be is named. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isLibvirtError } from '../libvirt/error.ts';
import type { Action, Plan, Step } from '../plan/step.ts';
import { perform } from './actions.ts';
import { begin, save, type JournalEntry, type Outcome } from './journal.ts';
import { stillNeeded } from './still-needed.ts';
import { verify, type Patience } from './verify.ts';

export interface ApplyOptions {
  readonly connection: Connection;
  /** What the user typed, for the journal. */
  readonly command: string;
  /** False for the test driver, whose changes live in this process only. */
  readonly journal: boolean;
  /** The way to say: stop here and roll back. */
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Patience;
  /** Told before each step, and again when it is done. */
  readonly onStep?: ((step: Step, phase: 'begin' | 'done' | 'undo') => void) | undefined;
}

/** How long verification waits for a guest to let go of a NIC or to shut down, and for everything else. */
export const defaultPatience: Patience = { guest: 30_000, other: 5_000 };

/**
 * Applies all steps of a plan, or none.
 * Throws what the failed step threw (BACKEND, CONFLICT, …) once all before it is undone; PARTIAL where something could not be undone;
 * INTERRUPTED when the signal came; TIMEOUT when libvirt hangs, which leaves the journal for the next run.
 */
export async function apply(plan: Plan, options: ApplyOptions): Promise<void> {
  if (plan.steps.length === 0) return;
  const { connection, command } = options;
  const entry = options.journal
    ? begin({ uri: connection.uri, command, title: plan.title, steps: plan.steps })
    : undefined;
  await run(plan.title, plan.steps, 0, options, entry);
}

/** Goes on with an entry that a killed run left: the steps that were not begun, and the last one that was. */
export async function resume(entry: JournalEntry, options: ApplyOptions): Promise<void> {
  const from = await firstUndone(entry, options);
  await run(entry.title, entry.steps, from, options, entry);
}

/** Takes back what a killed run did. */
export async function revert(entry: JournalEntry, options: ApplyOptions): Promise<void> {
  const failures = await undo(entry.steps.slice(0, entry.begun), options);
  close(entry, failures.length > 0 ? 'partial' : 'undone');
  if (failures.length > 0) throw partial(entry.title, undefined, failures);
}

async function run(
  title: string,
  steps: readonly Step[],
  from: number,
  options: ApplyOptions,
  entry: JournalEntry | undefined,
): Promise<void> {
  let begun = from;
  try {
    for (const step of steps.slice(from)) {
      stopIfAsked(title, options.signal);
      begun += 1;
      if (entry) save({ ...entry, begun, outcome: 'running' });
      await doStep(step, options);
    }
    stopIfAsked(title, options.signal);
  } catch (error) {
    // The connection's thread hangs in libvirt: nothing can be undone by it, and the next run will see what came of it.
    if (options.connection.hung) throw error;
    const failures = await undo(steps.slice(0, begun), options);
    if (entry) close({ ...entry, begun }, failures.length > 0 ? 'partial' : 'undone');
    if (failures.length > 0) throw partial(title, error, failures);
    throw rolledBack(error);
  }
  if (entry) close({ ...entry, begun }, 'done');
}

async function doStep(step: Step, options: ApplyOptions): Promise<void> {
  options.onStep?.(step, 'begin');
  await perform(options.connection, step.do);
  const missing = await verify(options.connection, step.verify, options.patience ?? defaultPatience, options.signal);
  if (missing !== undefined && !options.signal?.aborted) throw unmet(step, missing);
  if (step.pause !== undefined) await sleep(step.pause);
  options.onStep?.(step, 'done');
}

function unmet(step: Step, missing: string): KvmnetError {
  const details = { step: step.title, missing };
  return step.unmet
    ? new KvmnetError('BACKEND', step.unmet.message, { hint: step.unmet.hint, details })
    : new KvmnetError('BACKEND', `${step.title}: libvirt said success, but ${missing}`, { details });
}

function stopIfAsked(title: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new KvmnetError('INTERRUPTED', `interrupted: ${title}`);
}

/** Undoes steps in reverse order; goes on past what fails, and returns that. */
async function undo(steps: readonly Step[], options: ApplyOptions): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const step of [...steps].reverse()) {
    if (step.undo.length > 0) options.onStep?.(step, 'undo');
    for (const action of step.undo) {
      try {
        const needed = await stillNeeded(options.connection, action, step);
        if (needed) await perform(options.connection, needed);
      } catch (error) {
        if (!isAlreadyUndone(action, error)) failures.push({ step, error });
      }
    }
  }
  return failures;
}

interface Failure {
  readonly step: Step;
  readonly error: unknown;
}

/** A step that failed, or was killed, may have changed nothing: then there is nothing to take back, and libvirt says so. */
function isAlreadyUndone(action: Action, error: unknown): boolean {
  switch (action.call) {
    case 'networkUndefine':
    case 'networkDestroy':
    case 'networkSetAutostart':
    case 'domainDestroy':
      return isLibvirtError(error, 'VIR_ERR_NO_NETWORK', 'VIR_ERR_NO_DOMAIN', 'VIR_ERR_OPERATION_INVALID');
    case 'networkStart':
    case 'domainStart':
      return isLibvirtError(error, 'VIR_ERR_OPERATION_INVALID');
    case 'domainDetachDevice':
      return isLibvirtError(error, 'VIR_ERR_DEVICE_MISSING', 'VIR_ERR_OPERATION_FAILED', 'VIR_ERR_OPERATION_INVALID');
    default:
      return false;
  }
}

/** The first step that a reading does not show as done. */
async function firstUndone(entry: JournalEntry, { connection }: ApplyOptions): Promise<number> {
  for (const [index, step] of entry.steps.slice(0, entry.begun).entries()) {
    const missing = await verify(connection, step.verify, { guest: 0, other: 0 });
    if (missing !== undefined) return index;
  }
  return entry.begun;
}

function close(entry: JournalEntry, outcome: Outcome): void {
  save({ ...entry, outcome });
}

function rolledBack(error: unknown): unknown {
  if (!(error instanceof KvmnetError)) return error;
  if (error.code === 'INTERRUPTED') {
    return new KvmnetError('INTERRUPTED', `${error.message}; everything is as before`, { cause: error });
  }
  return error;
}

function partial(title: string, cause: unknown, failures: readonly Failure[]): KvmnetError {
  const first = cause instanceof Error ? `${cause.message}; then ` : '';
  const left = failures.map(
    ({ step, error }) => `"${step.title}" (${error instanceof Error ? error.message : String(error)})`,
  );
  return new KvmnetError('PARTIAL', `${title}: ${first}could not be undone: ${left.join(', ')}`, {
    hint: 'look at what is left with `kvmnet net list` and `kvmnet domiflist`',
    cause,
  });
}
