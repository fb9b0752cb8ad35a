/** Half a command line, taken apart as commander would: which words are options, which are their values, and what is left. */
import type { Option } from 'commander';

export interface LineReading {
  /** Words that are neither options nor their values. */
  readonly positional: readonly string[];
  /** The present options, with the last value of each. */
  readonly given: ReadonlyMap<Option, string | undefined>;
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
  /** `--` ends the options. */
  readonly ended: boolean;
}

/** Reads whole words; an option that is not among `options` counts as one without a value. */
export function readLine(words: readonly string[], options: readonly Option[]): LineReading {
  const positional: string[] = [];
  const given = new Map<Option, string | undefined>();
  let pending: Option | undefined;
  let ended = false;
  for (const word of words) {
    const isOption = !ended && word.startsWith('-') && word !== '-';
    if (pending && (pending.required || !isOption)) {
      given.set(pending, word);
      pending = undefined;
    } else if (!isOption) {
      positional.push(word);
    } else {
      pending = undefined;
      ended = word === '--';
      for (const [option, value] of optionsIn(word, options)) {
        given.set(option, value);
        pending = value === undefined && takesValue(option) ? option : undefined;
      }
    }
  }
  return { positional, given, pending, ended };
}

export function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

/** `--name`, `--name=value`, `-n`, `-nvalue`, or several short ones in one word. */
function optionsIn(word: string, options: readonly Option[]): (readonly [Option, string | undefined])[] {
  if (word.startsWith('--')) {
    const [name = '', ...value] = word.split('=');
    const option = options.find(({ long }) => long === name);
    return option ? [[option, value.length > 0 ? value.join('=') : undefined]] : [];
  }
  const option = options.find(({ short }) => short === word.slice(0, 2));
  const rest = word.slice(2);
  if (!option) return [];
  if (takesValue(option)) return [[option, rest === '' ? undefined : rest]];
  return [[option, undefined], ...(rest === '' ? [] : optionsIn(`-${rest}`, options))];
}
