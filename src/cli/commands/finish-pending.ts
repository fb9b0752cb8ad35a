/** Common parts of `confirm` and `rollback`: one change, and its end. */
import { pendingChange, type FinishOptions } from '../../apply/confirm.ts';
import type { JournalEntry } from '../../apply/journal/journal.ts';
import type { Result } from '../command.ts';
import { lockTimeout, type Context } from '../context.ts';

/** Settles the change that awaits confirmation; with --dry-run only names it. */
export async function finishPending(
  context: Context,
  how: 'confirmed' | 'rolled back',
  finish: (options: FinishOptions) => Promise<JournalEntry>,
): Promise<Result> {
  const { uri, dryRun, timeout = lockTimeout } = context.options;
  const pending = dryRun ? pendingChange() : undefined;
  if (dryRun) {
    const text = pending ? `"${pending.title}" would be ${how}` : 'no change is awaiting confirmation';
    return { value: { dryRun: true, title: pending?.title, change: pending?.id }, text };
  }
  const { title, id } = await context.changing((signal) => finish({ uri, lockTimeout: timeout, signal }));
  return { value: { changed: true, title, change: id, outcome: how }, text: `${how}: ${title}` };
}
