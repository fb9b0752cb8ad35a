/**
 * Changes that are reverted unless the user confirms them: confirms one, reverts one at once, and requires
 * that none is pending.
 */
import { KvmnetError } from '../errors.ts';
import { lock, lockPath } from '../host/lock.ts';
import { bootId, uptime } from '../host/processes.ts';
import { revert } from './apply.ts';
import { requireWhole } from './journal/damaged.ts';
import { hostOnlyConnection } from './host-only-connection.ts';
import { close, history, unconfirmed, type JournalEntry } from './journal/journal.ts';
import { isForRoot } from './journal/trust.ts';

export interface FinishOptions {
  readonly uri: string;
  /** How long to wait for another run's lock, in milliseconds. */
  readonly lockTimeout: number;
  readonly signal: AbortSignal;
}

/** Seconds that are left to confirm an entry; none for one that need not be. */
export function remaining({ confirm }: JournalEntry): number {
  return confirm ? confirm.deadline - uptime() : 0;
}

/** True where it has to be confirmed, and was made before the machine was started. */
export function isOfEarlierBoot({ confirm, process: identity }: JournalEntry): boolean {
  return confirm !== undefined && identity.boot !== bootId();
}

/** LOCKED: who changed what, and by when that is settled. */
export function refusal(entry: JournalEntry): KvmnetError {
  const { title, user, confirm } = entry;
  const seconds = Math.max(1, Math.ceil(remaining(entry)));
  const kvmnet = isForRoot(entry) ? 'sudo kvmnet' : 'kvmnet';
  return new KvmnetError(
    'LOCKED',
    `"${title}" by ${user} is awaiting confirmation (${String(seconds)} s left): no other change is made until then`,
    {
      hint: `${kvmnet} confirm keeps it, ${kvmnet} rollback reverts it`,
      details: { title, user, seconds, deadline: confirm?.until },
    },
  );
}

/**
 * Keeps the change that is awaiting confirmation.
 * @param ssh the value of SSH_CONNECTION of the one who confirms
 * @throws NOTFOUND where none waits; DECLINED over the connection that the change may have cut; LOCKED, PERMISSION
 */
export function confirm(ssh: string | undefined, options: FinishOptions): Promise<JournalEntry> {
  return finishPending(options, (entry) => {
    if (remaining(entry) <= 0) throw nothingPending(entry);
    if (entry.confirm?.ssh !== undefined && entry.confirm.ssh === ssh) {
      throw new KvmnetError(
        'DECLINED',
        'this is the connection that the change was made over: that it still works proves nothing',
        {
          hint: 'log in once more by ssh, and type kvmnet confirm there',
        },
      );
    }
    close(entry, 'done');
    return Promise.resolve(entry);
  });
}

/**
 * Reverts the change that is awaiting confirmation.
 * @throws NOTFOUND where none waits; PARTIAL, LOCKED, PERMISSION
 */
export function rollBack(options: FinishOptions): Promise<JournalEntry> {
  return finishPending(options, async (entry) => {
    await revert(entry, { connection: hostOnlyConnection(options.uri), command: '', journal: true });
    return entry;
  });
}

/** The change that waits on this host; undefined where none does. */
export function pendingChange(): JournalEntry | undefined {
  return unconfirmed().find((entry) => !isOfEarlierBoot(entry));
}

async function finishPending(
  { uri, lockTimeout, signal }: FinishOptions,
  task: (entry: JournalEntry) => Promise<JournalEntry>,
): Promise<JournalEntry> {
  hostOnlyConnection(uri);
  const held = await lock(lockPath(false), lockTimeout, signal);
  try {
    const entry = pendingChange();
    if (!entry) requireWhole();
    if (!entry) throw nothingPending(history(uri).find((each) => each.confirm !== undefined));
    return await task(entry);
  } finally {
    held.release();
  }
}

function nothingPending(last: JournalEntry | undefined): KvmnetError {
  const ends: Partial<Record<JournalEntry['outcome'], string>> = {
    done: 'was confirmed',
    undone: 'was reverted',
    unconfirmed: 'was not confirmed in time and is being reverted',
  };
  const end = last && (ends[last.outcome] ?? `is ${last.outcome}`);
  const told = last && end !== undefined ? `; the last one, "${last.title}", ${end}` : '';
  return new KvmnetError('NOTFOUND', `no change waits for a confirmation${told}`, {
    hint: 'see what was changed: kvmnet history',
  });
}
