/** Messages about interrupted runs: before a change, and in read-only commands. */
import { damageWarnings } from '../apply/journal/damaged.ts';
import { brokenOff, type JournalEntry } from '../apply/journal/journal.ts';
import type { Treatment } from '../apply/recover.ts';
import { formatDuration } from '../values/duration.ts';
import { isAnothers, isForRoot } from '../apply/journal/trust.ts';

/** Describes what an earlier run left, and how this change treats it. */
export function leftoverText(entry: JournalEntry, treatment: Treatment, changed: readonly string[] = []): string {
  const { title, outcome } = entry;
  const run = `an earlier run${by(entry)}`;
  if (treatment === 'root') return `${leftText(entry, run)}: only root can undo it; ${finishText(entry)}`;
  if (treatment === 'wait') {
    return `${run} broke off in the middle of "${title}": the next change that uses libvirt undoes it`;
  }
  if (treatment === 'leave') {
    return (
      `${leftText(entry, run)}, but another program has changed this since: ${changed.join(', ')}. It is left alone; ` +
      'kvmnet undo N, with its number in kvmnet history, undoes it'
    );
  }
  if (outcome === 'partial') return `${run} could not undo "${title}": trying once more`;
  if (treatment === 'forget') return `"${title}" was never confirmed; the reboot already discarded it`;
  if (outcome === 'unconfirmed') return `"${title}" was not confirmed in time: undoing it`;
  const what = { finish: 'finishing it', undo: 'undoing it', complete: 'all of it was done, and stays' }[treatment];
  return `${run} broke off in the middle of "${title}": ${what}`;
}

function leftText({ title, outcome }: JournalEntry, run: string): string {
  if (outcome === 'unconfirmed') return `"${title}" was not confirmed in time`;
  return outcome === 'partial' ? `${run} could not undo "${title}"` : `${run} broke off in the middle of "${title}"`;
}

/** Messages of read-only commands about this URI's daemon. */
export function brokenOffTexts(uri: string): string[] {
  return [...damageWarnings(), ...brokenOff(uri).map(brokenOffText)];
}

function brokenOffText(entry: JournalEntry): string {
  const { title, outcome, confirm } = entry;
  if (outcome === 'unconfirmed') {
    const kvmnet = isForRoot(entry) ? 'sudo kvmnet' : 'kvmnet';
    return `"${title}"${by(entry)} is awaiting confirmation${leftOf(confirm?.until)}: ${kvmnet} confirm keeps it, ${kvmnet} rollback reverts it`;
  }
  const run = `a run${by(entry)} broke off in the middle of "${title}"`;
  return confirm ? `${run}: it is being undone` : `${run}; ${finishText(entry)}`;
}

/** ` for 47 s more`. */
function leftOf(until: string | undefined): string {
  const seconds = until === undefined ? 0 : (Date.parse(until) - Date.now()) / 1000;
  return seconds > 0 ? ` for ${formatDuration(seconds)} more` : '';
}

function finishText(entry: JournalEntry): string {
  return isForRoot(entry)
    ? `sudo kvmnet ${entry.command} finishes it, any other change by root undoes it first`
    : `kvmnet ${entry.command} finishes it, any other change undoes it first`;
}

/** ` of alice`; nothing for a run of this user's own. */
function by(entry: JournalEntry): string {
  return isAnothers(entry) ? ` of ${entry.user}` : '';
}
