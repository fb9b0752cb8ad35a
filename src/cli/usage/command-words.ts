/** The words of a command line before commander reads it: which command they name. */
import { wordsBeforeDashes } from '../command-line.ts';
import type { CommandEntry } from '../command.ts';
import { globalRows } from '../global-options.ts';
import { verbOf } from './foreign-words.ts';
import { groups, registry } from '../registry.ts';

const wordsOf = ({ long, short }: (typeof globalRows)[number]): readonly string[] =>
  short === undefined ? [`--${long}`] : [`-${short}`, `--${long}`];
const valued = globalRows.filter(({ takesValue }) => takesValue).flatMap(wordsOf);
const screen = globalRows.filter(({ isScreen }) => isScreen);

/** The places of the words of a command line that are neither options nor values of the global ones. */
function commandPlaces(argv: readonly string[]): number[] {
  const places: number[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--') break;
    if (valued.includes(word)) index += 1;
    else if (!word.startsWith('-')) places.push(index);
  }
  return places;
}

export function commandWords(argv: readonly string[]): string[] {
  return commandPlaces(argv).map((place) => argv[place] ?? '');
}

/** The command that a command line names, by its first words. */
export function findEntry(argv: readonly string[]): CommandEntry | undefined {
  const words = commandWords(argv);
  return registry.find(({ path }) => path.every((word, index) => words[index] === word));
}

/** Nothing, or the name of a group alone: its help is shown. */
export function namesGroup(words: readonly string[]): boolean {
  return words.length === 0 || (words.length === 1 && Object.hasOwn(groups, words[0] ?? ''));
}

export function asksForVersion(line: readonly string[]): boolean {
  return wordsBeforeDashes(line).some((word) => word === '--version' || word === '-V');
}

/** `kvmnet help net create` and `kvmnet net help create` are `kvmnet net create --help`, and `net ls` is `net list`. */
export function ownLine(argv: readonly string[]): readonly string[] {
  const [first, second] = commandPlaces(argv);
  const isGroup = first !== undefined && argv[first] !== 'virsh' && Object.hasOwn(groups, argv[first] ?? '');
  const help = isGroup ? second : first;
  return withOwnVerb(help !== undefined && argv[help] === 'help' ? [...argv.toSpliced(help, 1), '--help'] : argv);
}

function withOwnVerb(argv: readonly string[]): readonly string[] {
  const [group, verb] = commandPlaces(argv);
  if (group === undefined || verb === undefined) return argv;
  return argv.with(verb, verbOf(argv[group] ?? '', argv[verb] ?? ''));
}

/** Virsh's names print what virsh prints: no colors, no pager. */
export function withoutScreenOptions(argv: readonly string[]): readonly string[] {
  const isScreen = (word: string): boolean =>
    screen.some(({ long, takesValue }) => word === `--${long}` || (takesValue && word.startsWith(`--${long}=`)));
  const takesNext = (word: string | undefined): boolean =>
    screen.some(({ long, takesValue }) => takesValue && word === `--${long}`);
  return argv.filter((word, index) => !isScreen(word) && !takesNext(argv[index - 1]));
}
