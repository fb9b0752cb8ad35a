/** What `confirm` and `rollback` have in common: one change, and its end. */
import { pendingChange, type SettleOptions } from '../../apply/confirm.ts';
import type { JournalEntry } from '../../apply/journal/journal.ts';
import type { Result } from '../command.ts';
import { lockTimeout, type Context } from '../context.ts';

/** Settles the change that waits; with --dry-run it says which one that is. */
export async function settled(
  context: Context,
  how: 'confirmed' | 'rolled back',
  settle: (options: SettleOptions) => Promise<JournalEntry>,
): Promise<Result> {
  const { uri, dryRun, timeout = lockTimeout } = context.options;
  const told = dryRun ? pendingChange() : undefined;
  if (dryRun) {
    const text = told ? `"${told.title}" would be ${how}` : 'no change waits for a confirmation';
    return { value: { dryRun: true, title: told?.title, change: told?.id }, text };
  }
  const { title, id } = await context.changing((signal) => settle({ uri, lockTimeout: timeout, signal }));
  return { value: { changed: true, title, change: id, outcome: how }, text: `${how}: ${title}` };
}
