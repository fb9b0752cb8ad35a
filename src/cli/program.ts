/** A command line -> the command it names, run, its result printed, and the exit status. */
import { Command, CommanderError, Option } from 'commander';
import { exitStatus, KvmnetError } from '../errors.ts';
import { commandLine } from './command-line.ts';
import { configure, type CommandDefinition, type CommandEntry, type Options } from './command.ts';
import { errorText } from './error-text.ts';
import { formats, type Format, type GlobalOptions } from './global-options.ts';
import { groups, registry } from './registry.ts';
import type { Session } from './session.ts';
import { write, type Streams } from './streams.ts';
import { version } from './version.ts';
import { virshDefinition, virshNames } from './virsh-registry.ts';
import type { RawGlobals as VirshGlobals } from './virsh/globals.ts';
import { behindVirsh, virshLine, type VirshCommandLine } from './virsh/line.ts';

interface RawGlobals {
  readonly connect?: string | undefined;
  readonly json?: boolean;
  readonly output?: Format | undefined;
  readonly columns?: string | undefined;
  readonly quiet?: boolean;
  readonly readonly?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly timeout?: string | undefined;
  readonly verbose?: boolean;
  readonly color: boolean;
}

/** What commander found: which command, with which words. */
interface Selection {
  readonly definition: CommandDefinition;
  readonly path: readonly string[];
  readonly args: readonly string[];
  readonly options: Options;
  /** The options that were typed, without defaults. */
  readonly typed: Options;
  readonly globals: RawGlobals;
}

/**
 * Runs one command line (without `node` and the script's name) and returns its exit status. Prints results on stdout, everything
 * else on stderr; nothing else in kvmnet prints an error.
 */
export async function runProgram(
  argv: readonly string[],
  streams: Streams,
  session: Session,
  defaults: readonly string[] = [],
): Promise<number> {
  let json = argv.includes('--json');
  try {
    const strict = behindVirsh([...defaults, ...argv]);
    if (strict) return await runBehindVirsh(strict, streams, session);
    const virsh = virshLine([...defaults, ...argv], virshNames);
    if (virsh) return await runVirshLine(virsh, streams, session);
    const selection = await parse(argv, defaults, streams);
    if (typeof selection === 'number') {
      await write(streams.stdout, '');
      return selection;
    }
    const globals = await globalOptions(selection.globals);
    json = globals.format === 'json';
    const [{ Context }, { render }] = await Promise.all([import('./context.ts'), import('./output.ts')]);
    const context = new Context(
      globals,
      streams,
      session,
      commandLine(selection.path, selection.args, selection.typed),
    );
    session.forgetWarnings();
    try {
      const result = await selection.definition.run(context, selection.args, selection.options);
      context.progress.stop();
      const text = await render(result, globals);
      if (text !== '') await context.print(text);
      return result.status ?? 0;
    } finally {
      context.progress.stop();
    }
  } catch (error) {
    await reportError(streams, error, json);
    return failureStatus(error, argv);
  }
}

/** Lines under virsh's names have virsh's grammar, output and exit status, and so a runner of their own. */
async function runVirshLine(line: VirshCommandLine, streams: Streams, session: Session): Promise<number> {
  const { runVirsh } = await import('./virsh/run.ts');
  return runVirsh(line, {
    streams,
    session,
    definitionOf: virshDefinition,
    globalOptions: (given) => globalOptions(virshGlobals(given)),
    errorText,
  });
}

/** virsh's own grammar, where kvmnet is in virsh's place. */
async function runBehindVirsh(line: VirshCommandLine, streams: Streams, session: Session): Promise<number> {
  const { runVirshProgram } = await import('./virsh/program.ts');
  return runVirshProgram(line, { streams, session, globalOptions: (given) => globalOptions(virshGlobals(given)) });
}

function virshGlobals(given: VirshGlobals): RawGlobals {
  const text = (name: string): string | undefined => (given[name] === true ? undefined : given[name]);
  const flag = (name: string): boolean => given[name] === true;
  const output = formats.find((format) => format === text('output'));
  if (text('output') !== undefined && !output) {
    throw new KvmnetError('USAGE', `-o ${String(text('output'))} is no format`, { hint: formats.join(', ') });
  }
  return {
    ...{ connect: text('connect'), output, columns: text('columns'), timeout: text('timeout') },
    ...{ json: flag('json'), quiet: flag('quiet'), readonly: flag('readonly'), dryRun: flag('dry-run') },
    ...{ yes: flag('yes'), verbose: flag('verbose'), color: !flag('no-color') },
  };
}

function failureStatus(error: unknown, argv: readonly string[]): number {
  const status = error instanceof KvmnetError ? exitStatus(error.code) : 1;
  return status === 2 && findEntry(argv)?.isVirsh ? 1 : status;
}

async function parse(
  argv: readonly string[],
  defaults: readonly string[],
  streams: Streams,
): Promise<Selection | number> {
  const line = helpAsOption(argv);
  const entry = findEntry(line);
  const definition = entry === undefined ? undefined : (await entry.load()).command;
  let selection: Selection | undefined;
  const program = buildProgram(
    streams,
    (leaf, leafEntry) => {
      if (leafEntry !== entry || !definition) return;
      configure(leaf, definition);
      leaf.action(() => {
        const options: Options = leaf.opts();
        const isTyped = ([name]: readonly [string, unknown]): boolean => leaf.getOptionValueSource(name) === 'cli';
        const typed = Object.fromEntries(Object.entries(options).filter(isTyped));
        selection = { definition, path: leafEntry.path, args: leaf.args, options, typed, globals: program.opts() };
      });
    },
    entry !== undefined && !line.some((word) => helpWords.includes(word)) ? [entry] : registry,
  );
  try {
    await program.parseAsync([...defaults, ...line], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw (entry === undefined ? await habitError(line) : undefined) ?? usageError(error, entry);
  }
  return selection ?? 2;
}

/** For a command of another tool, or of virsh, that was typed out of habit. */
async function habitError(line: readonly string[]): Promise<KvmnetError | undefined> {
  const { habitHint } = await import('./habits.ts');
  const words = commandWords(line);
  const hint = habitHint(words);
  return hint === undefined
    ? undefined
    : new KvmnetError(
        'USAGE',
        `kvmnet has no command '${words.slice(0, words[0] !== undefined && words[0] in groups ? 2 : 1).join(' ')}'`,
        { hint },
      );
}

const helpWords: readonly string[] = ['--help', '-h'];

/** `kvmnet help net create` is `kvmnet net create --help`. */
function helpAsOption(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
}

/**
 * The command tree with every name and summary, or with those of `entries`; only the command that runs gets its options, so only its code
 * is loaded.
 */
export function buildProgram(
  streams: Streams,
  onLeaf: (leaf: Command, entry: CommandEntry) => void,
  entries: readonly CommandEntry[] = registry,
): Command {
  const program = new Command('kvmnet');
  const output = {
    writeOut: (text: string) => void streams.stdout.write(text),
    writeErr: (text: string) => void streams.stderr.write(text),
    outputError: () => undefined, // errors are thrown, and printed in one place
  };
  program
    .description('Networks and NICs of KVM hosts through libvirt: create, plug, show and explain, safely.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput(output);
  globalFlags(program);
  const parents = new Map<string, Command>();
  for (const entry of entries) {
    const [first = '', second] = entry.path;
    const parent = second === undefined ? program : group(program, parents, first);
    const leaf = parent
      .command(second ?? first, { hidden: entry.isHidden ?? false })
      .summary(entry.summary)
      .description(entry.summary)
      .helpOption('-h, --help', 'show help');
    onLeaf(leaf.exitOverride().configureOutput(output), entry);
  }
  program.addHelpText('after', helpEpilogue);
  return program;
}

const helpEpilogue = `
Examples:
  kvmnet net create keennet --nat 192.168.132.0/24   make a NAT network, started now and at boot
  kvmnet vm attach VM1 keennet --wait-ip             plug a VM into it, and wait for its address
  kvmnet domiflist                                   every NIC of every VM

Exit status: 0 done, 1 failed (what was undone is said), 2 refused before touching anything, 3 findings.`;

function group(program: Command, known: Map<string, Command>, name: string): Command {
  const existing = known.get(name);
  if (existing) return existing;
  const made = program
    .command(name)
    .description(groups[name] ?? name)
    .helpCommand(false)
    .helpOption('-h, --help', 'show help');
  made.exitOverride().configureOutput({ outputError: () => undefined });
  known.set(name, made);
  return made;
}

function globalFlags(program: Command): void {
  program
    .option(
      '-c, --connect <URI>',
      'libvirt URI (default: KVMNET_URI, LIBVIRT_DEFAULT_URI, libvirt.conf, qemu:///system)',
    )
    .option('--json', 'print JSON: the same as -o json')
    .addOption(new Option('-o, --output <FORMAT>', 'how results are printed').choices(formats))
    .option('--columns <A,B>', 'which columns a table shows, in which order')
    .option('-q, --quiet', 'no progress and no warnings')
    .option('-r, --readonly', 'connect for looking only: libvirt refuses every change')
    .option('--dry-run', 'show what would be done, with the exact XML, and do nothing')
    .option('-y, --yes', 'accept what would disconnect a guest')
    .option('--timeout <SECONDS>', 'deadline of each libvirt call (default: 30 to read, 120 to change)')
    .option('-v, --verbose', 'print each libvirt call and each program run, with its time, on stderr')
    .option('--no-color', 'no colour (as NO_COLOR)');
}

const valued: readonly string[] = ['-c', '--connect', '-o', '--output', '--columns', '--timeout'];

/** The words of a command line that are neither options nor values of the global ones. */
function commandWords(argv: readonly string[]): string[] {
  const words: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (word === '--') break;
    if (valued.includes(word)) index += 1;
    else if (!word.startsWith('-')) words.push(word);
  }
  return words;
}

/** The command that a command line names, by its first words. */
export function findEntry(argv: readonly string[]): CommandEntry | undefined {
  const words = commandWords(argv);
  return registry.find(({ path }) => path.every((word, index) => words[index] === word));
}

async function globalOptions(raw: RawGlobals): Promise<GlobalOptions> {
  const { defaultUri } = await import('./default-uri.ts');
  return {
    uri: raw.connect ?? defaultUri(),
    format: raw.json ? 'json' : (raw.output ?? 'table'),
    columns: raw.columns?.split(','),
    quiet: raw.quiet ?? false,
    readOnly: raw.readonly ?? false,
    dryRun: raw.dryRun ?? false,
    yes: raw.yes ?? false,
    timeout: raw.timeout === undefined ? undefined : milliseconds(raw.timeout),
    verbose: raw.verbose ?? false,
    color: raw.color && (process.env.NO_COLOR ?? '') === '',
  };
}

function milliseconds(seconds: string): number {
  const number = Number(seconds);
  if (/^\d+(\.\d+)?$/.test(seconds) && number > 0 && number <= 86_400) return number * 1000;
  throw new KvmnetError('INPUT', `--timeout ${JSON.stringify(seconds)} is not a number of seconds`, {
    hint: 'for example --timeout 10; at most 86400',
  });
}

function usageError(error: CommanderError, entry: CommandEntry | undefined): KvmnetError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const help = `see kvmnet ${entry ? `${entry.path.join(' ')} ` : ''}--help`;
  const hint = suggestion === undefined ? help : `${suggestion.replace(/^\((.*)\)$/, '$1')}; ${help}`;
  // Commander prints the help itself where a group was named without a verb.
  return new KvmnetError('USAGE', message === '(outputHelp)' ? 'which command?' : message, { hint });
}

/** An error that nobody can be told of is left to the exit status. */
async function reportError({ stderr }: Streams, error: unknown, json: boolean): Promise<void> {
  await write(stderr, errorText(error, json)).catch(() => undefined);
}
