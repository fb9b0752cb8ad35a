/** Rectangles of text with a stem at the bottom: the parts of a drawing with box characters. */
import { printable } from '../values/printable.ts';
import type { Status } from './graph.ts';
import { cut, widthOf } from './labels.ts';

export interface Block {
  /** Of equal width. */
  readonly lines: readonly string[];
  readonly width: number;
  /** The columns of the stems that leave at the bottom. */
  readonly stems: readonly number[];
}

export interface Line {
  readonly text: string;
  readonly status: Status;
}

export interface Stem {
  readonly label: string | undefined;
  readonly isDashed: boolean;
  readonly status: Status;
}

interface BoxOptions {
  readonly width: number;
  readonly paint: (status: Status, text: string) => string;
}

/** Draws a box around lines, with a stem below it that carries a label; lines that are too long for the width are cut. */
export function boxOf(lines: readonly Line[], stem: Stem | undefined, { width, paint }: BoxOptions): Block {
  const most = Math.max(8, width - 4);
  const texts = lines.map(({ text, status }) => ({ text: cut(printable(text), most), status }));
  const inner = Math.max(...texts.map(({ text }) => widthOf(text)), widthOf(stem?.label ?? '') - 2);
  const middle = Math.floor((inner + 3) / 2);
  const side = '─'.repeat(inner + 2);
  const bottom = stem === undefined ? side : `${'─'.repeat(middle - 1)}┬${'─'.repeat(inner + 2 - middle)}`;
  const whole = inner + 4;
  return {
    lines: [
      `┌${side}┐`,
      ...texts.map(({ text, status }) => `│ ${paint(status, text)}${' '.repeat(inner - widthOf(text))} │`),
      `└${bottom}┘`,
      ...(stem === undefined ? [] : stemLines(stem, middle, whole, paint)),
    ],
    width: whole,
    stems: stem === undefined ? [] : [middle],
  };
}

function stemLines(
  { label, isDashed, status }: Stem,
  column: number,
  width: number,
  paint: BoxOptions['paint'],
): readonly string[] {
  const sign = isDashed ? '┆' : '│';
  const line = (text: string): string => {
    const left = Math.max(0, Math.min(column - Math.floor(widthOf(text) / 2), width - widthOf(text)));
    return `${' '.repeat(left)}${paint(status, text)}${' '.repeat(Math.max(0, width - left - widthOf(text)))}`;
  };
  return label === undefined ? [line(sign)] : [line(cut(printable(label), width)), line(sign)];
}

/** Puts blocks side by side, all of them on one ground: stems of lower blocks are longer. */
export function beside(blocks: readonly Block[], gap: number): Block {
  const height = Math.max(...blocks.map(({ lines }) => lines.length));
  const columns = blocks.map((block) => [
    ...Array.from({ length: height - block.lines.length }, () => ' '.repeat(block.width)),
    ...block.lines,
  ]);
  const space = ' '.repeat(gap);
  let next = 0;
  const starts = blocks.map(({ width }) => (next += width + gap) - width - gap);
  return {
    lines: Array.from({ length: height }, (_, row) => columns.map((column) => column[row]).join(space)),
    width: blocks.reduce((sum, { width }) => sum + width, gap * (blocks.length - 1)),
    stems: blocks.flatMap(({ stems }, index) => stems.map((stem) => stem + (starts[index] ?? 0))),
  };
}

/** Puts a block on a box: the stems above end in one, which enters the box at the middle of its top. */
export function below(upper: Block, box: Block): Block {
  const middle = Math.floor((Math.min(...upper.stems) + Math.max(...upper.stems)) / 2);
  const boxMiddle = Math.floor((box.width - 1) / 2);
  const shift = middle - boxMiddle;
  const [upperIndent, boxIndent] = [Math.max(0, -shift), Math.max(0, shift)];
  const width = Math.max(upperIndent + upper.width, boxIndent + box.width);
  const indented = (lines: readonly string[], indent: number, own: number): readonly string[] =>
    lines.map((line) => `${' '.repeat(indent)}${line}${' '.repeat(width - indent - own)}`);
  const stems = upper.stems.map((stem) => stem + upperIndent);
  const entry = middle + upperIndent;
  const [top = '', ...rest] = box.lines;
  const topWithEntry = `${top.slice(0, boxMiddle)}┴${top.slice(boxMiddle + 1)}`;
  return {
    lines: [
      ...indented(upper.lines, upperIndent, upper.width),
      ...(stems.length > 1 ? [joint(stems, entry, width)] : []),
      ...indented([topWithEntry, ...rest], boxIndent, box.width),
    ],
    width,
    stems: box.stems.map((stem) => stem + boxIndent),
  };
}

/** The line that joins stems: `└──┬──┘`. */
function joint(stems: readonly number[], entry: number, width: number): string {
  const [first, last] = [Math.min(...stems), Math.max(...stems)];
  return Array.from({ length: width }, (_, column) => {
    if (column < first || column > last) return ' ';
    const [isStem, isEntry] = [stems.includes(column), column === entry];
    if (column === first) return isEntry ? '├' : '└';
    if (column === last) return isEntry ? '┤' : '┘';
    if (isStem) return isEntry ? '┼' : '┴';
    return isEntry ? '┬' : '─';
  }).join('');
}
