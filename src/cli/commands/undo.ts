import { timeText } from '../../apply/journal/entry-file.ts';
import { changedSince } from '../../apply/changed-since.ts';
import { hostOnlyConnection } from '../../apply/host-only-connection.ts';
import { needsLibvirt } from '../../plan/actions/rows.ts';
import { history, type JournalEntry } from '../../apply/journal/journal.ts';
import { isAnothers, isForRoot } from '../../apply/journal/trust.ts';
import { KvmnetError } from '../../errors.ts';
import { planUndo } from '../../plan/undo.ts';
import { chooseNewest, isUndo } from '../choose-change.ts';
import { confirmOptions, parseConfirmOptions } from '../host-options.ts';
import { typed } from '../options.ts';
import { changeResult } from '../views/plan.ts';

export const command = typed({
  arguments: [
    { name: '[N]', description: 'Number in kvmnet history (default: the newest change)', completes: 'change' },
  ],
  options: confirmOptions,
  description:
    'Restores the previous state, with the same UUIDs, MAC addresses, autostart and running state. Asks first if a guest would be cut ' +
    'off or stopped, if the same network or domain has changed since, or if another user made the change. An undo is also a change, and ' +
    'can be undone by its number.',
  examples: [
    ['undo', 'Undo the newest change of this host that is not undone'],
    ['undo 3 --dry-run', 'Print the steps that undo change 3 of kvmnet history'],
  ],
  async run(context, [number], options) {
    const uri = context.options.uri;
    // Numbers count from the newest change: another run shifts them.
    const before = history(uri);
    let wanted = number === undefined ? undefined : chooseNumber(before, number).id;
    const first = wanted === undefined ? chooseNewest(before) : entryWith(before, wanted);
    requireRights(first);
    const host = !needsLibvirt(first);
    const result = await context.change(
      async (state) => {
        const entries = history(uri);
        const entry = wanted === undefined ? chooseNewest(entries) : entryWith(entries, wanted);
        requireRights(entry);
        if (host && needsLibvirt(entry)) {
          throw new KvmnetError('CONFLICT', 'another change came first', { hint: 'repeat the command' });
        }
        // An undo and what it undid are as if they had never been.
        const later = entries
          .slice(
            0,
            entries.findIndex(({ id }) => id === entry.id),
          )
          .filter((other) => other.outcome === 'done' && !isUndo(other));
        const undo = planUndo({ ...entry, steps: entry.steps.slice(0, entry.begun) }, later, state);
        const connection = host
          ? hostOnlyConnection(uri)
          : await context.connection(context.options.dryRun ? 'read' : 'change');
        const changed = await changedSince(connection, entry);
        const since = changed.map((phrase) => `${phrase} was changed since, by another user or program`);
        const plan = { ...undo, consent: [...anothers(entry), ...since, ...undo.consent] };
        // Undo exactly what the question was about.
        if (plan.consent.length > 0 && !context.options.yes) wanted = entry.id;
        return { ...plan, undoes: entry.id, entry };
      },
      { leases: false, host, confirm: parseConfirmOptions(options) },
    );
    if (result.resumed) return changeResult(context, result, result.plan.title, { undone: first.id });
    const { id, title } = result.plan.entry;
    const [, redone] = /^redo "(.*)"$/.exec(result.plan.title) ?? [];
    const done = redone === undefined ? `undone: ${title}` : `redone: ${redone}`;
    return changeResult(context, result, done, { undone: id });
  },
});

/** @throws PERMISSION where only root can undo it, before anything is planned */
function requireRights(entry: JournalEntry): void {
  if (!isForRoot(entry)) return;
  const { title, user } = entry;
  throw new KvmnetError('PERMISSION', `only root may undo "${title}", a change of ${user}`, {
    hint: 'run it with sudo; kvmnet history shows the numbers of other changes',
  });
}

/** The question about a change of another user. */
function anothers(entry: JournalEntry): readonly string[] {
  const { title, user, id } = entry;
  return isAnothers(entry) ? [`"${title}" is a change of ${user}, made at ${timeText(id)}`] : [];
}

function chooseNumber(entries: readonly JournalEntry[], number: string): JournalEntry {
  const entry = /^[1-9]\d*$/.test(number) ? entries[Number(number) - 1] : undefined;
  if (entry) return entry;
  throw new KvmnetError('NOTFOUND', `no change number ${number}`, {
    hint: 'kvmnet history shows the numbers',
  });
}

/** @throws CONFLICT where it cannot be undone any more */
function entryWith(entries: readonly JournalEntry[], id: string): JournalEntry {
  const entry = entries.find((other) => other.id === id);
  if (!entry) throw new KvmnetError('NOTFOUND', 'the change is no longer in the journal');
  if (entry.outcome === 'done' || (entry.outcome === 'abandoned' && entry.begun > 0)) return entry;
  const { title, outcome } = entry;
  if (outcome === 'unconfirmed') {
    throw new KvmnetError('CONFLICT', `"${title}" is awaiting confirmation`, {
      hint: 'undo it now: kvmnet rollback',
    });
  }
  throw new KvmnetError(
    'CONFLICT',
    outcome === 'undone' ? `"${title}" is already undone` : `"${title}" is ${outcome}`,
    {
      hint: 'what is done can be undone, and what was given up halfway: kvmnet history',
    },
  );
}
