/** Edits of a text by its lines. */

/** Edits lines of a file by their numbers, which count from 1 and always refer to the old text. */
export class LineEdit {
  readonly #lines: readonly string[];
  readonly #replaced = new Map<number, readonly string[]>();
  #appended: readonly string[] = [];

  constructor(text: string) {
    this.#lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  }

  line(number: number): string {
    return this.#lines[number - 1] ?? '';
  }

  /** The last physical line of what begins here: a backslash at a line's end joins the next one to it. */
  endOf(number: number): number {
    let end = number;
    while (this.line(end).endsWith('\\') && end < this.#lines.length) end += 1;
    return end;
  }

  replace(from: number, to: number, lines: readonly string[]): void {
    for (let number = from; number <= to; number += 1) this.#replaced.set(number, []);
    this.#replaced.set(from, lines);
  }

  /** Appends lines after an empty line. */
  append(lines: readonly string[]): void {
    this.#appended = [...this.#appended, ...(this.#appended.length === 0 ? [] : ['']), ...lines];
  }

  text(): string {
    const kept = this.#lines.flatMap((line, index) => this.#replaced.get(index + 1) ?? [line]);
    const isApart = this.#appended.length === 0 || kept.length === 0 || kept.at(-1)?.trim() === '';
    const all = [...kept, ...(isApart ? [] : ['']), ...this.#appended];
    return all.length === 0 ? '' : `${all.join('\n')}\n`;
  }
}
