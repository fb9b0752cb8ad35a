/**
 * virsh's grammar: options by name in any place, words without a name for the options that still lack a value, `--` before words
 * only. Not commander's: virsh takes nearly every option's value as a word too, and what starts with one dash is a word.
 * Source: virsh(1), and the behavior of virsh 9.0.
 */
import { nearest } from '../../../values/nearest.ts';
import type { VirshOption } from './definition.ts';
import { VirshError } from './error.ts';
import { ownGlobals, takeGlobal, type RawGlobals } from './globals.ts';
import { isOption, splitOption } from './option-word.ts';

export interface VirshWords {
  /** The values of each option that was given; a flag has none. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** kvmnet's global options, which may also follow the command's name: `net-list --json`. */
  readonly globals: RawGlobals;
}

/** The short global options that kvmnet takes behind a command's name; virsh would take them for words. */
const isShortGlobal = (word: string): boolean =>
  ownGlobals.some(({ short }) => short !== undefined && word.startsWith(`-${short}`));

/**
 * Reads the words behind a command's name.
 * @param how `isStrict`: what begins with one dash is a word, as it is for virsh
 * @throws USAGE for an unknown or repeated option, a word too many, and a required option that does not exist
 */
export function parseVirsh(
  command: string,
  options: readonly VirshOption[],
  words: readonly string[],
  { isStrict = false } = {},
): VirshWords {
  const given = new Given(command, options);
  const globals: RawGlobals = {};
  let left = words;
  let wordsOnly = false;
  while (left.length > 0) {
    const [word = '', ...behind] = left;
    const option = wordsOnly || !isOption(word) ? undefined : findOption(options, splitOption(word)[0]);
    const mayBeGlobal = isOption(word) || (!isStrict && isShortGlobal(word));
    const global = wordsOnly || option || !mayBeGlobal ? undefined : takeGlobal(left, globals);
    if (global) {
      left = global;
    } else if (!wordsOnly && word === '--') {
      wordsOnly = true;
      left = behind;
    } else if (option) {
      left = given.named(option, word, behind);
    } else if (!wordsOnly && isOption(word)) {
      throw unknownOption(command, splitOption(word)[0], options);
    } else {
      given.word(word);
      left = behind;
    }
  }
  given.requireAll();
  return { values: given.values, globals };
}

/** The options that are given so far, and the options that still wait for a word. */
class Given {
  readonly values = new Map<string, readonly string[]>();
  readonly #command: string;
  readonly #options: readonly VirshOption[];
  readonly #open: VirshOption[];

  constructor(command: string, options: readonly VirshOption[]) {
    this.#command = command;
    this.#options = options;
    this.#open = options.filter(({ kind, named }) => kind !== 'flag' && kind !== 'alias' && named !== true);
  }

  /** Takes an option and its value; returns the words behind them. */
  named(option: VirshOption, word: string, behind: readonly string[]): readonly string[] {
    const attached = splitOption(word)[1];
    if (option.kind === 'flag') {
      if (attached !== undefined) {
        throw this.#usage(`--${option.name} takes no value`, `invalid '=' after option --${option.name}`);
      }
      this.#give(option, []);
      return behind;
    }
    const value = attached ?? behind[0];
    if (value === undefined) {
      const kind = option.kind === 'number' ? 'number' : 'string';
      throw this.#usage(`--${option.name} needs a value`, `expected syntax: --${option.name} <${kind}>`);
    }
    this.#give(option, [value]);
    return attached === undefined ? behind.slice(1) : behind;
  }

  /** Takes a word for the first option that waits for one. */
  word(word: string): void {
    const [option] = this.#open;
    if (!option) throw this.#usage(`${JSON.stringify(word)} is one word too many`, `unexpected data '${word}'`);
    this.#give(option, [word]);
  }

  requireAll(): void {
    const missing = this.#options
      .filter(({ name, required }) => required === true && !this.values.has(name))
      .map(({ name, kind }) => (kind === 'text' || kind === 'number' ? `--${name}` : `<${name}>`));
    const [first] = missing;
    if (first === undefined) return;
    const lines = missing.map((name) => `command '${this.#command}' requires ${name} option`);
    throw this.#usage(`${first} is missing`, lines.join('\n'));
  }

  #give(option: VirshOption, values: readonly string[]): void {
    const before = this.values.get(option.name);
    if (before && option.kind !== 'rest') {
      throw this.#usage(`--${option.name} is given twice`, `option --${option.name} already seen`);
    }
    this.values.set(option.name, [...(before ?? []), ...values]);
    const index = this.#open.indexOf(option);
    if (index >= 0 && option.kind !== 'rest') this.#open.splice(index, 1);
  }

  #usage(message: string, line: string): VirshError {
    const hint = `see kvmnet virsh help ${this.#command}`;
    return new VirshError('USAGE', `${this.#command}: ${message}`, line, { hint });
  }
}

function findOption(options: readonly VirshOption[], name: string): VirshOption | undefined {
  const option = options.find((candidate) => candidate.name === name);
  return option?.kind === 'alias' ? options.find((candidate) => candidate.name === option.of) : option;
}

/** The command has no such option; the real virsh may have it. */
export class UnknownOption extends VirshError {}

function unknownOption(command: string, name: string, options: readonly VirshOption[]): UnknownOption {
  const names = options.map((option) => option.name);
  const close = nearest(name, names).map((other) => `--${other}`);
  const line = `command '${command}' doesn't support option --${name}`;
  return new UnknownOption('USAGE', `${command} has no option --${name}`, line, {
    hint: `${close.length > 0 ? `did you mean ${close.join(' or ')}? ` : ''}see kvmnet virsh help ${command}`,
  });
}
