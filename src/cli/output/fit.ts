/** Tables that fit a terminal: a line that wraps would be cut in the middle of an address. */

/** Between columns. */
const gap = 2;

/**
 * Returns the places of the columns that fit: spare ones go, the last first. Undefined where the others are still too wide.
 * @param widths of the columns, each with its heading
 * @param available columns of the terminal
 */
export function fittingColumns(
  widths: readonly number[],
  isSpare: readonly boolean[],
  available: number,
): readonly number[] | undefined {
  const places = widths.map((_, place) => place);
  const candidates = [places, ...droppedOneByOne(places, isSpare)];
  return candidates.find(
    (kept) => kept.reduce((sum, place) => sum + (widths[place] ?? 0), gap * (kept.length - 1)) <= available,
  );
}

function droppedOneByOne(places: readonly number[], isSpare: readonly boolean[]): readonly (readonly number[])[] {
  const spare = places.filter((place) => isSpare[place]).reverse();
  return spare.map((_, index) => places.filter((place) => !spare.slice(0, index + 1).includes(place)));
}

/** A row a paragraph, a cell a line: for terminals that no table fits. */
export function records(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = Math.max(...headings.map(({ length }) => length)) + gap;
  return rows
    .map((row) => headings.map((heading, column) => `${heading.padEnd(width)}${row[column] ?? ''}`).join('\n'))
    .join('\n\n');
}
