/** A command as it was meant, whatever the order of its options: two runs of one command are known by it, and it can be typed again. */
import { quoted } from '../values/quoted.ts';
import type { Options } from './command.ts';

/** @param options only the typed options, by commander's names: `bridgeName`, and `dns: false` for `--no-dns` */
export function commandLine(path: readonly string[], args: readonly string[], options: Options): string {
  const flags = Object.keys(options)
    .sort()
    .flatMap((name) => optionWords(name, options[name]));
  return [...path, ...args, ...flags].map(quoted).join(' ');
}

function optionWords(name: string, value: Options[string]): readonly string[] {
  const flag = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (value === undefined) return [];
  if (value === false) return [`--no-${flag}`];
  if (value === true) return [`--${flag}`];
  return (typeof value === 'string' ? [value] : value).map((each) => `--${flag}=${each}`);
}

/** The words before `--`, which ends the options. */
export function wordsBeforeDashes(words: readonly string[]): readonly string[] {
  const end = words.indexOf('--');
  return end < 0 ? words : words.slice(0, end);
}

/** The words after `--`. */
export function wordsAfterDashes(words: readonly string[]): readonly string[] {
  return words.slice(wordsBeforeDashes(words).length + 1);
}
