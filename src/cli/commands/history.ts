import { history, type JournalEntry } from '../../apply/journal.ts';
import type { Column, CommandDefinition } from '../command.ts';

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
  { heading: 'User', cell: ({ user }) => user },
  { heading: 'Outcome', cell: ({ outcome }) => outcome },
  { heading: 'Command', cell: ({ command }) => command },
];

export const command: CommandDefinition = {
  options: [{ flags: '--last <N>', description: 'only the newest N' }],
  description:
    'The journal of this user on this URI; it keeps the newest 200 changes. `kvmnet undo N` takes one of them back.',
  examples: [
    ['history', 'all that is kept'],
    ['history --last 5 --json', 'the newest, with the exact XML of each step'],
  ],
  run(context, _args, { last }) {
    const entries = history(context.options.uri).slice(0, typeof last === 'string' ? Number(last) : undefined);
    const rows = entries.map(({ id, user, command: asked, title, outcome }, index) => ({
      number: index + 1,
      time: `${id.slice(0, 10)} ${id.slice(11, 13)}:${id.slice(13, 15)}:${id.slice(15, 17)}Z`,
      user,
      command: asked,
      title,
      outcome,
    }));
    return Promise.resolve({
      value: entries.map((entry, index) => ({ number: index + 1, ...entry })),
      table: { rows, columns, empty: 'nothing was changed yet' },
    });
  },
};
