/** Two texts as a unified diff of lines. */

type Line = readonly [mark: ' ' | '-' | '+', text: string];

const context = 3;
/** Beyond this many comparisons the changed middle is shown as replaced. */
const maxCells = 4_000_000;

/** Returns the output of diff -u, without the names of files; empty if nothing differs. */
export function unifiedDiff(before: string, after: string): string {
  const lines = compare(split(before), split(after));
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(([mark]) => mark !== ' '),
  );
  let [old, now] = [1, 1];
  const shown: string[] = [];
  for (const [index, [mark, text]] of lines.entries()) {
    if (near[index] && !near[index - 1]) {
      const end = near.indexOf(false, index);
      const hunk = lines.slice(index, end === -1 ? undefined : end);
      const count = (other: '-' | '+'): number => hunk.filter(([each]) => each !== other).length;
      shown.push(`@@ -${String(old)},${String(count('+'))} +${String(now)},${String(count('-'))} @@`);
    }
    if (near[index]) shown.push(`${mark}${text}`);
    if (mark !== '+') old += 1;
    if (mark !== '-') now += 1;
  }
  return shown.join('\n');
}

function split(text: string): readonly string[] {
  return text.replace(/\n$/, '').split('\n');
}

function compare(before: readonly string[], after: readonly string[]): readonly Line[] {
  const start = countWhile((index) => index < before.length && index < after.length && before[index] === after[index]);
  const room = Math.min(before.length, after.length) - start;
  const end = countWhile((index) => index < room && before.at(-1 - index) === after.at(-1 - index));
  const same = (text: string): Line => [' ', text];
  const middle = longest(before.slice(start, before.length - end), after.slice(start, after.length - end));
  return [...before.slice(0, start).map(same), ...middle, ...before.slice(before.length - end).map(same)];
}

function countWhile(isSo: (index: number) => boolean): number {
  let index = 0;
  while (isSo(index)) index += 1;
  return index;
}

/** By the longest common subsequence. */
function longest(before: readonly string[], after: readonly string[]): readonly Line[] {
  const replaced: readonly Line[] = [
    ...before.map((text): Line => ['-', text]),
    ...after.map((text): Line => ['+', text]),
  ];
  if (before.length * after.length > maxCells) return replaced;
  const length = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const at = (row: number, column: number): number => length[row]?.[column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const isSame = before[row] === after[column];
      const longer = isSame ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
      length[row]?.fill(longer, column, column + 1);
    }
  }
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [old, now] = [before[row], after[column]];
    if (old !== undefined && old === now) {
      lines.push([' ', old]);
      row += 1;
      column += 1;
    } else if (old !== undefined && (now === undefined || at(row + 1, column) >= at(row, column + 1))) {
      lines.push(['-', old]);
      row += 1;
    } else if (now !== undefined) {
      lines.push(['+', now]);
      column += 1;
    }
  }
  return lines;
}
