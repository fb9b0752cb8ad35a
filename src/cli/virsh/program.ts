/**
 * virsh's own grammar, for `kvmnet virsh …` and for kvmnet under the name `virsh`: virsh's global options, its default connection,
 * commands in one argument, on standard input or typed at a prompt. What kvmnet does not have is handed to the real virsh.
 */
import { wordsBeforeDashes } from '../command-line.ts';
import { errorText } from '../output/error-text.ts';
import type { Program, Surroundings } from '../surroundings.ts';
import type { GivenGlobals, GlobalOptions } from '../global-options.ts';
import { virshDefaultUri } from '../../observe/default-uri.ts';
import type { Session } from '../session.ts';
import { write, type Streams } from '../output/streams.ts';
import { helpGroups, strictDefinition, strictNames } from './strict-registry.ts';
import { suggestion } from '../../values/nearest.ts';
import { builtins, type VirshState } from './builtins.ts';
import type { VirshDefinition } from './grammar/definition.ts';
import { VirshError, virshErrorText } from './grammar/error.ts';
import { failureOf, refusalOf, uriRefusal } from './failures.ts';
import type { RawGlobals } from './grammar/globals.ts';
import { realVirsh, runRealVirsh, withoutVirsh } from './hand-over.ts';
import { usage } from './help.ts';
import type { VirshCommandLine } from './grammar/line.ts';
import { libvirtVersion } from './libvirt-version.ts';
import { otherNames } from './other-names.ts';
import { UnknownOption } from './grammar/parse.ts';
import type { PromptHost } from './prompt.ts';
import { commandsOf, isUnreachable, prepare, report, runOne, type Ready, type VirshSurroundings } from './run.ts';
import { readStrictGlobals, type StrictGlobals } from './grammar/strict-globals.ts';

interface Hands extends Surroundings {
  readonly globalOptions: (given: GivenGlobals) => GlobalOptions;
}

/** Runs a command line behind the word `virsh`, and returns virsh's exit status. */
export async function runVirshProgram({ globals: outer, words }: VirshCommandLine, hands: Hands): Promise<number> {
  let read: StrictGlobals;
  try {
    read = readStrictGlobals(words);
  } catch (error) {
    await write(hands.streams.stderr, virshErrorText(error)).catch(() => undefined);
    return 1;
  }
  const virsh = new Virsh(outer, read, hands);
  if (read.asks !== undefined || wantsLog(read.globals)) {
    const status = await virsh.handWhole(read.words);
    if (status !== undefined) return status;
  }
  if (read.asks !== undefined) return virsh.answer(read.asks);
  if (read.words.length > 0) return virsh.run(read.words, true);
  const { runVirshPrompt } = await import('./prompt.ts');
  return runVirshPrompt(virsh);
}

/** The real virsh alone logs its own steps. */
function wantsLog({ debug, log }: RawGlobals): boolean {
  return log !== undefined || (debug !== undefined && Number(debug) !== 4);
}

/** A command for the real virsh. */
interface Foreign {
  readonly handed: readonly string[];
}

class Virsh implements PromptHost {
  readonly streams: Streams;
  readonly session: Session;
  readonly program: Program;
  readonly quiet: boolean;
  readonly state: VirshState;
  readonly #outer: RawGlobals;
  readonly #read: StrictGlobals;
  readonly #around: VirshSurroundings;
  readonly #real = realVirsh();
  readonly #builtins: ReadonlyMap<string, VirshDefinition>;

  constructor(outer: RawGlobals, read: StrictGlobals, { streams, session, program, globalOptions }: Hands) {
    this.streams = streams;
    this.session = session;
    this.program = program;
    this.#outer = outer;
    this.#read = read;
    const { connect, readonly, quiet } = { ...outer, ...read.globals };
    this.quiet = quiet === true;
    const named = typeof connect === 'string' ? connect : process.env.VIRSH_DEFAULT_CONNECT_URI;
    const isInteractive = read.words.length === 0;
    this.state = { uri: named, readOnly: readonly === true, isInteractive, hasEnded: false };
    const definitionOf = async (name: string): Promise<VirshDefinition | undefined> =>
      this.#builtins.get(name) ?? (await strictDefinition(name));
    this.#builtins = builtins(this.state, { groups: helpGroups, definitionOf });
    this.#around = {
      isStrict: true,
      streams,
      session,
      program,
      definitionOf: async (name) => (await definitionOf(name)) ?? this.#refuse(name),
      globalOptions: (raw) => globalOptions({ connect: virshDefaultUri(), ...raw }),
      errorText: (error, json, command) => {
        if (json) return errorText(error, true);
        if (session.hasFailedToOpen)
          return virshErrorText(error, 'failed to connect to the hypervisor', () => uriRefusal(this.state.uri));
        if (command === undefined) return virshErrorText(error);
        const { name, words } = command;
        return virshErrorText(error, failureOf(name, words.values), (code) => refusalOf(code, name));
      },
    };
  }

  /** Hands these words with all options to the real virsh; undefined where it is not installed. */
  async handWhole(words: readonly string[]): Promise<number | undefined> {
    if (this.#real === undefined) return undefined;
    return runRealVirsh(this.#real, [...this.#optionWords(), ...words], this.streams, true);
  }

  /** Prints the answer of --help and --version. */
  async answer(asks: NonNullable<StrictGlobals['asks']>): Promise<number> {
    if (asks === 'help') {
      await write(this.streams.stdout, usage(helpGroups));
      return 0;
    }
    const options = this.#around.globalOptions({ connect: 'test:///default' });
    const connection = await this.session.connection(options, 'read', () => undefined);
    const version = libvirtVersion(await connection.call('getClientVersion'));
    const long = `Virsh command line tool of libvirt ${version}\nSee web site at https://libvirt.org/\n`;
    await write(this.streams.stdout, asks === 'version' ? `${version}\n` : long);
    return 0;
  }

  /** Connects to a URI that was named, as virsh does before it looks at the first command. */
  async open(): Promise<boolean> {
    if (this.state.uri === undefined) return true;
    try {
      const options = this.#around.globalOptions(this.#globals());
      await this.session.connection(options, 'read', () => undefined);
      return true;
    } catch (error) {
      await report(error, this.#globals()['json'] === true, this.#around);
      return false;
    }
  }

  /**
   * Runs commands, all of them read before the first, and returns the status of the last.
   * @param words a command with its words, or a line of text
   * @param ownsInput false where standard input is the script
   */
  async run(words: readonly string[], ownsInput: boolean): Promise<number> {
    let ready: readonly (Ready | Foreign)[];
    this.session.hasFailedToOpen = false;
    try {
      ready = await this.#readAll(words);
      const isForNothing = ready.every((each) => !('handed' in each) && this.#builtins.has(each.name));
      if (isForNothing && !this.state.isInteractive && !(await this.open())) return 1;
      for (const each of ready) {
        if (!('handed' in each)) this.#around.globalOptions({ ...this.#globals(), ...each.words.globals });
      }
    } catch (error) {
      await report(error, this.#globals()['json'] === true, this.#around);
      return 1;
    }
    let status = words.length === 1 && words[0] === '' ? 1 : 0;
    for (const each of ready) {
      status = await this.#runOne(each, ownsInput);
      if (this.state.hasEnded) break;
      if (!('handed' in each) && isUnreachable(each, this.#globals(), this.#around)) break;
    }
    return status;
  }

  async #runOne(command: Ready | Foreign, ownsInput: boolean): Promise<number> {
    if (!('handed' in command)) return runOne(command, this.#globals(), this.#around);
    // virsh was installed when the command was read.
    return runRealVirsh(this.#real ?? 'virsh', [...this.#optionWords(), ...command.handed], this.streams, ownsInput);
  }

  async #readAll(words: readonly string[]): Promise<readonly (Ready | Foreign)[]> {
    const commands = commandsOf(words);
    const isStrange = commands.some(([name = '']) => !this.#knows(name));
    // A newer virsh may know it; an older one reports that it does not.
    if (isStrange && this.#real !== undefined) return [{ handed: words }];
    const ready: (Ready | Foreign)[] = [];
    for (const command of commands) {
      const read = await this.#readOne(command);
      if (read === 'unknown option') return [{ handed: words }];
      ready.push(read);
    }
    return ready;
  }

  #knows(name: string): boolean {
    return strictNames.has(name) || this.#builtins.has(name) || otherNames.has(name);
  }

  async #readOne(command: readonly string[]): Promise<Ready | Foreign | 'unknown option'> {
    const [name = '', ...words] = command;
    const isReal = this.#real !== undefined;
    const isOurs = strictNames.has(name) || this.#builtins.has(name);
    if (isReal && (!isOurs || name === 'help' || asksForHelp(words))) return { handed: command };
    if (asksForHelp(words)) return prepare(['help', name], this.#around, { isStrict: true });
    try {
      return await prepare(command, this.#around, { isStrict: true });
    } catch (error) {
      if (!(error instanceof UnknownOption) || !isReal) throw error;
      const { isPartial } = await this.#around.definitionOf(name);
      if (isPartial === true) return 'unknown option';
      throw error;
    }
  }

  #refuse(name: string): never {
    if (otherNames.has(name)) throw withoutVirsh(name);
    const line = `unknown command: '${name}'`;
    const known = [...strictNames, ...this.#builtins.keys()];
    throw new VirshError('USAGE', line, line, {
      hint: suggestion(name, known, 'kvmnet virsh help lists the commands'),
    });
  }

  #globals(): RawGlobals {
    const { uri, readOnly } = this.state;
    const { connect: _before, readonly: _readonly, ...others } = { ...this.#outer, ...this.#read.globals };
    return { ...others, ...(uri === undefined ? {} : { connect: uri }), ...(readOnly ? { readonly: true } : {}) };
  }

  /** The options for the real virsh: what was typed, and then what `connect` or kvmnet's own options have changed. */
  #optionWords(): readonly string[] {
    const { uri, readOnly } = this.state;
    const { globals, typed } = this.#read;
    const isFromEnvironment = uri === process.env.VIRSH_DEFAULT_CONNECT_URI;
    const isTyped = uri === globals['connect'] || (globals['connect'] === undefined && isFromEnvironment);
    return [
      ...typed,
      ...(this.#outer['quiet'] === true ? ['-q'] : []),
      ...(readOnly && globals['readonly'] !== true ? ['-r'] : []),
      ...(uri === undefined || isTyped ? [] : ['-c', uri]),
    ];
  }
}

function asksForHelp(words: readonly string[]): boolean {
  return wordsBeforeDashes(words).includes('--help');
}
