/** Tables for terminals, by display width: a wide character takes two columns. */
import stringWidth from 'string-width';

/** Aligned columns, two spaces apart, with a heading; nothing is cut. */
export function alignedTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(stringWidth(heading), ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd();
  return [headings, ...rows].map(line).join('\n');
}

/** The table that virsh draws: a space before each cell, three behind it, and a rule of dashes. Source: vshTable of libvirt's tools. */
export function virshTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(stringWidth(heading), ...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const last = headings.length - 1;
  const line = (cells: readonly string[]): string =>
    cells
      .map(
        (cell, column) => ` ${cell}${column === last ? '' : ' '.repeat((widths[column] ?? 0) - stringWidth(cell) + 2)}`,
      )
      .join('');
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 3, 0));
  return [line(headings), rule, ...rows.map(line)].join('\n') + '\n';
}
