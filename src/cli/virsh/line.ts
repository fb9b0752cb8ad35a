/**
 * Tells virsh's command lines from kvmnet's own: global options, then one of virsh's names and its words; or, as virsh takes it
 * too, a single argument with one or several commands in it.
 */
import { takeGlobal, type RawGlobals } from './globals.ts';
import { splitVirshLine } from './split.ts';

export interface VirshCommandLine {
  readonly globals: RawGlobals;
  /** Each command: its name and its words. */
  readonly commands: readonly (readonly [name: string, ...words: string[]])[];
}

/**
 * The line, when its command is one of virsh's `names`; undefined when it is kvmnet's own, or asks for help.
 * `kvmnet virsh net-list` is `kvmnet net-list`.
 * @throws USAGE where the quotes of a single argument do not match
 */
export function virshLine(argv: readonly string[], names: ReadonlySet<string>): VirshCommandLine | undefined {
  const globals: RawGlobals = {};
  let words = argv;
  while (words[0]?.startsWith('-') === true) {
    const left = takeGlobal(words, globals);
    if (!left) return undefined;
    words = left;
  }
  if (words[0] === 'virsh') words = words.slice(1);
  const [first = ''] = words;
  const single = /^\s*([\w-]+)/.exec(first)?.[1] ?? '';
  if (!names.has(single) || (words.length > 1 && single !== first)) return undefined;
  const commands = words.length === 1 ? splitVirshLine(first) : [words];
  if (commands.some(asksForHelp)) return undefined;
  return { globals, commands: commands.flatMap(([name, ...rest]) => (name === undefined ? [] : [[name, ...rest]])) };
}

function asksForHelp(command: readonly string[]): boolean {
  const end = command.indexOf('--');
  return (end < 0 ? command : command.slice(0, end)).some((word) => word === '--help' || word === '-h');
}
