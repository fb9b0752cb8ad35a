/** A command line that kvmnet does not understand -> an error that names the word and the next step. */
import type { CommanderError } from 'commander';
import { KvmnetError } from '../../errors.ts';
import { nearest } from '../../values/nearest.ts';
import { wordsBeforeDashes } from '../command-line.ts';
import type { CommandEntry } from '../command.ts';
import { optionFor } from './foreign-words.ts';
import { groups, registry } from '../registry.ts';

/** Returns commander's error in kvmnet's words. */
export function usageError(error: CommanderError, entry: CommandEntry | undefined): KvmnetError {
  const name = ['kvmnet', ...(entry?.path ?? [])].join(' ');
  const [text = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const [, option = ''] = /^unknown option '([^']*)'/.exec(text) ?? [];
  const [, near] = /^\(Did you mean (.*)\?\)$/.exec(suggestion ?? '') ?? [];
  const meant = optionFor(option) ?? near;
  return new KvmnetError('USAGE', messageOf(text, name), {
    hint: meant === undefined ? `see ${name} --help` : `did you mean ${meant}? See ${name} --help`,
  });
}

/** commander's messages, and kvmnet's replacements; `$NAME` is the command. */
const sentences: readonly (readonly [RegExp, string])[] = [
  [/^too many arguments.* Expected (\d+) arguments? but got (\d+).*$/, 'too many arguments: $NAME takes $1, not $2'],
  [/^option '(?:-\w, )?(--[\w-]+) <(.*)>' argument missing$/, '$1 needs a value: $1 $2'],
  [
    /^option '(?:-\w, )?(--[\w-]+) <.*>' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/,
    "$1: '$2' is not one of $3",
  ],
];

function messageOf(text: string, name: string): string {
  const [pattern, sentence] = sentences.find(([each]) => each.test(text)) ?? [];
  return pattern && sentence ? text.replace(pattern, sentence.replace('$NAME', name)) : text;
}

/** Returns the error for words that name no command: `kvmnet net lsit`, `kvmnet help nosuch`. */
export async function unknownCommand(words: readonly string[]): Promise<KvmnetError> {
  const { habitHint } = await import('./habits.ts');
  const [first = '', second] = words;
  const isGroup = second !== undefined && Object.hasOwn(groups, first);
  const name = isGroup ? `${first} ${second}` : first;
  const help = `kvmnet ${isGroup ? `${first} ` : ''}--help`;
  return new KvmnetError('USAGE', `unknown command '${name}'`, {
    hint: habitHint(words) ?? nearHint(isGroup ? [first, second] : [first], help) ?? `${help} lists the commands`,
  });
}

function nearHint(words: readonly string[], help: string): string | undefined {
  const place = words.length - 1;
  const groupWords = words.slice(0, place);
  const known = registry
    .filter(({ path }) => groupWords.every((word, index) => path[index] === word))
    .map(({ path }) => path[place] ?? '');
  const near = nearest(words[place] ?? '', known).map((each) => ['kvmnet', ...groupWords, each].join(' '));
  return near.length === 0 ? undefined : `did you mean ${near.join(' or ')}? See ${help}`;
}

/** Web pages and word processors make one long dash of two hyphens. */
const dash = /^[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]+(?=[A-Za-z])/;

/** @throws USAGE for an option that begins with a dash that is not a hyphen */
export function refuseDashes(line: readonly string[]): void {
  const word = wordsBeforeDashes(line).find((each) => dash.test(each));
  if (word === undefined) return;
  const name = word.replace(dash, '');
  throw new KvmnetError('USAGE', `'${word}' begins with a dash that is not a hyphen`, {
    hint: `web pages and word processors change hyphens: type ${name.length === 1 ? '-' : '--'}${name}`,
  });
}
