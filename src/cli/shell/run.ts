/** One line of a shell -> a command line of kvmnet, run. */
import { exitStatus, KvmnetError } from '../../errors.ts';
import { paintFor } from '../output/color.ts';
import { errorText } from '../output/error-text.ts';
import type { GlobalOptions } from '../global-options.ts';
import { findEntry } from '../usage/command-words.ts';
import { runProgram } from '../program.ts';
import type { Streams } from '../output/streams.ts';
import { wordsOf } from '../terminal/words.ts';
import type { ShellSession } from './session.ts';

export interface Shell {
  readonly session: ShellSession;
  readonly streams: Streams;
  /** The options that the shell was started with. */
  readonly options: GlobalOptions;
}

/**
 * Runs a line, and returns the command's exit status; `exit` if the line ends the shell, undefined for an empty line.
 * @param where named in the error of a line that cannot be split into words, for example `line 3`
 */
export async function runLine(
  text: string,
  { session, streams, options }: Shell,
  where?: string,
): Promise<number | 'exit' | undefined> {
  try {
    const words = withHelp(commandOf(wordsOf(text, where)));
    if (words.length === 0) return undefined;
    if (words.length === 1 && (words[0] === 'exit' || words[0] === 'quit')) return 'exit';
    if (words.length === 1 && words[0] === 'clear') {
      if (streams.stdout.isTTY === true) streams.stdout.write('\u001b[2J\u001b[H');
      return 0;
    }
    if (isShell(words)) {
      throw new KvmnetError('USAGE', 'this is a shell already', {
        hint: 'exit leaves it; kvmnet shell FILE runs a script',
      });
    }
    session.nextLine();
    return await runProgram(words, streams, session, optionWords(options));
  } catch (error) {
    if (!(error instanceof KvmnetError)) throw error;
    streams.stderr.write(errorText(error, options.format === 'json', paintFor(options.color, streams.stderr)));
    return exitStatus(error.code);
  }
}

/** `?` is help, as in the shells of network devices. */
function withHelp([first = '', ...others]: readonly string[]): readonly string[] {
  return first === '?' ? ['help', ...others] : first === '' ? [] : [first, ...others];
}

/** Lines are often copied from elsewhere, with the program's name in front. */
export function commandOf(words: readonly string[]): readonly string[] {
  return words[0] === 'kvmnet' ? words.slice(1) : words;
}

function isShell(words: readonly string[]): boolean {
  return findEntry(words)?.path[0] === 'shell' && !words.some((word) => word === '--help' || word === '-h');
}

/** The shell's options, as every line gets them; those of the line come after them, and win. */
function optionWords(options: GlobalOptions): readonly string[] {
  const { uri, format, columns, timeout } = options;
  const flags = [
    ['--quiet', options.quiet],
    ['--readonly', options.readOnly],
    ['--dry-run', options.dryRun],
    ['--yes', options.yes],
    ['--verbose', options.verbose],
  ] as const;
  return [
    ...['--connect', uri],
    ...(format === 'table' ? [] : ['--output', format]),
    ...(options.color === 'auto' ? [] : ['--color', options.color]),
    ...(columns ? ['--columns', columns.join(',')] : []),
    ...(timeout === undefined ? [] : ['--timeout', String(timeout / 1000)]),
    ...flags.flatMap(([flag, isGiven]) => (isGiven ? [flag] : [])),
  ];
}
