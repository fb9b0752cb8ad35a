/** One change of a host: the lock, what earlier runs left, a fresh plan under the lock, and its application. */
import { lock, lockDirectory } from '../host/lock.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isLocal, isSession, parseUri } from '../observe/uri.ts';
import type { Plan } from '../plan/step.ts';
import { apply, isComplete, resume, revert, type ApplyOptions } from './apply.ts';
import { isOfEarlierBoot, refusal, remaining } from './confirm.ts';
import { leftovers, note, unconfirmed, type JournalEntry, type Pending } from './journal.ts';

export interface ChangeOptions extends Omit<ApplyOptions, 'journal'> {
  /** How long to wait for another run's lock, in milliseconds. */
  readonly lockTimeout: number;
  /** Asks whether what the plan would disconnect is accepted; throws DECLINED when it is not. Asked without holding the lock. */
  readonly consent: (plan: Plan) => Promise<void>;
  /** Told of what an earlier run left, and of what is done about it. */
  readonly onLeftover?: (entry: JournalEntry, treatment: Treatment) => void;
}

/** `complete`: all was done already, only the end of the run is missing; `forget`: it has gone with the last boot. */
export type Treatment = 'finish' | 'undo' | 'complete' | 'forget';

/** What came of a change. */
export interface ChangeResult {
  readonly plan: Plan;
  /** True when the work was the rest of a run that was killed, with the same command. */
  readonly resumed: boolean;
  /** By when it has to be confirmed, where it has to be. */
  readonly pending?: Pending | undefined;
}

/**
 * Runs `makePlan` and applies its plan, alone on the host. What a run left that broke off is dealt with first: the same command is finished,
 * any other is undone. `makePlan` sees the host after that, and may throw to refuse.
 */
export async function change(makePlan: () => Promise<Plan>, options: ChangeOptions): Promise<ChangeResult> {
  const accepted = new Set<string>();
  for (;;) {
    const result = await attempt(makePlan, accepted, options);
    const { plan } = result;
    if (result.resumed || isAccepted(plan, accepted)) return result;
    await options.consent(plan);
    plan.consent.forEach((sentence) => accepted.add(sentence));
  }
}

function isAccepted(plan: Plan, accepted: ReadonlySet<string>): boolean {
  return plan.consent.every((sentence) => accepted.has(sentence));
}

/** Plans under the lock, and applies the plan unless it needs an answer first. */
async function attempt(
  makePlan: () => Promise<Plan>,
  accepted: ReadonlySet<string>,
  options: ChangeOptions,
): Promise<ChangeResult> {
  const { connection } = options;
  const journal = hasMemory(connection);
  const held = journal
    ? await lock(lockDirectory(isSession(connection.uri)), options.lockTimeout, options.signal)
    : undefined;
  try {
    const finished = journal ? await recover(options) : undefined;
    if (finished) return { plan: finished, resumed: true };
    const plan = await makePlan();
    const pending = isAccepted(plan, accepted) ? await apply(plan, { ...options, journal }) : undefined;
    return { plan, resumed: false, pending };
  } finally {
    held?.release();
  }
}

/** The test driver forgets with the process: there is nothing to lock, and nothing that a killed run could leave. */
function hasMemory(connection: Connection): boolean {
  return parseUri(connection.uri).driver !== 'test';
}

/** Deals with what broke off: closes what is complete, finishes the same command, undoes any other. */
async function recover(options: ChangeOptions): Promise<Plan | undefined> {
  const { connection, command, inputs = [], onLeftover } = options;
  await settleUnconfirmed(options);
  let finished: Plan | undefined;
  for (const entry of leftovers(connection.uri)) {
    const same = entry.command === command && entry.inputs.join() === inputs.join();
    const plan: Plan = { title: entry.title, steps: entry.steps, warnings: [], consent: [] };
    if (isOfEarlierBoot(entry)) {
      forget(entry, options);
    } else if (entry.confirm) {
      // Finished, it would be without its watchdog.
      onLeftover?.(entry, 'undo');
      await revert(entry, { ...options, journal: true });
    } else if (entry.outcome === 'running' && (await isComplete(entry, connection))) {
      onLeftover?.(entry, 'complete');
      note(entry, { outcome: 'done' });
      if (same) finished = plan;
    } else if (entry.outcome === 'running' && same) {
      onLeftover?.(entry, 'finish');
      await resume(entry, { ...options, journal: true });
      finished = plan;
    } else {
      onLeftover?.(entry, 'undo');
      await revert(entry, { ...options, journal: true });
    }
  }
  return finished;
}

/**
 * Two changes that wait for a confirmation cannot be stacked. One whose time is over is taken back here, if its watchdog has not done it.
 * @throws LOCKED while one is pending
 */
async function settleUnconfirmed(options: ChangeOptions): Promise<void> {
  if (!isLocal(options.connection.uri)) return;
  for (const entry of unconfirmed()) {
    if (isOfEarlierBoot(entry)) {
      forget(entry, options);
    } else if (remaining(entry) > 0) {
      throw refusal(entry);
    } else {
      options.onLeftover?.(entry, 'undo');
      await revert(entry, { ...options, journal: true });
    }
  }
}

/** Links and addresses are made anew at each boot: there is nothing to take back. */
function forget(entry: JournalEntry, { onLeftover }: ChangeOptions): void {
  onLeftover?.(entry, 'forget');
  note(entry, { outcome: 'abandoned' });
}
