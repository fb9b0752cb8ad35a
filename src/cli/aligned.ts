/** Aligned columns, two spaces apart, with a heading; nothing is cut. `width` says how many columns of the terminal a text takes. */
export function aligned(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: (text: string) => number,
): string {
  const widths = headings.map((heading, column) =>
    Math.max(width(heading), ...rows.map((row) => width(row[column] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join('  ')
      .trimEnd();
  return [headings, ...rows].map(line).join('\n');
}

/** True for text of one column a character: what measures all other text takes long to load. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
