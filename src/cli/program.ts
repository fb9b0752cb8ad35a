/** A command line -> the command it names, run, its result printed, and the exit status. */
import { CommanderError } from 'commander';
import { exitStatus, KvmnetError } from '../errors.ts';
import { colorIn, paintFor, type ColorMode } from './output/color.ts';
import { commandLine, wordsAfterDashes, wordsBeforeDashes } from './command-line.ts';
import {
  asksForVersion,
  commandWords,
  findEntry,
  namesGroup,
  ownLine,
  withoutScreenOptions,
} from './usage/command-words.ts';
import { configure, type CommandDefinition, type Options } from './command.ts';
import { errorText } from './output/error-text.ts';
import { givenIn, globalOptions, type GivenGlobals, type GlobalOptions } from './global-options.ts';
import { registry } from './registry.ts';
import type { Program, Surroundings } from './surroundings.ts';
import { buildProgram } from './tree.ts';
import { printPaged } from './output/pager.ts';
import type { Session } from './session.ts';
import { write, type Streams } from './output/streams.ts';
import { refuseDashes, unknownCommand, usageError } from './usage/error.ts';
import { virshDefinition, virshNames } from './virsh/registry.ts';
import { behindVirsh, virshLine, type VirshCommandLine } from './virsh/grammar/line.ts';

/** The command and the words that commander found. */
interface Selection {
  readonly definition: CommandDefinition;
  readonly path: readonly string[];
  readonly args: readonly string[];
  /** The words after `--`, where the command has a use for them. */
  readonly rest: readonly string[];
  readonly options: Options;
  /** The options that were typed, without defaults. */
  readonly typed: Options;
  readonly globals: GivenGlobals;
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
  const around: Surroundings = { streams, session, program: itself };
  let json = argv.includes('--json');
  const color = colorIn([...defaults, ...argv]);
  try {
    const strict = behindVirsh([...defaults, ...argv]);
    if (strict) return await runBehindVirsh(strict, around);
    const virsh = virshLine(withoutScreenOptions([...defaults, ...argv]), virshNames);
    if (virsh) return await runVirshLine(virsh, around);
    const selection = await parse(argv, defaults, streams);
    if (typeof selection === 'number') return selection;
    if (typeof selection === 'string') {
      await printPaged(selection, streams, session, !argv.includes('--no-pager'));
      return 0;
    }
    const globals = globalOptions(selection.globals);
    json = globals.format === 'json';
    const [{ Context }, { render }] = await Promise.all([import('./context.ts'), import('./output/output.ts')]);
    const context = new Context(globals, around, commandLine(selection.path, selection.args, selection.typed));
    session.forgetWarnings();
    try {
      const result = await selection.definition.run(context, selection.args, selection.options, selection.rest);
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

/** For commands that run others: they are part of what the registry loads, and so cannot import it. */
const itself: Program = {
  run: runProgram,
  pathOf: (words) => findEntry(words)?.path,
  complete: async (...asked) => (await import('./complete/complete.ts')).complete(...asked),
};

/** Lines under virsh's names have virsh's grammar, output and exit status, and so a runner of their own. */
async function runVirshLine(line: VirshCommandLine, around: Surroundings): Promise<number> {
  const { runVirsh } = await import('./virsh/run.ts');
  return runVirsh(line, {
    ...around,
    definitionOf: virshDefinition,
    globalOptions: virshOptions,
    errorText: (error, json) => errorText(error, json),
  });
}

/** virsh's own grammar, where kvmnet is in virsh's place. */
async function runBehindVirsh(line: VirshCommandLine, around: Surroundings): Promise<number> {
  const { runVirshProgram } = await import('./virsh/program.ts');
  return runVirshProgram(line, { ...around, globalOptions: virshOptions });
}

/** virsh's own output goes to no pager. */
function virshOptions(given: GivenGlobals): GlobalOptions {
  return { ...globalOptions(given), pager: false };
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
  const hasRest = definition?.rest !== undefined;
  let selection: Selection | undefined;
  let help = '';
  const stdout = {
    write: (text: string) => (help += text),
    get columns() {
      return streams.stdout.columns;
    },
  };
  const program = buildProgram(
    { stdout, stderr: streams.stderr },
    (leaf, leafEntry) => {
      if (leafEntry !== entry || !definition) return;
      configure(leaf, definition);
      leaf.action(() => {
        const options: Options = leaf.opts();
        const isTyped = ([name]: readonly [string, unknown]): boolean => leaf.getOptionValueSource(name) === 'cli';
        const typed = Object.fromEntries(Object.entries(options).filter(isTyped));
        selection = {
          definition,
          path: leafEntry.path,
          args: leaf.args,
          rest: hasRest ? wordsAfterDashes(line) : [],
          options,
          typed,
          globals: givenIn(program.opts()),
        };
      });
    },
    entry !== undefined && !line.some((word) => helpWords.includes(word)) ? [entry] : registry,
  );
  try {
    await program.parseAsync([...defaults, ...(hasRest ? wordsBeforeDashes(line) : line)], { from: 'user' });
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

/** An error that cannot be printed is only visible in the exit status. */
async function reportError(
  { stderr }: Streams,
  error: unknown,
  json: boolean,
  color: ColorMode = 'never',
): Promise<void> {
  await write(stderr, errorText(error, json, paintFor(color, stderr))).catch(() => undefined);
}
