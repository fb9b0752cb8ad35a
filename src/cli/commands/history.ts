import { damageWarnings } from '../../apply/journal/damaged.ts';
import { timeOf, timeText } from '../../apply/journal/entry-file.ts';
import { history, type JournalEntry } from '../../apply/journal/journal.ts';
import { parseInteger } from '../../values/number.ts';
import { redact } from '../output/redact.ts';
import type { Column } from '../command.ts';
import { flag, parsed, typed } from '../options.ts';

/** An entry with the number that `undo` takes: 1 is the newest. */
interface Row {
  readonly number: number;
  readonly time: string;
  readonly user: string;
  readonly command: string;
  readonly title: string;
  readonly outcome: JournalEntry['outcome'];
}

const columns: readonly Column<Row>[] = [
  { heading: 'N', cell: ({ number }) => number },
  { heading: 'Time', cell: ({ time }) => time },
  { heading: 'User', cell: ({ user }) => user, isSpare: true },
  { heading: 'Outcome', cell: ({ outcome }) => outcome, isSpare: true },
  { heading: 'Command', cell: ({ command }) => command },
];

function parseCount(typed: string, origin: string): number {
  return parseInteger(typed, origin, { min: 0, max: 9999, what: 'a count', example: '5' });
}

export const command = typed({
  columns,
  options: {
    last: parsed('--last <N>', 'List only the newest N changes', parseCount),
    steps: flag('--steps', 'With --json or -o yaml: include the steps, with their XML and files, without secrets'),
  },
  description:
    'Lists the changes of this URI by all users, newest first; the journal keeps 200. `kvmnet undo N` undoes one of them.',
  examples: [
    ['history', 'List all changes in the journal'],
    ['history --last 5 --json --steps', 'Print the newest, with the exact XML of each step'],
  ],
  run(context, _args, { last, steps }) {
    context.warn(damageWarnings());
    const entries = history(context.options.uri).slice(0, last);
    return Promise.resolve({
      value: entries.map((entry, index) => valueOf(entry, index + 1, steps)),
      table: {
        rows: entries.map((entry, index) => rowOf(entry, index + 1)),
        columns,
        empty: 'nothing was changed yet',
      },
    });
  },
});

function rowOf({ id, user, command: asked, title, outcome }: JournalEntry, number: number): Row {
  const time = timeText(id);
  return { number, time, user, command: asked, title, outcome };
}

/** The JSON of an entry. */
function valueOf(entry: JournalEntry, number: number, withSteps: boolean): object {
  const { id, user, uri, command: asked, title, outcome, confirm, undoes, begun, steps, subjects, isWithheld } = entry;
  return {
    number,
    id,
    time: timeOf(id),
    user,
    uri,
    command: asked,
    title,
    outcome,
    undoable: outcome === 'done' && (isWithheld || steps.some(({ undo }) => undo.length > 0)),
    ...(undoes === undefined ? {} : { undoes }),
    ...(confirm === undefined ? {} : { confirmWithin: confirm.within, deadline: confirm.until }),
    ...(withSteps ? { begun, subjects, ...(isWithheld ? {} : { steps: redact(steps) }) } : {}),
  };
}
