/** A command line -> the command it names, run, its result printed, and the exit status. */
import { Command, CommanderError } from 'commander';
import { exitStatus, KvmnetError } from '../errors.ts';
import { colorIn, paintFor, type ColorMode } from './output/color.ts';
import { commandLine } from './command-line.ts';
import {
  asksForVersion,
  commandWords,
  findEntry,
  namesGroup,
  ownLine,
  withoutScreenOptions,
} from './usage/command-words.ts';
import { configure, type CommandDefinition, type CommandEntry, type Options } from './command.ts';
import { errorText } from './output/error-text.ts';
import { formats, globalFlags, globalOptions, type RawGlobals } from './global-options.ts';
import { groups, registry } from './registry.ts';
import { printPaged } from './output/pager.ts';
import type { Session } from './session.ts';
import { write, type Streams } from './output/streams.ts';
import { refuseDashes, unknownCommand, usageError } from './usage/error.ts';
import { virshDefinition, virshNames } from './virsh/registry.ts';
import type { RawGlobals as VirshGlobals } from './virsh/globals.ts';
import { behindVirsh, virshLine, type VirshCommandLine } from './virsh/line.ts';

/** The command and the words that commander found. */
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
  const color = colorIn([...defaults, ...argv]);
  try {
    const strict = behindVirsh([...defaults, ...argv]);
    if (strict) return await runBehindVirsh(strict, streams, session);
    const virsh = virshLine(withoutScreenOptions([...defaults, ...argv]), virshNames);
    if (virsh) return await runVirshLine(virsh, streams, session);
    const selection = await parse(argv, defaults, streams);
    if (typeof selection === 'number') return selection;
    if (typeof selection === 'string') {
      await printPaged(selection, streams, session, !argv.includes('--no-pager'));
      return 0;
    }
    const globals = await globalOptions(selection.globals);
    json = globals.format === 'json';
    const [{ Context }, { render }] = await Promise.all([import('./context.ts'), import('./output/output.ts')]);
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
      const { stdout } = streams;
      const width = stdout.isTTY === true && (stdout.columns ?? 0) > 0 ? stdout.columns : undefined;
      const text = await render(result, { ...globals, paint: paintFor(globals.color, stdout), width });
      if (text !== '') await context.print(text);
      return result.status ?? 0;
    } finally {
      context.progress.stop();
    }
  } catch (error) {
    await reportError(streams, error, json, color);
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
    errorText: (error, json) => errorText(error, json),
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
    throw new KvmnetError('USAGE', `-o ${String(text('output'))}: unknown format`, { hint: formats.join(', ') });
  }
  return {
    ...{ connect: text('connect'), output, columns: text('columns'), timeout: text('timeout') },
    ...{ json: flag('json'), quiet: flag('quiet'), readonly: flag('readonly'), dryRun: flag('dry-run') },
    ...{ yes: flag('yes'), verbose: flag('verbose'), color: flag('no-color') ? 'never' : 'auto', pager: false },
  };
}

function failureStatus(error: unknown, argv: readonly string[]): number {
  const status = error instanceof KvmnetError ? exitStatus(error.code) : 1;
  return status === 2 && findEntry(argv)?.isVirsh ? 1 : status;
}

/** A command, a text to print (help, versions), or the exit status of a line without a command. */
async function parse(
  argv: readonly string[],
  defaults: readonly string[],
  streams: Streams,
): Promise<Selection | string | number> {
  refuseDashes(argv);
  const line = ownLine(argv);
  if (asksForVersion(line)) {
    const { versionText } = await import('./version.ts');
    return versionText();
  }
  const words = commandWords(line);
  const entry = findEntry(line);
  if (!entry && !namesGroup(words)) throw await unknownCommand(words);
  const definition = entry === undefined ? undefined : (await entry.load()).command;
  let selection: Selection | undefined;
  let help = '';
  const stdout = { write: (text: string) => (help += text) };
  const program = buildProgram(
    { stdout, stderr: streams.stderr },
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
    if (error.exitCode === 0) return help;
    if (error.code !== 'commander.help') throw usageError(error, entry);
    // Commander has printed the help where no command is named.
    return 2;
  }
  return selection ?? 2;
}

const helpWords: readonly string[] = ['--help', '-h'];

/**
 * The command tree with every name and summary, or with those of `entries`; only the command that runs gets its options, so only its code
 * is loaded.
 */
export function buildProgram(
  streams: Readonly<Record<'stdout' | 'stderr', { write(text: string): unknown }>>,
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
    .description('Manage networks and NICs of KVM hosts through libvirt, safely')
    .option('-V, --version', 'Print the versions of kvmnet, libvirt, Node.js and koffi')
    .helpOption('-h, --help', 'Show help')
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
      .helpOption('-h, --help', 'Show help');
    onLeaf(leaf.exitOverride().configureOutput(output), entry);
  }
  program.addHelpText('after', helpEpilogue);
  return program;
}

const helpEpilogue = `
Examples:
  kvmnet net create keennet --nat 192.168.132.0/24   Create a NAT network, started now and at boot
  kvmnet vm attach VM1 keennet --wait-ip             Attach a VM to it and wait for its address
  kvmnet domiflist                                   List every NIC of every VM

Exit status: 0 success, 1 failure (the message lists what was undone), 2 refused before any change, 3 findings.`;

function group(program: Command, known: Map<string, Command>, name: string): Command {
  const existing = known.get(name);
  if (existing) return existing;
  const made = program
    .command(name)
    .description(groups[name] ?? name)
    .helpCommand(false)
    .helpOption('-h, --help', 'Show help');
  made.exitOverride().configureOutput({ outputError: () => undefined });
  known.set(name, made);
  return made;
}

/** An error that cannot be printed is only visible in the exit status. */
async function reportError(
  { stderr }: Streams,
  error: unknown,
  json: boolean,
  color: ColorMode = 'never',
): Promise<void> {
  await write(stderr, errorText(error, json, paintFor(color, stderr))).catch(() => undefined);
}
