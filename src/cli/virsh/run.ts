/**
 * Runs command lines under virsh's names: virsh's output on stdout, to the byte, and its exit status, 0 or 1;
 * kvmnet's messages on stderr. Each command that ran, failed or not, ends with a blank line. Source: virsh
 * 9.0.
 */
import { interruptedStatus, KvmnetError } from '../../errors.ts';
import { commandLine } from '../command-line.ts';
import { Context } from '../context.ts';
import type { Surroundings } from '../surroundings.ts';
import type { GivenGlobals, GlobalOptions } from '../global-options.ts';
import { render } from '../output/output.ts';
import { write, writeLater } from '../output/streams.ts';
import { virshTable } from '../output/virsh-table.ts';
import { virshEntries } from './registry.ts';
import { columnsOf, type VirshCall, type VirshDefinition, type VirshOption } from './grammar/definition.ts';
import { VirshError } from './grammar/error.ts';
import type { RawGlobals } from './grammar/globals.ts';
import type { VirshCommandLine } from './grammar/line.ts';
import { splitVirshLine } from './grammar/split.ts';
import { parseVirsh, type VirshWords } from './grammar/parse.ts';

/** Values from the program. */
export interface VirshSurroundings extends Surroundings {
  readonly definitionOf: (name: string) => Promise<VirshDefinition>;
  readonly globalOptions: (given: GivenGlobals) => GlobalOptions;
  /** Behind the word `virsh`: what virsh does by mistake is done too. */
  readonly isStrict?: true;
  /** Text on stderr for an error of the command with these words; without them, for an error of the whole line. */
  readonly errorText: (
    error: unknown,
    json: boolean,
    command?: { readonly name: string; readonly words: VirshWords },
  ) => string;
}

/** A command that is read and can run. */
export interface Ready {
  readonly name: string;
  readonly definition: VirshDefinition;
  readonly words: VirshWords;
  readonly command: string;
}

/** Reads all commands of the line, and then runs one after the other; returns the status of the last. */
export async function runVirsh(line: VirshCommandLine, around: VirshSurroundings): Promise<number> {
  const ready: Ready[] = [];
  try {
    for (const words of commandsOf(line.words)) ready.push(await prepare(words, around));
    for (const { words } of ready) around.globalOptions({ ...line.globals, ...words.globals });
  } catch (error) {
    await report(error, line.globals['json'] === true, around);
    return 1;
  }
  let status = 0;
  around.session.hasFailedToOpen = false;
  for (const command of ready) {
    status = await runOne(command, line.globals, around);
    if (isUnreachable(command, line.globals, around)) break;
  }
  return status;
}

/** Splits words into commands as virsh does: a single argument is a line of text. */
export function commandsOf(words: readonly string[]): readonly (readonly string[])[] {
  const [first = '', ...others] = words;
  return others.length === 0 ? splitVirshLine(first) : [words];
}

/** virsh ends at once, and without its blank line, where a connection that was named by -c cannot be opened. */
export function isUnreachable({ words }: Ready, globals: RawGlobals, { session }: VirshSurroundings): boolean {
  return { ...globals, ...words.globals }['connect'] !== undefined && session.hasFailedToOpen;
}

/** The names that are commands without the word `virsh` too. */
const ownNames: ReadonlySet<string> = new Set(virshEntries.map(({ path }) => path.join(' ')));

/** Reads a command and its words. Throws USAGE. */
export async function prepare(
  [name = '', ...words]: readonly string[],
  around: VirshSurroundings,
  how: { readonly isStrict?: boolean } = {},
): Promise<Ready> {
  const definition = await around.definitionOf(name);
  const parsed = parseVirsh(name, definition.options, words, how);
  // A command line that the user can run again: `kvmnet start` is not a command.
  const path = ownNames.has(name) ? [name] : ['virsh', name];
  return { name, definition, words: parsed, command: commandLine(path, words, {}) };
}

/** Prints an error that ends a line before its first command. */
export async function report(error: unknown, json: boolean, { streams, errorText }: VirshSurroundings): Promise<void> {
  await write(streams.stderr, errorText(error, json)).catch(() => undefined);
}

/** Runs a command, with what virsh prints around it, and returns its status. */
export async function runOne(ready: Ready, outer: RawGlobals, around: VirshSurroundings): Promise<number> {
  const { definition, words, command } = ready;
  const { streams, session } = around;
  const raw = { ...outer, ...words.globals };
  const globals = around.globalOptions(raw);
  const context = new Context(globals, around, command);
  const asText = globals.format === 'table' && globals.columns === undefined;
  const output = { asText, stdout: streams.stdout, rows: undefined as VirshRows | undefined };
  const start = performance.now();
  session.forgetWarnings();
  let status = 0;
  try {
    const value = await definition.run(makeCall(context, definition.options, words, output, raw));
    context.progress.stop();
    await context.print(asText ? '' : await render(resultOf(value, output.rows), globals));
  } catch (error) {
    context.progress.stop();
    const missed = around.isStrict && definition.missesWithStatus0 ? missedLine(error) : undefined;
    const text = around.errorText(missed ?? error, globals.format === 'json', ready);
    await write(streams.stderr, text).catch(() => undefined); // it is left to the exit status
    const isInterrupted = error instanceof KvmnetError && error.code === 'INTERRUPTED';
    status = isInterrupted ? interruptedStatus : missed ? 0 : 1;
  }
  const time = `\n(Time: ${(performance.now() - start).toFixed(3)} ms)\n\n`;
  if (isUnreachable(ready, outer, around) || definition.isEnd) return status;
  const end = raw['timing'] === true ? time : globals.quiet ? '' : '\n';
  await write(streams.stdout, asText ? end : '').catch(() => undefined); // it was reported above
  return status;
}

/** The error of a look that finds nothing, without libvirt's sentence; undefined for any other. */
function missedLine(error: unknown): VirshError | undefined {
  if (!(error instanceof VirshError) || !error.line.startsWith('failed to get ')) return undefined;
  const { code, message, line, hint } = error;
  return new VirshError(code, message, line, hint === undefined ? {} : { hint });
}

interface VirshRows {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function resultOf(value: unknown, table: VirshRows | undefined) {
  return { value, ...(table ? { table: { rows: table.rows, columns: columnsOf(table.headings) } } : {}) };
}

interface Output {
  readonly asText: boolean;
  readonly stdout: NodeJS.WritableStream;
  rows: VirshRows | undefined;
}

function makeCall(
  context: Context,
  options: readonly VirshOption[],
  { values }: VirshWords,
  output: Output,
  { escape }: RawGlobals,
): VirshCall {
  const { quiet } = context.options;
  const known = (name: string): VirshOption => {
    const option = options.find((candidate) => candidate.name === name);
    if (!option) throw new Error(`this command declares no option ${name}`);
    return option;
  };
  const text = (name: string): string | undefined => {
    const { empty } = known(name);
    const value = values.get(name)?.[0];
    if (value === '' && empty !== true) {
      const line = `Failed to get option '${name}': Option argument is empty`;
      throw new VirshError('USAGE', `--${name} is empty`, line, { hint: 'give it a value, or leave it out' });
    }
    return value;
  };
  const print = (printed: string): void => {
    context.progress.stop();
    if (output.asText) writeLater(output.stdout, printed);
  };
  return {
    context,
    quiet,
    escape: typeof escape === 'string' ? escape : undefined,
    given: (name) => values.has(known(name).name),
    text,
    required: (name) => text(name) ?? '',
    number: (name, least = -0x80000000, most = 0x7fffffff) =>
      wholeNumber(known(name).name, values.get(name)?.[0], least, most),
    rest: (name) => values.get(known(name).name) ?? [],
    exclusive: (left, right) => {
      if (!values.has(known(left).name) || !values.has(known(right).name)) return;
      const line = `Options --${left} and --${right} are mutually exclusive`;
      throw new VirshError('USAGE', `--${left} and --${right} do not go together`, line, { hint: 'use one of them' });
    },
    print,
    extra: (message) => {
      if (!quiet) print(message);
    },
    table: async (headings, rows) => {
      output.rows = { headings, rows };
      print(await virshTable(quiet ? undefined : headings, rows));
    },
    connection: (access) => context.connection(access),
  };
}

/** As C's strtol with base 10 takes it: blanks and a sign before the digits, nothing behind them. */
function wholeNumber(name: string, value: string | undefined, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\s*[+-]?\d+$/.test(value) ? Number(value) : NaN;
  if (number >= least && number <= most) return number;
  const line = `Numeric value '${value}' for <${name}> option is malformed or out of range`;
  throw new VirshError('USAGE', `--${name} ${JSON.stringify(value)} is not a number that is possible here`, line, {
    hint: `a whole number from ${String(least)} to ${String(most)}`,
  });
}
