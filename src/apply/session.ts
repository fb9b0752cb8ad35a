/** One change of a host: the lock, what earlier runs left, a fresh plan under the lock, and its application. */
import { KvmnetError } from '../errors.ts';
import { lock, lockPath } from '../host/lock.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isLocal, isSession, parseUri } from '../observe/uri.ts';
import type { Plan } from '../plan/step.ts';
import { subjectsOf } from '../plan/actions/expectations.ts';
import { apply, isComplete, resume, revert, type ApplyOptions } from './apply.ts';
import { isOfEarlierBoot, refusal, remaining } from './confirm.ts';
import { changedSince } from './changed-since.ts';
import { damaged, damageText, setAside } from './journal/damaged.ts';
import { needsLibvirt } from '../plan/actions/rows.ts';
import { close, leftovers, updateEntry, unconfirmed, type JournalEntry, type Pending } from './journal/journal.ts';
import { isForRoot } from './journal/trust.ts';

export interface ChangeOptions extends Omit<ApplyOptions, 'journal'> {
  /** How long to wait for another run's lock, in milliseconds. */
  readonly lockTimeout: number;
  /** Asks whether what the plan would disconnect is accepted; throws DECLINED when it is not. Asked without holding the lock. */
  readonly consent: (plan: Plan) => Promise<void>;
  /** Told of what an earlier run left, and of what is done about it. */
  readonly onLeftover?: (entry: JournalEntry, treatment: Treatment, changed?: readonly string[]) => void;
  /** True where only links and files of the host change: what an earlier run left in libvirt waits. */
  readonly withoutLibvirt?: boolean;
}

/** A change of an earlier run that could not be undone. */
interface Failure {
  readonly entry: JournalEntry;
  readonly error: KvmnetError;
}

/**
 * `complete`: all steps are done, only the end is not recorded; `forget`: the last boot has discarded it;
 * `wait`: it needs libvirt, which this change does not use; `root`: only root may undo it; `leave`: another
 * program has since changed the same objects.
 */
export type Treatment = 'finish' | 'undo' | 'complete' | 'forget' | 'wait' | 'root' | 'leave';

/** The result of a change. */
export type ChangeResult<P extends Plan = Plan> = Finished | Applied<P>;

/** The rest of a run that was killed, with the same command: its plan is the one of that run. */
interface Finished {
  readonly resumed: true;
  readonly plan: Plan;
  readonly pending?: undefined;
}

interface Applied<P extends Plan> {
  readonly resumed: false;
  readonly plan: P;
  /** By when it has to be confirmed, where it has to be. */
  readonly pending?: Pending | undefined;
}

/** The plan that needs the user's consent before its first step. */
interface Asked {
  readonly question: Plan;
}

/**
 * Runs `makePlan` and applies its plan, alone on the host. What a run left that broke off is dealt with first: the same command is finished,
 * any other is undone. `makePlan` sees the host after that, and may throw to refuse.
 */
export async function change<P extends Plan>(
  makePlan: () => Promise<P>,
  options: ChangeOptions,
): Promise<ChangeResult<P>> {
  const accepted = new Set<string>();
  const failures: Failure[] = [];
  for (;;) {
    const result = await attempt(makePlan, accepted, failures, options);
    if (!('question' in result)) return result;
    await options.consent(result.question);
    result.question.consent.forEach((sentence) => accepted.add(sentence));
  }
}

function isAccepted(plan: Plan, accepted: ReadonlySet<string>): boolean {
  return plan.consent.every((sentence) => accepted.has(sentence));
}

/** Plans under the lock, and applies the plan unless it needs an answer first. */
async function attempt<P extends Plan>(
  makePlan: () => Promise<P>,
  accepted: ReadonlySet<string>,
  failures: Failure[],
  options: ChangeOptions,
): Promise<ChangeResult<P> | Asked> {
  const { connection } = options;
  const journal = usesJournal(connection);
  const held = journal
    ? await lock(lockPath(isSession(connection.uri)), options.lockTimeout, options.signal)
    : undefined;
  try {
    const question = journal ? setDamagedAside(accepted, options) : undefined;
    if (question) return { question };
    const finished = journal ? await recover(failures, options) : undefined;
    if (finished) return { plan: finished, resumed: true };
    const plan = await makePlan();
    requireApart(plan, failures);
    if (!isAccepted(plan, accepted)) return { question: plan };
    return { plan, resumed: false, pending: await apply(plan, { ...options, journal }) };
  } finally {
    held?.release();
  }
}

/** Sets damaged entries aside, once that is accepted; before that it is a plan without steps, to be asked about. */
function setDamagedAside(accepted: ReadonlySet<string>, { onWarning }: ChangeOptions): Plan | undefined {
  const found = damaged();
  const consent = found.map(damageText);
  const plan = { title: 'set the damaged entry of the journal aside', steps: [], warnings: [], consent };
  if (!isAccepted(plan, accepted)) return plan;
  for (const each of found) onWarning?.(setAside(each));
  return undefined;
}

/**
 * True if the driver outlives the process: the test driver does not, so it needs no lock, and a killed run
 * leaves nothing.
 */
function usesJournal(connection: Connection): boolean {
  return parseUri(connection.uri).driver !== 'test';
}

/** Deals with what broke off: closes what is complete, finishes the same command, undoes any other. */
async function recover(failures: Failure[], options: ChangeOptions): Promise<Plan | undefined> {
  const { connection, command, inputs = [], onLeftover } = options;
  await finishUnconfirmed(failures, options);
  let finished: Plan | undefined;
  for (const entry of leftovers(connection.uri)) {
    if (failures.some((failure) => failure.entry.id === entry.id)) continue;
    const same = entry.command === command && entry.inputs.join() === inputs.join();
    const plan: Plan = { title: entry.title, steps: entry.steps, warnings: [], consent: [] };
    if (isOfEarlierBoot(entry)) {
      forget(entry, options);
    } else if (isForRoot(entry)) {
      failures.push(leftToRoot(entry, options));
    } else if (options.withoutLibvirt && needsLibvirt(entry)) {
      onLeftover?.(entry, 'wait');
    } else if (entry.confirm) {
      // Finished, it would be without its watchdog.
      failures.push(...(await undoLeftover(entry, options)));
    } else if (entry.outcome === 'running' && (await isComplete(entry, connection))) {
      onLeftover?.(entry, 'complete');
      close(entry, 'done');
      if (same) finished = plan;
    } else if (entry.outcome === 'running' && same) {
      onLeftover?.(entry, 'finish');
      await resume(entry, { ...options, journal: true });
      finished = plan;
    } else {
      failures.push(...(await undoLeftover(entry, options)));
    }
  }
  return finished;
}

/**
 * Undoes what an earlier run left, unless another program has since changed the same objects; reports and
 * returns failures.
 */
async function undoLeftover(entry: JournalEntry, options: ChangeOptions): Promise<readonly Failure[]> {
  const changed = await changedSince(options.connection, entry);
  if (changed.length > 0) {
    options.onLeftover?.(entry, 'leave', changed);
    updateEntry(entry, { outcome: 'abandoned' });
    return [];
  }
  options.onLeftover?.(entry, 'undo');
  try {
    await revert(entry, { ...options, journal: true });
    return [];
  } catch (error) {
    if (!(error instanceof KvmnetError) || error.code !== 'PARTIAL') throw error;
    options.onWarning?.([error.message, ...(error.hint === undefined ? [] : [`hint: ${error.hint}`])].join('\n'));
    return [{ entry, error }];
  }
}

/** Reports a change that only root may undo. */
function leftToRoot(entry: JournalEntry, { onLeftover }: ChangeOptions): Failure {
  onLeftover?.(entry, 'root');
  const error = new KvmnetError('PERMISSION', `only root may undo "${entry.title}"`, {
    hint: `finish it: sudo kvmnet ${entry.command}; any other change by root undoes it`,
  });
  return { entry, error };
}

/**
 * Refuses a plan that touches the same objects as a change that could not be undone.
 * @throws PARTIAL; PERMISSION if that change waits for root
 */
function requireApart({ title, steps }: Plan, failures: readonly Failure[]): void {
  const touched = new Set(steps.flatMap(subjectsOf));
  const failure = failures.find(({ entry }) => entry.subjects.some((subject) => touched.has(subject)));
  if (!failure) return;
  const { entry, error } = failure;
  const way = error.code === 'PERMISSION' ? error.hint : undefined;
  throw new KvmnetError(error.code, `${title} was not done: it touches what "${entry.title}" has left half done`, {
    hint: way ?? 'look at what is left, and repeat the command: kvmnet net list, kvmnet domiflist',
    details: error.details,
    cause: error,
  });
}

/**
 * Refuses a second change while one awaits confirmation. Reverts one whose time is over, if its watchdog has
 * not done so.
 * @throws LOCKED while one is pending
 */
async function finishUnconfirmed(failures: Failure[], options: ChangeOptions): Promise<void> {
  if (!isLocal(options.connection.uri)) return;
  for (const entry of unconfirmed()) {
    if (isOfEarlierBoot(entry)) {
      forget(entry, options);
    } else if (remaining(entry) > 0) {
      throw refusal(entry);
    } else if (isForRoot(entry)) {
      if (!failures.some((failure) => failure.entry.id === entry.id)) failures.push(leftToRoot(entry, options));
    } else {
      options.onLeftover?.(entry, 'undo');
      await revert(entry, { ...options, journal: true });
    }
  }
}

/** Closes the entry of a change that the last boot has discarded: links and addresses exist only until then. */
function forget(entry: JournalEntry, { onLeftover }: ChangeOptions): void {
  if (isForRoot(entry)) return;
  onLeftover?.(entry, 'forget');
  updateEntry(entry, { outcome: 'abandoned' });
}
