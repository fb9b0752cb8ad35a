/**
 * Aligned columns, two spaces apart, with a heading; nothing is cut.
 * @param width how many columns of the terminal a text takes
 * @param paint colors a cell, by the index of its row, -1 for the heading, and by its column
 */
export function aligned(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: (text: string) => number,
  paint: (text: string, row: number, column: number) => string = (text) => text,
): string {
  const widths = headings.map((heading, column) =>
    Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[], row: number): string => {
    const last = cells.findLastIndex((cell) => cell !== '');
    return cells
      .slice(0, last + 1)
      .map((cell, column) => {
        const padding = column === last ? 0 : (widths[column] ?? 0) - width(cell);
        return paint(cell, row - 1, column) + ' '.repeat(Math.max(0, padding));
      })
      .join('  ');
  };
  return [headings, ...rows].map(line).join('\n');
}

/** True if each character of each cell takes one column: what measures other text takes long to load. */
export function isPlainTable(rows: readonly (readonly string[])[]): boolean {
  return rows.every((row) => row.every((cell) => /^[ -~]*$/.test(cell)));
}

/** The width of plain text. */
export function lengthOf({ length }: string): number {
  return length;
}
