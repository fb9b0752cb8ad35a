/** A command's result -> what stands on stdout, in the format that was asked for. */
import { KvmnetError } from '../errors.ts';
import { nearest } from '../state/nearest.ts';
import { aligned, isPlain } from './aligned.ts';
import type { Column, Result } from './command.ts';
import type { Format } from './global-options.ts';
import { escapeJson, printable, printableLines, safeJson } from './printable.ts';

export interface OutputOptions {
  readonly format: Format;
  /** Headings of the columns to show, in this order; all when undefined. */
  readonly columns: readonly string[] | undefined;
}

/** The text of a result, with a line end unless it is empty. */
export async function render(result: Result, options: OutputOptions): Promise<string> {
  // The shell's lines have printed their own.
  if (result.value === undefined && !result.table) return '';
  switch (options.format) {
    case 'json':
      return `${safeJson(result.value, 2)}\n`;
    case 'yaml':
      return yaml(result.value);
    case 'table':
      return lineEnded(result.text !== undefined && !options.columns ? textOf(result) : await table(result, options));
    default:
      return lineEnded(await table(result, options));
  }
}

function textOf({ text = '', isVerbatim }: Result): string {
  return isVerbatim ? text : printableLines(text);
}

/** What a terminal would obey stands in double quotes, as an escape. */
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

async function table(result: Result, { format, columns }: OutputOptions): Promise<string> {
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
    default:
      if (rows.length === 0) return result.table.empty ?? '';
      return forPeople(
        headings,
        rows.map((row) => row.map((cell) => (cell === '' ? '-' : cell))),
      );
  }
}

async function forPeople(headings: readonly string[], rows: readonly (readonly string[])[]): Promise<string> {
  if (rows.every((row) => row.every(isPlain))) return aligned(headings, rows, (text) => text.length);
  const { alignedTable } = await import('./table.ts');
  return alignedTable(headings, rows);
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
    throw new KvmnetError('USAGE', `there is no column ${JSON.stringify(name)}`, {
      hint: `${close.length > 0 ? `did you mean ${close.join(' or ')}? ` : ''}columns: ${headings.join(', ')}`,
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
