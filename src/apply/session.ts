/** One change of a host: the lock, what earlier runs left, a fresh plan under the lock, and its application. */
import { KvmnetError } from '../errors.ts';
import { lock, lockPath, type Lock } from '../host/lock.ts';
import type { Connection } from '../libvirt/connection.ts';
import { isSession, parseUri } from '../observe/uri.ts';
import type { Plan } from '../plan/step.ts';
import { subjectsOf } from '../plan/actions/expectations.ts';
import { apply } from './apply.ts';
import type { Pending } from './journal/journal.ts';
import { mayBeUnfinished } from './journal/journal-folders.ts';
import type { Failure, RecoverOptions } from './recover.ts';

export interface ChangeOptions extends RecoverOptions {
  /** How long to wait for another run's lock, in milliseconds. */
  readonly lockTimeout: number;
  /** Asks whether what the plan would disconnect is accepted; throws DECLINED when it is not. Asked without holding the lock. */
  readonly consent: (plan: Plan) => Promise<void>;
  /** Settles when `connection` is open, which may be later than the start: nothing changes before that. */
  readonly opened?: Promise<unknown> | undefined;
}

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
  const held = journal ? await lockHost(options) : undefined;
  try {
    if (journal && mayBeUnfinished()) {
      const [{ recover, setDamagedAside }] = await Promise.all([import('./recover.ts'), options.opened]);
      const question = setDamagedAside((plan) => isAccepted(plan, accepted), options);
      if (question) return { question };
      const finished = await recover(failures, options);
      if (finished) return { plan: finished, resumed: true };
    }
    const plan = await makePlan();
    requireApart(plan, failures);
    if (!isAccepted(plan, accepted)) return { question: plan };
    return { plan, resumed: false, pending: await apply(plan, { ...options, journal }) };
  } finally {
    held?.release();
  }
}

/** A connection that cannot be opened is the better reason to end. */
async function lockHost({ connection, lockTimeout, signal, opened }: ChangeOptions): Promise<Lock> {
  try {
    return await lock(lockPath(isSession(connection.uri)), lockTimeout, signal);
  } catch (error) {
    await opened;
    throw error;
  }
}

/**
 * True if the driver outlives the process: the test driver does not, so it needs no lock, and a killed run
 * leaves nothing.
 */
function usesJournal(connection: Connection): boolean {
  return parseUri(connection.uri).driver !== 'test';
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
