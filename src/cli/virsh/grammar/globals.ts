/** Global options as virsh's users write them: before the command's name, bundled (`-rq`), attached (`-cURI`), `--connect=URI`. */
import { globalRows, type Spelling } from '../../global-options.ts';
import { isOption, splitOption } from './option-word.ts';

/** By long name; a flag's value is true. Options of virsh that kvmnet does not need are accepted and ignored. */
export type RawGlobals = Record<string, string | true>;

/** kvmnet's own, without those about the screen. */
export const ownGlobals: readonly Spelling[] = globalRows.filter(({ isScreen }) => isScreen !== true);

const namesOf = (takesValue: boolean): readonly string[] =>
  ownGlobals.filter((each) => each.takesValue === takesValue).map(({ long }) => long);

const valued: ReadonlySet<string> = new Set([
  ...namesOf(true),
  ...['debug', 'log', 'escape', 'keepalive-interval', 'keepalive-count'],
]);
const flags: ReadonlySet<string> = new Set([...namesOf(false), 'timing', 'no-pkttyagent']);
const long: ReadonlyMap<string, string> = new Map([
  ...ownGlobals.flatMap((each): [string, string][] => (each.short === undefined ? [] : [[each.short, each.long]])),
  ...Object.entries({ t: 'timing', d: 'debug', l: 'log', e: 'escape', k: 'keepalive-interval', K: 'keepalive-count' }),
]);

/** The words behind the global option, and its values, that `words` begin with; undefined where it is none. */
export function takeGlobal(words: readonly string[], globals: RawGlobals): readonly string[] | undefined {
  const [word = '', next, ...rest] = words;
  const [name, attached] = isOption(word) ? splitOption(word) : [undefined, undefined];
  if (name === undefined) return takeShort(word.slice(1), words.slice(1), globals);
  if (flags.has(name) && attached === undefined) {
    globals[name] = true;
    return words.slice(1);
  }
  const value = valued.has(name) ? (attached ?? next) : undefined;
  if (value === undefined) return undefined;
  globals[name] = value;
  return attached === undefined ? rest : words.slice(1);
}

function takeShort(letters: string, words: readonly string[], globals: RawGlobals): readonly string[] | undefined {
  const [letter = '', ...others] = letters;
  const name = long.get(letter);
  if (name === undefined) return undefined;
  if (valued.has(name)) {
    const value = others.length > 0 ? others.join('') : words[0];
    if (value === undefined) return undefined;
    globals[name] = value;
    return others.length > 0 ? words : words.slice(1);
  }
  globals[name] = true;
  return others.length > 0 ? takeShort(others.join(''), words, globals) : words;
}
