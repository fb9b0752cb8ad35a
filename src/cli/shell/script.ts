/** A shell whose lines come from a file or a pipe. */
import { interruptedStatus, KvmnetError } from '../../errors.ts';
import type { Context } from '../context.ts';
import { printable } from '../../values/printable.ts';
import type { Streams } from '../output/streams.ts';
import { splitLine } from '../terminal/shell-words.ts';
import { runLine } from './run.ts';
import { ShellSession } from './session.ts';
import { endAtOnce } from '../terminal/end.ts';
import { interruptText, takeSignals } from './signals.ts';
import { watched } from './streams.ts';

export interface ScriptOptions {
  /** Stop at the first command whose status is not 0. */
  readonly errexit: boolean;
  /** Print each line on stderr before it is run. */
  readonly echo: boolean;
}

/** A line of a script; one that ends in a backslash continues on the next. */
export interface ScriptLine {
  /** Of the first, from 1. */
  readonly number: number;
  /** The words, without the backslashes and line ends between. */
  readonly text: string;
  /** As written in the script. */
  readonly source: string;
}

/** Runs a script, each line as soon as it arrives, and returns 0, or the status of the last command that failed. */
export async function runScript(
  context: Context,
  input: AsyncIterable<string>,
  options: ScriptOptions,
): Promise<number> {
  const session = new ShellSession();
  session.isScript = true;
  const { stdin, stdout, stderr } = context.streams;
  let place: string | undefined;
  const sayPlace = (): void => {
    if (place !== undefined) stderr.write(place);
    place = undefined;
  };
  const streams: Streams = { stdin, stdout, stderr: watched(stderr, sayPlace) };
  const giveBack = takeSignals((signal) => {
    const effect = session.interrupt(signal);
    if (effect === 'stops') stderr.write(interruptText(session));
    else if (effect === 'ends') void endAtOnce(interruptedStatus);
  });
  let status = 0;
  try {
    for await (const line of scriptLines(input)) {
      if (options.echo) stderr.write(echoOf(line));
      // Errors and warnings are preceded by their line, for people, not for programs.
      else if (context.options.format !== 'json') place = `line ${line.number}: ${printable(line.text.trim())}\n`;
      const where = place === undefined ? `line ${line.number}` : undefined;
      const outcome = await runLine(
        line.text,
        { session, streams, program: context.program, options: context.options },
        where,
      );
      if (outcome === 'exit') break;
      if (outcome !== undefined && outcome !== 0) status = outcome;
      if (status === interruptedStatus || (options.errexit && status !== 0)) break;
    }
  } finally {
    giveBack();
    await session.close();
    if (session.hung) await endAtOnce(status);
  }
  return status;
}

/** As a user would have typed it; comments stay, as explanations. */
function echoOf({ text, source }: ScriptLine): string {
  const lines = source.split('\n').map((line) => printable(line.replaceAll('\t', '  ')));
  const isCommand = splitLine(text).words.length > 0;
  return `${isCommand ? '$ kvmnet ' : ''}${lines.join('\n').replace(/^\s*kvmnet\s+/, '')}\n`;
}

/** Text in pieces of any size -> lines; line ends of Windows are line ends. */
export async function* scriptLines(input: AsyncIterable<string>): AsyncGenerator<ScriptLine> {
  let number = 0;
  let begun: ScriptLine | undefined;
  for await (const physical of physicalLines(input)) {
    number += 1;
    const line: ScriptLine = begun
      ? { number: begun.number, text: begun.text.slice(0, -1) + physical, source: `${begun.source}\n${physical}` }
      : { number, text: physical, source: physical };
    begun = splitLine(line.text).open === '\\' ? line : undefined;
    if (!begun) yield line;
  }
  if (begun) yield begun;
}

/** Text in pieces -> lines, as they stand there. */
export async function* physicalLines(input: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of input) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map(withoutReturn);
  }
  if (rest !== '') yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** A stream's text, as it comes. Throws INPUT for what is not UTF-8. */
export async function* textOf(stream: Iterable<string> | AsyncIterable<string | Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of stream) yield typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true });
    yield decoder.decode();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw cause;
    throw new KvmnetError('INPUT', 'the script is not UTF-8 text', { hint: 'save it as UTF-8', cause });
  }
}
