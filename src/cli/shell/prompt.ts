/** A shell at a terminal: a prompt with history and completion. */
import { join } from 'node:path';
import { interruptedStatus } from '../../errors.ts';
import { stateDirectory } from '../../host/state-directory.ts';
import type { Candidate } from '../complete/candidate.ts';
import { namesThrough } from '../complete/names.ts';
import type { Context } from '../context.ts';
import { defaultUri } from '../../observe/default-uri.ts';
import { printable } from '../../values/printable.ts';
import type { Streams } from '../output/streams.ts';
import { version } from '../version.ts';
import { escapeWord, splitLine } from '../terminal/shell-words.ts';
import { openHistory } from './history.ts';
import { lineEditor, type LineEditor } from './line-editor.ts';
import { commandOf, runLine, type Shell } from './run.ts';
import { ShellSession } from './session.ts';
import { endAtOnce } from '../terminal/end.ts';
import { interruptText, takeSignals } from './signals.ts';

const greeting = `kvmnet ${version}: help lists the commands, Tab completes, Ctrl-D leaves\n`;
/** For candidates, in milliseconds. */
const patience = 1_500;
/** For a command to end after Ctrl-C; then it is left to itself. */
const graceMs = 1_000;

/** Asks for lines and runs them, until the user leaves. Returns the exit status: 0, or 130 when a signal ended it. */
export async function runPrompt(context: Context): Promise<number> {
  const { options, streams, program } = context;
  const output: Streams['stderr'] = streams.stderr.isTTY === true ? streams.stderr : streams.stdout;
  const history = openHistory(join(stateDirectory(), 'history'));
  let shell = { streams, options, program, session: new ShellSession() };
  const left: ShellSession[] = [];
  const ending = { bySignal: false };
  let leave: (() => void) | undefined;
  const complete = (text: string): Promise<[string[], string]> => completeLine(text, shell);
  const editor = lineEditor({ input: streams.stdin, output, history: history.lines, complete });
  const giveBack = takeSignals((signal) => {
    ending.bySignal ||= signal !== 'SIGINT';
    const effect = shell.session.interrupt(signal);
    if (effect === 'known') return;
    if (effect === 'stops') {
      output.write(interruptText(shell.session));
    } else if (shell.session.change === 'begun') {
      output.write('\ninterrupted again, and stopped at once\n');
      void endAtOnce(interruptedStatus);
    } else {
      leave?.();
      if (ending.bySignal) editor.close();
    }
  });
  if (!options.quiet) output.write(greeting);
  const prompt = `kvmnet${options.uri === defaultUri() ? '' : ` ${printable(options.uri)}`}> `;
  while (!ending.bySignal) {
    const text = await readWhole(editor, prompt);
    if (text === undefined) break;
    history.add(text);
    const running = runLine(text, shell);
    const isLeft = new Promise<'left'>((resolve) => {
      leave = (): void => {
        leave = undefined;
        output.write('\n');
        left.push(shell.session);
        shell.session.abandon();
        setTimeout(resolve, graceMs, 'left');
      };
    });
    if ((await Promise.race([running, isLeft])) === 'exit') break;
    leave = undefined;
    if (left.includes(shell.session)) shell = { ...shell, session: new ShellSession() };
  }
  giveBack();
  const status = ending.bySignal ? interruptedStatus : 0;
  await shell.session.close();
  if ([...left, shell.session].some(({ hung }) => hung)) await endAtOnce(status);
  return status;
}

/** A line with its continuation lines: each but the last ends in a backslash. */
async function readWhole(editor: LineEditor, prompt: string): Promise<string | undefined> {
  let text = '';
  for (;;) {
    const typed = await editor.next(text === '' ? prompt : '> ');
    if (typed === 'end') return undefined;
    text = typed === 'cancel' ? '' : text + typed.line;
    if (typed !== 'cancel' && splitLine(text).open !== '\\') return text;
    if (typed !== 'cancel') text = text.slice(0, -1);
  }
}

const ends: readonly Candidate[] = [{ word: 'exit' }, { word: 'quit' }, { word: 'clear' }];

/** The candidates as readline takes them, and the text that they replace. */
async function completeLine(text: string, shell: Shell): Promise<[string[], string]> {
  const { words, lastWord } = splitLine(text);
  const typed = commandOf([...words, ...(lastWord === undefined ? [''] : [])]);
  const replaced = text.slice(lastWord ?? text.length);
  const late = new Promise<readonly Candidate[]>((resolve) => {
    setTimeout(resolve, patience, []).unref();
  });
  const found = await Promise.race([candidates(typed, shell).catch(() => []), late]);
  const shown = found.map(({ word }) => escapeWord(word));
  const [only, ...others] = shown;
  if (only !== undefined && others.length === 0 && !only.endsWith('/')) return [[`${only} `], replaced];
  return [shown, replaced];
}

async function candidates(
  words: readonly string[],
  { session, streams, options, program }: Shell,
): Promise<readonly Candidate[]> {
  const found = await program.complete(words, streams, (chosen) => {
    const uri = chosen ?? options.uri;
    return namesThrough(uri, () => session.connection({ ...options, uri }, 'read', () => undefined));
  });
  const [current = '', ...more] = words;
  return more.length > 0 ? found : [...found, ...ends.filter(({ word }) => word.startsWith(current))];
}
