/** The tables of virsh. */
import { isPlainTable, lengthOf } from './aligned.ts';

/**
 * The table that virsh draws in a UTF-8 locale: a space before each cell, two behind it, and a rule of dashes. Without headings (as
 * `virsh --quiet`) when those are undefined. Source: vsh-table.c of libvirt's tools.
 */
export async function virshTable(
  headings: readonly string[] | undefined,
  rows: readonly (readonly string[])[],
): Promise<string> {
  const table = [...(headings ? [headings] : []), ...rows].map((row) => row.map(virshText));
  const width = isPlainTable(table) ? lengthOf : (await import('./width.ts')).codePointWidth;
  const widths: number[] = [];
  for (const row of table) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))));
  }
  const lines = table.map((row) =>
    row
      .map((cell, column) => {
        const padding = column === row.length - 1 ? 0 : (widths[column] ?? 0) - width(cell) + 2;
        return ` ${cell}${' '.repeat(padding)}`;
      })
      .join(''),
  );
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 3, 0));
  const [first = '', ...others] = lines;
  return (headings ? [first, rule, ...others] : lines).map((line) => `${line}\n`).join('');
}

/**
 * Formats a text as virsh does: control characters in hexadecimal, also a backslash that could be taken for the beginning of one; and
 * each byte of what its C library holds for unprintable as `\xff`, for it prints a signed char and cuts it.
 */
function virshText(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f]|\\(?=x)/g, (character) => hex(character.charCodeAt(0)))
    .replace(/[\u0080-\u009f\u2028\u2029\p{Cn}\p{Cs}]/gu, (character) =>
      hex(0xff).repeat(Buffer.byteLength(character)),
    );
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
