/** What an undo makes of the entry that it has taken back. */
import { undoTitle } from '../plan/undo-plan.ts';
import { note, type JournalEntry } from './journal.ts';

export function isUndo({ command }: Pick<JournalEntry, 'command'>): boolean {
  return /^undo\b/.test(command);
}

/**
 * Notes that an entry is undone; where it was an undo itself, what that had undone is done again.
 * @param entries all of the host, newest first
 */
export function settleUndo(entry: JournalEntry, entries: readonly JournalEntry[]): void {
  note(entry, { outcome: 'undone' });
  const older = entries.slice(entries.indexOf(entry) + 1);
  const target = older.find(({ title, outcome }) => outcome === 'undone' && entry.title === undoTitle(title));
  if (isUndo(entry) && target) note(target, { outcome: 'done' });
}

/** The same, once an undo that had to wait for it is confirmed. */
export function settleConfirmed(undo: JournalEntry, entries: readonly JournalEntry[]): void {
  const target = entries.find(({ title, outcome }) => outcome === 'done' && undo.title === undoTitle(title));
  if (isUndo(undo) && target) settleUndo(target, entries);
}
