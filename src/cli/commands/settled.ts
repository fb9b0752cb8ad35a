/** Common parts of `confirm` and `rollback`: one change, and its end. */
import { pendingChange, type FinishOptions } from '../../apply/confirm.ts';
import type { JournalEntry } from '../../apply/journal/journal.ts';
import type { Result } from '../command.ts';
import { lockTimeout, type Context } from '../context.ts';

/** Settles the change that awaits confirmation; with --dry-run only names it. */
export async function settled(
  context: Context,
  how: 'confirmed' | 'rolled back',
  settle: (options: FinishOptions) => Promise<JournalEntry>,
): Promise<Result> {
  const { uri, dryRun, timeout = lockTimeout } = context.options;
  const told = dryRun ? pendingChange() : undefined;
  if (dryRun) {
    const text = told ? `"${told.title}" would be ${how}` : 'no change is awaiting confirmation';
    return { value: { dryRun: true, title: told?.title, change: told?.id }, text };
  }
  const { title, id } = await context.changing((signal) => settle({ uri, lockTimeout: timeout, signal }));
  return { value: { changed: true, title, change: id, outcome: how }, text: `${how}: ${title}` };
}
