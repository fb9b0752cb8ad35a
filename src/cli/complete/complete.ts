/** Returns the candidates for the last word of an incomplete command line. */
import { Option, type Command } from 'commander';
import { readLine, takesValue, type LineReading } from './line.ts';
import { configure, type CommandDefinition, type CommandEntry } from '../command.ts';
import type { Completes } from '../completes.ts';
import { buildProgram } from '../tree.ts';
import type { Candidate, Names } from './candidate.ts';
import { groups, registry } from '../registry.ts';
import { globalRows } from '../global-options.ts';
import type { Streams } from '../output/streams.ts';
import { otherNames } from '../virsh/other-names.ts';
import { strictEntries } from '../virsh/strict-registry.ts';

/** The context of the candidates, in addition to the word itself. */
interface Situation {
  readonly reading: LineReading;
  readonly options: readonly Option[];
  /** The command's own, and undefined while the line names none. */
  readonly leaf: { readonly command: Command; readonly definition: CommandDefinition } | undefined;
  /** Words behind the command's. */
  readonly args: readonly string[];
  readonly names: Names;
  /** Behind the word `virsh` the commands are virsh's. */
  readonly isVirsh: boolean;
}

/**
 * The candidates for the last of `words` (the words of a command line without `kvmnet`; the last one may be empty), in the order in which
 * they are to be shown. `namesOf` gives the names for the URI on the line; undefined: for the default one.
 */
export async function complete(
  words: readonly string[],
  streams: Streams,
  namesOf: (uri: string | undefined) => Names,
): Promise<readonly Candidate[]> {
  const isPrefixed = words.length > 1 && (words[0] === 'help' || words[0] === 'virsh');
  const before = words.slice(isPrefixed ? 1 : 0, -1);
  const current = words.at(-1) ?? '';
  const situation = await situationOf(before, streams, namesOf, isPrefixed && words[0] === 'virsh');
  const found = await candidates(current, situation);
  return found.filter(({ word }) => word.startsWith(current));
}

async function situationOf(
  before: readonly string[],
  streams: Streams,
  namesOf: (uri: string | undefined) => Names,
  isVirsh: boolean,
): Promise<Situation> {
  const program = buildProgram(streams, () => undefined);
  const { positional } = readLine(before, program.options);
  const entry = (isVirsh ? strictEntries : registry).find(({ path }) =>
    path.every((word, index) => positional[index] === word),
  );
  const leaf = entry && (await leafOf(entry, streams));
  const options = [...(leaf?.command.options ?? []), ...program.options, new Option('-h, --help', 'Show help')];
  const reading = readLine(before, options);
  const connect = options.find(({ long }) => long === '--connect');
  const names = namesOf(connect && reading.given.get(connect));
  return { reading, options, leaf, args: reading.positional.slice(entry?.path.length), names, isVirsh };
}

async function leafOf(entry: CommandEntry, streams: Streams): Promise<Situation['leaf']> {
  const { command: definition } = await entry.load();
  const commands: Command[] = [];
  buildProgram(
    streams,
    (command) => {
      commands.push(command);
    },
    [entry],
  );
  const [command] = commands;
  if (!command) return undefined;
  configure(command, definition);
  return { command, definition };
}

async function candidates(current: string, situation: Situation): Promise<readonly Candidate[]> {
  const { reading, options, leaf, isVirsh } = situation;
  if (reading.pending?.required) return optionValues(reading.pending, current, situation);
  if (!reading.ended && current.startsWith('-')) {
    const [, flag = '', value] = /^(--[\w-]+)=(.*)$/s.exec(current) ?? [];
    if (value === undefined) return options.filter((option) => isFree(option, situation)).map(optionCandidate);
    const option = options.find(({ long }) => long === flag);
    const values = option && takesValue(option) ? await optionValues(option, value, situation) : [];
    return values.map(({ word, description }) => ({ word: `${flag}=${word}`, description }));
  }
  if (!leaf) return isVirsh ? virshWords(reading.positional, current) : commandWords(reading.positional, current);
  const optional = reading.pending ? await optionValues(reading.pending, current, situation) : [];
  const found = optional.length > 0 ? optional : await argumentValues(current, leaf, situation);
  if (found.length > 0 || current !== '' || reading.ended) return found;
  // Only options can follow here. The global ones would bury the command's own.
  return leaf.command.options.filter((option) => isFree(option, situation)).map(optionCandidate);
}

/** The next word of each command; virsh's names where one is begun, or where nothing else matches. */
function commandWords(typed: readonly string[], current: string): readonly Candidate[] {
  const next = typed.length;
  const found = new Map<string, Candidate & { readonly isHidden: boolean }>();
  for (const { path, summary, isHidden = false } of registry) {
    const word = path[next];
    if (word === undefined || !typed.every((each, index) => path[index] === each)) continue;
    const description = path.length > next + 1 ? (groups[word] ?? word) : summary;
    if (!found.has(word)) found.set(word, { word, description, isHidden });
  }
  if (next === 0) found.set('help', { word: 'help', description: 'Show the help of a command', isHidden: false });
  const matching = [...found.values()].filter(({ word }) => word.startsWith(current));
  const visible = matching.filter(({ isHidden }) => !isHidden);
  const shown = current.includes('-') || visible.length === 0 ? matching : visible;
  return shown.map(({ word, description }) => ({ word, description }));
}

/** virsh's names: the commands that kvmnet has, with their summaries, and the commands that it hands to virsh. */
function virshWords(typed: readonly string[], current: string): readonly Candidate[] {
  if (typed.length > 0) return [];
  const ours = strictEntries.map(({ path: [word = ''], summary }) => ({ word, description: summary }));
  const others = [...otherNames, 'help', 'connect', 'quit'].map((word) => ({ word, description: undefined }));
  return [...ours, ...others].filter(({ word }) => word.startsWith(current));
}

/** Not on the line yet, or may be repeated; and its opposite is not given. */
function isFree(option: Option, { reading, leaf }: Situation): boolean {
  const alike = [...reading.given.keys()].filter((given) => given.attributeName() === option.attributeName());
  const isRepeatable = definitionOf(option, leaf)?.repeat === true;
  return alike.length === 0 || (isRepeatable && alike.every((given) => given === option));
}

function definitionOf(option: Option, leaf: Situation['leaf']) {
  return leaf?.definition.options?.find(({ flags }) => flags === option.flags);
}

function optionCandidate({ long, short, description }: Option): Candidate {
  return { word: long ?? short ?? '', description };
}

function optionValues(option: Option, prefix: string, situation: Situation): Promise<readonly Candidate[]> {
  const row = globalRows.find(({ flags }) => flags === option.flags);
  const completes = option.argChoices ?? row?.completes ?? definitionOf(option, situation.leaf)?.completes;
  if (completes === undefined) return Promise.resolve([]);
  // `<NIC[,NIC]>` is a list in one word.
  const isList = completes === 'column' || option.flags.includes('[,');
  return (isList ? listValues : values)(completes, prefix, situation);
}

async function listValues(completes: Completes, prefix: string, situation: Situation): Promise<readonly Candidate[]> {
  const head = prefix.slice(0, prefix.lastIndexOf(',') + 1);
  const found = await values(completes, prefix.slice(head.length), situation);
  const chosen = head.split(',');
  return found
    .filter(({ word }) => !chosen.includes(word))
    .map(({ word, description }) => ({ word: head + word, description }));
}

async function argumentValues(
  current: string,
  { command, definition }: NonNullable<Situation['leaf']>,
  situation: Situation,
): Promise<readonly Candidate[]> {
  const last = command.registeredArguments.length - 1;
  const place = command.registeredArguments[last]?.variadic
    ? Math.min(situation.args.length, last)
    : situation.args.length;
  const completes = definition.arguments?.[place]?.completes;
  if (completes === undefined) return [];
  const found = await values(completes, current, situation);
  return found.filter(({ word }) => !situation.args.slice(place).includes(word));
}

async function values(completes: Completes, prefix: string, situation: Situation): Promise<readonly Candidate[]> {
  const { names } = situation;
  switch (completes) {
    case 'network':
      return names.networks();
    case 'domain':
      return names.domains();
    case 'bridge':
      return names.bridges();
    case 'link':
      return names.links();
    case 'port':
      return names.ports();
    case 'trunk':
      return names.trunks();
    case 'change':
      return names.changes();
    case 'forward':
      return names.forwards();
    case 'snat':
      return names.sources();
    case 'end':
      return ends(prefix, names);
    case 'object':
      return every([names.networks(), names.domains(), names.links()]);
    case 'file':
      return names.files(prefix);
    case 'template':
      return /[/.~]/.test(prefix) ? names.files(prefix) : names.templates();
    case 'nic': {
      const domain = domainOn(situation);
      return domain === undefined ? [] : names.nics(domain);
    }
    case 'source':
      return sources(situation);
    case 'column':
      return (situation.leaf?.definition.columns ?? []).map(({ heading }) => ({ word: heading }));
    default:
      return completes.map((word) => ({ word }));
  }
}

/** The NICs of a VM once its name and a colon are typed; some kinds of names may be out of reach. */
async function ends(prefix: string, names: Names): Promise<readonly Candidate[]> {
  const domains = await names.domains().catch(() => []);
  const domain = domains.find(({ word }) => prefix.startsWith(`${word}:`));
  if (domain !== undefined) {
    const nics = await names.nics(domain.word);
    return nics.map(({ word, description }) => ({ word: `${domain.word}:${word}`, description }));
  }
  const places = [
    { word: 'host', description: 'this host' },
    { word: 'outside', description: 'beyond the cables of the host' },
  ];
  return [...domains, ...places, ...(await every([names.namespaces()]))];
}

/** The candidates of all queries that do not fail. */
async function every(queries: readonly Promise<readonly Candidate[]>[]): Promise<readonly Candidate[]> {
  const results = await Promise.allSettled(queries);
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

/** The domain that the line names, as an argument or by an option. */
function domainOn({ reading, leaf, args }: Situation): string | undefined {
  const place = leaf?.definition.arguments?.findIndex(({ completes }) => completes === 'domain') ?? -1;
  const option = [...reading.given].find(([given]) => definitionOf(given, leaf)?.completes === 'domain');
  return option?.[1] ?? (place < 0 ? undefined : args[place]);
}

/** Of the kind that --network, --bridge or --macvtap asks for. */
async function sources({ reading, names }: Situation): Promise<readonly Candidate[]> {
  const given = new Set([...reading.given.keys()].map(({ long }) => long));
  if (given.has('--macvtap')) return names.links();
  if (given.has('--bridge')) return names.bridges();
  if (given.has('--network')) return names.networks();
  const [networks, bridges] = await Promise.allSettled([names.networks(), names.bridges()]);
  return [networks, bridges].flatMap((found) => (found.status === 'fulfilled' ? found.value : []));
}
