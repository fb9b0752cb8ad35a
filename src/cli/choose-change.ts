/** Which change of the journal is undone where none is named. */
import type { JournalEntry } from '../apply/journal/journal.ts';
import { KvmnetError } from '../errors.ts';

type Entry = Pick<JournalEntry, 'undoes' | 'command' | 'outcome'>;

/** Returns whether an entry is an undo, by its own field or, in old entries, by its command. */
export function isUndo({ undoes, command: asked }: Entry): boolean {
  return undoes !== undefined || /^undo\b/.test(asked);
}

/**
 * Returns the newest change that is done and is not an undo.
 * @param entries newest first
 * @throws NOTFOUND if none exists
 */
export function chooseNewest<E extends Entry>(entries: readonly E[]): E {
  const newest = entries.find((other) => other.outcome === 'done' && !isUndo(other));
  if (newest) return newest;
  const undo = entries.findIndex((other) => other.outcome === 'done');
  throw new KvmnetError('NOTFOUND', 'no change to undo', {
    hint:
      undo === -1
        ? 'kvmnet history shows what was changed'
        : `kvmnet undo ${String(undo + 1)} does again what was undone last; kvmnet history shows all changes`,
  });
}
