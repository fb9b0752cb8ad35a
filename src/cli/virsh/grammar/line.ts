/**
 * Distinguishes virsh's command lines from kvmnet's own: global options, then one of virsh's names and its
 * words; or, as virsh also accepts, a single argument with one or several commands in it.
 */
import { wordsBeforeDashes } from '../../command-line.ts';
import { takeGlobal, type RawGlobals } from './globals.ts';

export interface VirshCommandLine {
  readonly globals: RawGlobals;
  /** A command's name and its words; or one word with commands in it, which splitVirshLine takes apart. */
  readonly words: readonly string[];
}

/** The line, when its command is one of virsh's `names`; undefined when it is kvmnet's own, or asks for help. */
export function virshLine(argv: readonly string[], names: ReadonlySet<string>): VirshCommandLine | undefined {
  const line = behindGlobals(argv);
  const { words = [] } = line ?? {};
  const [first = ''] = words;
  const single = /^\s*([\w-]+)/.exec(first)?.[1] ?? '';
  if (!names.has(single) || (words.length > 1 && single !== first)) return undefined;
  return asksForHelp(words) ? undefined : line;
}

/** Returns the words after `virsh`, in virsh's own grammar; undefined for any other command line. */
export function behindVirsh(argv: readonly string[]): VirshCommandLine | undefined {
  const line = behindGlobals(argv);
  return line?.words[0] === 'virsh' ? { ...line, words: line.words.slice(1) } : undefined;
}

function behindGlobals(argv: readonly string[]): VirshCommandLine | undefined {
  const globals: RawGlobals = {};
  let words = argv;
  while (words[0]?.startsWith('-') === true) {
    const left = takeGlobal(words, globals);
    if (!left) return undefined;
    words = left;
  }
  return { globals, words };
}

function asksForHelp(words: readonly string[]): boolean {
  return wordsBeforeDashes(words).some((word) => word === '--help' || word === '-h');
}
