/** A line of text -> its words, as a POSIX shell splits them, without any expansion. Source: POSIX.1-2017, Shell Command Language, 2.2 and 2.3. */
import { KvmnetError } from '../../errors.ts';

export interface SplitLine {
  /** Quotes and backslashes are gone; an empty pair of quotes is an empty word. */
  readonly words: readonly string[];
  /** Where the last word begins in the text; undefined when the line is empty, or ends between words or in a comment. */
  readonly lastWord: number | undefined;
  /** The unclosed part: a quote, or a trailing backslash. */
  readonly open: "'" | '"' | '\\' | undefined;
  /** The first of the shell's operators (`|`, `;`, `&`, `<`, `>`) that is not quoted; it is part of a word here. */
  readonly operator: string | undefined;
}

const operators = '|;&<>';
/** The characters that a backslash escapes between double quotes. */
const special = '$`"\\';

/** Splits a line; never fails, so that half a line can be completed. */
export function splitLine(text: string): SplitLine {
  const words: string[] = [];
  let word: string | undefined;
  let start = 0;
  let open: SplitLine['open'];
  let operator: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  for (let position = 0; position < text.length; position += 1) {
    const character = text.charAt(position);
    if (open === "'" || (open === '"' && character !== '\\')) {
      if (character === open) open = undefined;
      else word = (word ?? '') + character;
      continue;
    }
    if (character === ' ' || character === '\t') {
      endWord();
      continue;
    }
    if (word === undefined) {
      if (character === '#') return { words, lastWord: undefined, open, operator };
      start = position;
      word = '';
    }
    if (character === '\\') {
      position += 1;
      if (position >= text.length) return { words: [...words, word], lastWord: start, open: '\\', operator };
      const escaped = text.charAt(position);
      word += open === '"' && !special.includes(escaped) ? `\\${escaped}` : escaped;
    } else if (character === "'" || character === '"') {
      open = character;
    } else {
      if (operators.includes(character)) operator ??= character;
      word += character;
    }
  }
  const lastWord = word === undefined ? undefined : start;
  endWord();
  return { words, lastWord, open, operator };
}

/**
 * The words of a whole line; a comment and a blank line have none.
 * @param where named in the error, for example `line 3`
 * @throws INPUT for a quote that is not closed, a backslash at the end, and for what a shell would do
 * and kvmnet does not: pipes, redirections, several commands in one line.
 */
export function wordsOf(text: string, where?: string): readonly string[] {
  const { words, open, operator } = splitLine(text);
  const place = where === undefined ? '' : `${where}: `;
  if (open === '\\') {
    throw new KvmnetError('INPUT', `${place}it ends in a backslash, and no line follows`, {
      hint: 'take the backslash away',
    });
  }
  if (open !== undefined) {
    throw new KvmnetError('INPUT', `${place}the quote ${open} is not closed`, {
      hint: `close it, or write \\${open} if a quote is part of a word`,
    });
  }
  if (operator !== undefined) {
    throw new KvmnetError('INPUT', `${place}pipes, redirections and command lists are not supported: ${operator}`, {
      hint: `quote ${operator} where it is part of a word; for the rest, run kvmnet from your own shell`,
    });
  }
  return words;
}

/** A word as it must be typed to be one word again; also in bash. A leading `~` stays: it is the user's home in bash, too. */
export function escapeWord(word: string): string {
  if (word === '') return "''";
  return word.replaceAll(/[^\w./:=,@%+~-]/gu, (character) => (character > '~' ? character : `\\${character}`));
}
