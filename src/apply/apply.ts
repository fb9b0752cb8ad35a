/** Does a plan, step by step: journal, do, verify by reading back; what fails is rolled back, and what could not be is named. */
import { setTimeout as sleep } from 'node:timers/promises';
import { exitStatus, KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import { hasHostAction, needsLibvirt } from '../plan/actions/rows.ts';
import type { Plan, Step } from '../plan/step.ts';
import { perform } from './actions/perform.ts';
import { explain } from './explain.ts';
import { begin, close, discard, updateEntry, type JournalEntry, type Pending } from './journal/journal.ts';
import { gatewaysOf, pendingFrom, stillReached } from './reach.ts';
import { didNothing, isRefused, undo, undoError } from './undo.ts';
import { verify, type Patience } from './verify/verify.ts';
import { watched } from './journal/seen.ts';
import { readBefore } from './actions/before.ts';
import { undoableSteps } from './journal/trust.ts';
import { remembering, type RememberingConnection } from './remembering.ts';
import { startWatchdog } from './watchdog.ts';

export interface ApplyOptions {
  readonly connection: Connection;
  /** The command line for the journal, and digests of the documents that it names. */
  readonly command: string;
  readonly inputs?: readonly string[];
  /** False for the test driver, whose changes live in this process only. */
  readonly journal: boolean;
  /** Stops the change and rolls it back when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  readonly patience?: Patience;
  /** Called with each warning. */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Called before each step, and again when it is done. */
  readonly onStep?: ((step: Step, phase: 'begin' | 'done' | 'undo') => void) | undefined;
}

/** How long verification waits for a guest to let go of a NIC or to shut down, and for everything else. */
const defaultPatience: Patience = { guest: 30_000, other: 5_000 };

/** A change, and its entry in the journal. */
type Work = Pick<Plan, 'title' | 'steps' | 'consent'> & {
  readonly entry: JournalEntry | undefined;
  /** Checks a condition that must still hold after the last step; throws if it does not. */
  readonly check?: () => Promise<void>;
};

/**
 * Applies all steps of a plan, or none; returns by when it has to be confirmed, where it has to be.
 * @throws what the failed step threw, explained, once all before it is undone; PARTIAL where something could not be undone; INTERRUPTED
 * when the signal came; TIMEOUT or CONNECT when libvirt hangs or is gone, which leaves the journal to the next run
 */
export async function apply(given: Plan, options: ApplyOptions): Promise<Pending | undefined> {
  if (given.steps.length === 0) return undefined;
  const { connection, command, inputs = [] } = options;
  const plan = { ...given, steps: undoableSteps(given.steps, connection.uri) };
  const { title, steps } = plan;
  const undoes = plan.undoes === undefined ? {} : { undoes: plan.undoes };
  const request = { uri: connection.uri, command, inputs, title, steps, ...undoes };
  if (!plan.confirm) {
    await run({ ...plan, entry: options.journal ? begin(request) : undefined }, options);
    return undefined;
  }
  const gateways = await gatewaysOf(plan.confirm, options.onWarning);
  const pending = pendingFrom(plan.confirm);
  const entry = begin({ ...request, confirm: pending });
  await startWatchdog(entry);
  await run({ ...plan, entry, check: () => stillReached(gateways, pending) }, options);
  return pending;
}

/** Finishes an entry whose run broke off: applies the steps that were not begun, and those begun without a result. */
export async function resume(entry: JournalEntry, options: ApplyOptions): Promise<void> {
  await run({ ...entry, consent: [], entry }, options);
}

/**
 * Undoes what a run did that broke off; a second time when the first did not succeed, and then no more.
 * @throws PARTIAL
 */
export async function revert(entry: JournalEntry, { connection, onStep }: ApplyOptions): Promise<void> {
  const failures = await undo({ connection, entry }, entry.steps.slice(0, entry.begun), (step) =>
    onStep?.(step, 'undo'),
  );
  const failed = entry.outcome === 'partial' ? 'abandoned' : 'partial';
  if (failures.length === 0) {
    close(entry, 'undone');
    return;
  }
  updateEntry(entry, { outcome: failed });
  throw undoError(entry.title, undefined, failures, failed === 'partial');
}

/** True where all steps were begun, and a reading shows all as done: only the end of the run is missing. */
export async function isComplete(entry: JournalEntry, connection: Connection): Promise<boolean> {
  if (entry.begun < entry.steps.length) return false;
  for (const step of entry.steps) if (!(await isDone(step, connection))) return false;
  return true;
}

async function isDone(step: Step, connection: Connection): Promise<boolean> {
  return (await verify(connection, step.verify, { guest: 0, other: 0 })) === undefined;
}

async function run(work: Work, options: ApplyOptions): Promise<void> {
  const { title, steps } = work;
  const connection = remembering(options.connection);
  let { entry } = work;
  // A step that an earlier run began is repeated only if its result is missing.
  const before = entry?.begun ?? 0;
  let begun = before;
  let current: Step | undefined;
  try {
    for (const [index, step] of steps.entries()) {
      current = undefined;
      stopIfAsked(title, options.signal);
      const again = index < before;
      if (again && (await isDone(step, options.connection))) continue;
      begun = Math.max(begun, index + 1);
      if (entry) entry = updateEntry(entry, { begun });
      current = step;
      try {
        await watched({ entry, connection }, step, () => doStep(step, again, { ...options, connection }));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (!again) begun = index;
        throw error.cause;
      }
    }
    current = undefined;
    stopIfAsked(title, options.signal);
    await work.check?.();
    stopIfAsked(title, options.signal);
  } catch (error) {
    throw await rollBack({ ...work, entry, begun: steps.slice(0, begun), current }, error, options);
  }
  if (entry?.confirm) updateEntry(entry, { outcome: 'unconfirmed' });
  else if (entry) close(entry, 'done');
}

async function doStep(
  step: Step,
  again: boolean,
  options: ApplyOptions & { readonly connection: RememberingConnection },
): Promise<void> {
  const { connection, signal, patience = defaultPatience } = options;
  const before = await readBefore(connection, step.do);
  options.onStep?.(step, 'begin');
  try {
    await perform(connection, step.do).finally(connection.forget);
  } catch (error) {
    // The daemon finished it after the earlier run was killed, or another program has just started or stopped it.
    const isIdle = didNothing(step.do, error);
    if (!(again || isIdle) || !(await isDone(step, connection))) {
      // A failed start may leave a bridge and dnsmasq, which libvirt does not show: the undo removes them.
      const isSame = !hasHostAction([step]) && (await before?.isUnchanged().catch(() => false));
      const isRefusal = isIdle || isRefused(step.do, error) || isSame;
      throw isRefusal ? new Refusal(error) : error;
    }
  }
  const missing = await verify(connection, step.verify, patience, signal);
  if (missing !== undefined && !signal?.aborted) throw unmet(step, missing);
  if (step.pause !== undefined) await sleep(step.pause).finally(connection.forget);
  options.onStep?.(step, 'done');
}

/** A step has failed, and has changed nothing: it is as if never begun. */
class Refusal extends Error {
  constructor(cause: unknown) {
    super('refused', { cause });
  }
}

function unmet(step: Step, missing: string): KvmnetError {
  const details = { step: step.title, missing };
  return step.unmet
    ? new KvmnetError('BACKEND', step.unmet.message, { hint: step.unmet.hint, details })
    : new KvmnetError('BACKEND', `${step.title}: libvirt reported success, but ${missing}`, { details });
}

function stopIfAsked(title: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new KvmnetError('INTERRUPTED', `interrupted: ${title}`);
}

/** Undoes what was begun, and returns the error to throw. */
async function rollBack(
  work: Work & { readonly begun: readonly Step[]; readonly current: Step | undefined },
  error: unknown,
  options: ApplyOptions,
): Promise<unknown> {
  const { title, entry, current, consent } = work;
  const { connection } = options;
  if (needsLibvirt({ steps: work.begun }) && (await isLost(connection))) return leftToNextRun(title, error);
  const reason = current ? await explain(current, error, connection) : error;
  const { begun } = work;
  const failures = await undo({ connection, entry }, begun, (step) => options.onStep?.(step, 'undo'));
  // Where the journal cannot be written any more, the next run undoes once more what is undone.
  if (entry) tryClose(entry, begun.length === 0, failures.length > 0 ? 'partial' : 'undone');
  if (!(reason instanceof KvmnetError)) return reason;
  if (failures.length > 0) return undoError(title, reason.message, failures, true);
  // Starting its network does not reattach a guest that was disconnected.
  const state = consent.length > 0 ? 'what was done is undone' : 'everything is as before';
  const isUntouched = current === undefined && begun.length === 0;
  return concluded(
    reason,
    isUntouched ? 'nothing was changed' : state,
    begun.some((step) => step !== current),
  );
}

/** The error with what has become of the host in its first line; and never "refused before anything was touched" after a change. */
function concluded(error: KvmnetError, state: string, touched: boolean): KvmnetError {
  const [first = '', ...more] = error.message.split('\n');
  const code = touched && exitStatus(error.code) === 2 ? 'BACKEND' : error.code;
  return new KvmnetError(code, [`${first}; ${state}`, ...more].join('\n'), {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: error.details,
    cause: error,
  });
}

/** True where nothing can be undone by this connection: it hangs in libvirt, or the daemon has gone away. */
async function isLost(connection: Connection): Promise<boolean> {
  if (connection.hung) return true;
  return !(await connection.call('isAlive').catch(() => false));
}

/** The journal still lists the run as unfinished: the next run determines the outcome. */
function leftToNextRun(title: string, error: unknown): unknown {
  if (!(error instanceof KvmnetError)) return error;
  return new KvmnetError(error.code === 'TIMEOUT' ? 'TIMEOUT' : 'CONNECT', `${title}: ${error.message}`, {
    hint: 'once libvirt answers again, the same command finishes it; any other that changes this host undoes it first',
    details: error.details,
    cause: error,
  });
}

/** Removes the entry of a run that began no step: it has no place in the history. */
function tryClose(entry: JournalEntry, isUntouched: boolean, outcome: 'partial' | 'undone'): void {
  try {
    if (isUntouched) discard(entry);
    else if (outcome === 'undone') close(entry, outcome);
    else updateEntry(entry, { outcome });
  } catch (error) {
    if (!(error instanceof KvmnetError)) throw error;
  }
}
