import { history, type JournalEntry } from '../../apply/journal.ts';
import { isUndo, settleUndo } from '../../apply/settle-undo.ts';
import { KvmnetError } from '../../errors.ts';
import { planUndo } from '../../plan/undo-plan.ts';
import type { CommandDefinition } from '../command.ts';
import { confirmOptions, confirmWish } from '../lifeline.ts';
import { changeResult } from '../views/plan.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '[N]', description: 'the number in kvmnet history; the newest change when left out' }],
  options: confirmOptions,
  description:
    'Puts back what was before, with the same UUIDs, MACs, autostart and running state. Asks where somebody would be cut off, or where the same ' +
    'network or domain was changed since. An undo is a change too, and can be undone by its number.',
  examples: [
    ['undo', 'the newest change that is not undone'],
    ['undo 3 --dry-run', 'what it would take to undo the third of kvmnet history'],
  ],
  async run(context, [number], options) {
    const entries = history(context.options.uri);
    const entry = choose(entries, number);
    // An undo and what it undid are as if they had never been.
    const later = entries
      .slice(0, entries.indexOf(entry))
      .filter((other) => other.outcome === 'done' && !isUndo(other));
    const result = await context.change((state) => planUndo(entry, later, state), {
      leases: false,
      host: isOfHost(entry),
      confirm: confirmWish(options),
    });
    if (!context.options.dryRun && !result.pending) settleUndo(entry, entries);
    return changeResult(context, result, `undone: ${entry.title}`, { undone: entry.id });
  },
};

const withoutLibvirt: readonly string[] = ['hostLinks', 'hostRestore', 'hostLinkVlans', 'hostSetDns', 'hostWriteFile'];

/** Links and files alone: they are put back where libvirt is away too. */
function isOfHost({ steps }: JournalEntry): boolean {
  const calls = steps.flatMap((step) => [step.do, ...step.undo]).map(({ call }) => call);
  return calls.every((call) => withoutLibvirt.includes(call));
}

function choose(entries: readonly JournalEntry[], number: string | undefined): JournalEntry {
  if (number === undefined) {
    const newest = entries.find((other) => other.outcome === 'done' && !isUndo(other));
    if (newest) return newest;
    throw new KvmnetError('NOTFOUND', 'there is no change to undo', { hint: 'kvmnet history shows what was changed' });
  }
  const entry = /^[1-9]\d*$/.test(number) ? entries[Number(number) - 1] : undefined;
  if (!entry) {
    throw new KvmnetError('NOTFOUND', `there is no change number ${number}`, {
      hint: 'kvmnet history shows the numbers',
    });
  }
  if (entry.outcome === 'done') return entry;
  const { title, outcome } = entry;
  if (outcome === 'unconfirmed') {
    throw new KvmnetError('CONFLICT', `change ${number}, "${title}", waits for its confirmation`, {
      hint: 'take it back now: kvmnet rollback',
    });
  }
  throw new KvmnetError('CONFLICT', `change ${number}, "${title}", is ${outcome} already`, {
    hint: 'only what is done can be undone',
  });
}
