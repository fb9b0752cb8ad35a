/** The remains of earlier runs: changes that broke off or wait for a confirmation, and damaged entries of the journal. */
import { KvmnetError } from '../errors.ts';
import { isLocal } from '../observe/uri.ts';
import type { Plan } from '../plan/step.ts';
import { needsLibvirt } from '../plan/actions/rows.ts';
import { isComplete, resume, revert, type ApplyOptions } from './apply.ts';
import { changedSince } from './changed-since.ts';
import { isOfEarlierBoot, refusal, remaining } from './confirm.ts';
import { damaged, damageText, setAside } from './journal/damaged.ts';
import { close, leftovers, unconfirmed, updateEntry, type JournalEntry } from './journal/journal.ts';
import { isForRoot } from './journal/trust.ts';

export interface RecoverOptions extends Omit<ApplyOptions, 'journal'> {
  /** Called with each change that an earlier run left, and with its treatment. */
  readonly onLeftover?: (entry: JournalEntry, treatment: Treatment, changed?: readonly string[]) => void;
  /** True where only links and files of the host change: what an earlier run left in libvirt waits. */
  readonly withoutLibvirt?: boolean;
}

/** A change of an earlier run that could not be undone. */
export interface Failure {
  readonly entry: JournalEntry;
  readonly error: KvmnetError;
}

/**
 * `complete`: all steps are done, only the end is not recorded; `forget`: the last boot has discarded it;
 * `wait`: it needs libvirt, which this change does not use; `root`: only root may undo it; `leave`: another
 * program has since changed the same objects.
 */
export type Treatment = 'finish' | 'undo' | 'complete' | 'forget' | 'wait' | 'root' | 'leave';

/** Sets damaged entries aside, once that is accepted; before that it is a plan without steps, to be asked about. */
export function setDamagedAside(isAccepted: (plan: Plan) => boolean, { onWarning }: RecoverOptions): Plan | undefined {
  const found = damaged();
  const consent = found.map(damageText);
  const plan = { title: 'set the damaged entry of the journal aside', steps: [], warnings: [], consent };
  if (!isAccepted(plan)) return plan;
  for (const each of found) onWarning?.(setAside(each));
  return undefined;
}

/** Deals with what broke off: closes what is complete, finishes the same command, undoes any other. */
export async function recover(failures: Failure[], options: RecoverOptions): Promise<Plan | undefined> {
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
async function undoLeftover(entry: JournalEntry, options: RecoverOptions): Promise<readonly Failure[]> {
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
function leftToRoot(entry: JournalEntry, { onLeftover }: RecoverOptions): Failure {
  onLeftover?.(entry, 'root');
  const error = new KvmnetError('PERMISSION', `only root may undo "${entry.title}"`, {
    hint: `finish it: sudo kvmnet ${entry.command}; any other change by root undoes it`,
  });
  return { entry, error };
}

/**
 * Refuses a second change while one awaits confirmation. Reverts one whose time is over, if its watchdog has
 * not done so.
 * @throws LOCKED while one is pending
 */
async function finishUnconfirmed(failures: Failure[], options: RecoverOptions): Promise<void> {
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
function forget(entry: JournalEntry, { onLeftover }: RecoverOptions): void {
  if (isForRoot(entry)) return;
  onLeftover?.(entry, 'forget');
  updateEntry(entry, { outcome: 'abandoned' });
}
