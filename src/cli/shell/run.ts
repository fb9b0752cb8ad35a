/** One line of a shell -> a command line of kvmnet, run. */
import { exitStatus, KvmnetError } from '../../errors.ts';
import { paintFor } from '../output/color.ts';
import { errorText } from '../output/error-text.ts';
import { globalWords, type GlobalOptions } from '../global-options.ts';
import type { Program } from '../surroundings.ts';
import type { Streams } from '../output/streams.ts';
import { wordsOf } from '../terminal/shell-words.ts';
import type { ShellSession } from './session.ts';

export interface Shell {
  readonly session: ShellSession;
  readonly streams: Streams;
  readonly program: Program;
  /** The options that the shell was started with. */
  readonly options: GlobalOptions;
}

/**
 * Runs a line, and returns the command's exit status; `exit` if the line ends the shell, undefined for an empty line.
 * @param where named in the error of a line that cannot be split into words, for example `line 3`
 */
export async function runLine(
  text: string,
  { session, streams, program, options }: Shell,
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
    if (isShell(words, program)) {
      throw new KvmnetError('USAGE', 'this is a shell already', {
        hint: 'exit leaves it; kvmnet shell FILE runs a script',
      });
    }
    session.nextLine();
    // The options of the line come after the shell's, and win.
    return await program.run(words, streams, session, globalWords(options));
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

function isShell(words: readonly string[], { pathOf }: Program): boolean {
  return pathOf(words)?.[0] === 'shell' && !words.some((word) => word === '--help' || word === '-h');
}
