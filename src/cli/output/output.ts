/** Formats a command's result for stdout, in the requested format. */
import { KvmnetError } from '../../errors.ts';
import { nearest } from '../../values/nearest.ts';
import { quoted } from '../../values/quoted.ts';
import { aligned, isPlainTable, lengthOf } from './aligned.ts';
import { unpainted, type Paint } from './color.ts';
import type { Column, Result } from '../command.ts';
import { pictureFormats, type Format } from '../global-options.ts';
import { fittingColumns, records } from './fit.ts';
import { escapeJson, printable, printableLines, safeJson } from '../../values/printable.ts';

export interface OutputOptions {
  readonly format: Format;
  /** Headings of the columns to show, in this order; all when undefined. */
  readonly columns: readonly string[] | undefined;
  /** Colors of a table for people; none when left out. */
  readonly paint?: Paint;
  /** Columns of the terminal; undefined where stdout is none: nothing is left out then. */
  readonly width?: number | undefined;
}

/** The text of a result, with a line end unless it is empty. */
export async function render(result: Result, options: OutputOptions): Promise<string> {
  // The shell's lines have printed their own.
  if (result.value === undefined && !result.table) return '';
  const { paint = unpainted, width } = options;
  const picture = [...pictureFormats, 'table' as const].find((each) => each === options.format);
  if (result.draw && picture) return result.draw(picture, { paint, width });
  switch (options.format) {
    case 'json':
      return `${safeJson(result.value, 2)}\n`;
    case 'yaml':
      return yaml(result.value);
    case 'table':
      return lineEnded(result.text !== undefined && !options.columns ? textOf(result) : await table(result, options));
    case 'csv':
    case 'markdown':
    case 'name':
      return lineEnded(await table(result, options));
    case 'dot':
    case 'mermaid':
    case 'svg':
    case 'html':
      throw new KvmnetError('USAGE', `-o ${options.format} is a picture, and this command draws none`, {
        hint: `kvmnet topology -o ${quoted(options.format)} draws the network of the host`,
      });
  }
}

function textOf({ text = '', isVerbatim }: Result): string {
  return isVerbatim ? text : printableLines(text);
}

/** Text that a terminal would obey is escaped in double quotes. */
async function yaml(value: unknown): Promise<string> {
  const { Document, visit } = await import('yaml');
  const document = new Document(JSON.parse(JSON.stringify(value)));
  visit(document, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === 'string' && printableLines(scalar.value) !== scalar.value)
        scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return escapeJson(document.toString());
}

async function table(result: Result, options: OutputOptions): Promise<string> {
  const { format, columns } = options;
  if (!result.table) return noTable(result, format);
  const chosen = chooseColumns(result.table.columns, columns);
  const headings = chosen.map(({ heading }) => heading);
  const rows = result.table.rows.map((row) => chosen.map(({ cell }) => cellText(cell(row as never))));
  switch (format) {
    case 'name':
      return rows.map((row) => row[0] ?? '').join('\n');
    case 'csv':
      return [headings, ...rows].map((row) => row.map(csvCell).join(',')).join('\n');
    case 'markdown':
      return [headings, headings.map(() => '---'), ...rows]
        .map((row) => `| ${row.map(markdownCell).join(' | ')} |`)
        .join('\n');
    case 'table':
    case 'json':
    case 'yaml':
    case 'dot':
    case 'mermaid':
    case 'svg':
    case 'html':
      if (rows.length === 0) return result.table.empty ?? '';
      return forPeople(result.table.rows, chosen, rows, options);
  }
}

/** As wide as the terminal at most, unless the user has chosen the columns. */
async function forPeople(
  values: readonly unknown[],
  columns: readonly Column<never>[],
  texts: readonly (readonly string[])[],
  { width: available, columns: chosen, paint = unpainted }: OutputOptions,
): Promise<string> {
  const rows = texts.map((row) => row.map((cell) => (cell === '' ? '-' : cell)));
  const headings = columns.map(({ heading }) => heading);
  const width = isPlainTable(rows) ? lengthOf : (await import('./width.ts')).displayWidth;
  const widths = headings.map((heading, place) =>
    Math.max(heading.length, ...rows.map((row) => width(row[place] ?? ''))),
  );
  const spare = columns.map(({ isSpare = false }) => isSpare && chosen === undefined);
  const kept = fittingColumns(widths, spare, available ?? Infinity);
  if (!kept) return records(headings, rows);
  const keep = <T>(cells: readonly T[]): T[] => cells.filter((_, place) => kept.includes(place));
  return aligned(keep(headings), rows.map(keep), width, (text, row, place) => {
    const column = keep(columns)[place];
    return paint(row < 0 ? 'heading' : column?.tone?.(values[row] as never), text);
  });
}

function noTable(result: Result, format: Format): string {
  if (format !== 'table') {
    throw new KvmnetError('USAGE', `this command has no table to print as ${format}`, {
      hint: 'use -o json or -o yaml',
    });
  }
  return textOf(result);
}

function chooseColumns(
  columns: readonly Column<never>[],
  wanted: readonly string[] | undefined,
): readonly Column<never>[] {
  if (!wanted) return columns;
  return wanted.map((name) => {
    const column = columns.find(({ heading }) => heading.toLowerCase() === name.trim().toLowerCase());
    if (column) return column;
    const headings = columns.map(({ heading }) => heading);
    const close = nearest(name, headings);
    throw new KvmnetError('USAGE', `no column named ${JSON.stringify(name)}`, {
      hint: `${close.length > 0 ? `did you mean ${close.map(quoted).join(' or ')}? ` : ''}columns: ${headings.join(', ')}`,
    });
  });
}

function cellText(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return printable(String(value));
}

/** RFC 4180, and a leading quote for what a spreadsheet would run as a formula. */
function csvCell(text: string): string {
  const safe = /^[=+@\t\r]|^-\D/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function markdownCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function lineEnded(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
