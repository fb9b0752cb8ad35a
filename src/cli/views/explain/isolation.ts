/** The matrix of networks or guests that reach each other. */
import type { Isolation, IsolationCell } from '../../../topology/isolation.ts';
import { printable } from '../../../values/printable.ts';
import type { Column } from '../../command.ts';
import { aligned } from '../../output/aligned.ts';

interface IsolationRow {
  readonly from: string;
  readonly results: readonly string[];
}

export function isolationRows({ subjects, cells }: Isolation): readonly IsolationRow[] {
  return subjects.map((from, index) => ({ from, results: rowOf(cells, index, subjects.length) }));
}

function rowOf(cells: readonly IsolationCell[], index: number, size: number): readonly string[] {
  return cells.slice(index * size, (index + 1) * size).map(cellText);
}

/** With the result of real packets, where that adds something. */
function cellText({ result, probe, agrees }: IsolationCell): string {
  return probe === undefined || agrees === true ? result : `${result} (packets: ${probe})`;
}

export function isolationColumns({ subjects }: Isolation): readonly Column<IsolationRow>[] {
  return [
    { heading: 'From', cell: ({ from }) => from },
    ...subjects.map((heading, index) => ({ heading, cell: ({ results }: IsolationRow) => results[index] })),
  ];
}

/** Names head the columns where they fit, numbers otherwise. */
export function isolationText(isolation: Isolation, width = Infinity): string {
  const names = isolation.subjects.map(printable);
  const rows = isolationRows(isolation);
  const lines = (heads: readonly string[], sides: readonly string[]): string =>
    aligned(
      ['From', ...heads],
      rows.map(({ results }, index) => [sides[index] ?? '', ...results]),
      (text) => text.length,
    );
  const named = lines(names, names);
  if (Math.max(...named.split('\n').map(({ length }) => length)) <= width) return named;
  const numbers = names.map((_, index) => String(index + 1));
  return lines(
    numbers,
    names.map((name, index) => `${numbers[index] ?? ''} ${name}`),
  );
}
