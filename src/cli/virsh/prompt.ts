/** Commands on virsh's standard input: typed at its prompt, or a script, of which it shows each line behind the prompt. */
import { join } from 'node:path';
import { stateDirectory } from '../../host/state-directory.ts';
import { namesThrough } from '../complete/names.ts';
import { KvmnetError } from '../../errors.ts';
import { globalOptions } from '../global-options.ts';
import { virshDefaultUri } from '../../observe/default-uri.ts';
import { openHistory } from '../shell/history.ts';
import { lineEditor } from '../shell/line-editor.ts';
import { physicalLines, textOf } from '../shell/script.ts';
import { write } from '../output/streams.ts';
import { escapeWord, splitLine } from '../terminal/shell-words.ts';
import type { Surroundings } from '../surroundings.ts';
import type { VirshState } from './builtins.ts';

const welcome = `Welcome to virsh, the virtualization interactive terminal.

Type:  'help' for help with commands
       'quit' to quit

`;

/** Runs the lines of the prompt. */
export interface PromptHost extends Surroundings {
  readonly quiet: boolean;
  readonly state: VirshState;
  /** Connects to a URI that was named; false where it cannot. */
  open(): Promise<boolean>;
  run(words: readonly string[], ownsInput: boolean): Promise<number>;
}

/** Runs lines until `quit` or the end of the input. Returns virsh's exit status: 1 only where a named connection cannot be opened. */
export async function runVirshPrompt(virsh: PromptHost): Promise<number> {
  const { streams, session, state } = virsh;
  if (session.isShell) {
    throw new KvmnetError('USAGE', 'this is a shell already', { hint: 'name a command: virsh list' });
  }
  if (!(await virsh.open())) return 1;
  if (!virsh.quiet) await write(streams.stdout, welcome);
  const isTyped = streams.stdin.isTTY === true;
  session.isScript = !isTyped;
  const next = isTyped ? typedLines(virsh) : scriptLines(virsh);
  for await (const line of next) {
    if (line !== '') await virsh.run([line], isTyped);
    if (state.hasEnded) break;
  }
  await write(streams.stdout, '\n');
  return 0;
}

function promptOf({ state }: PromptHost): string {
  return state.readOnly ? 'virsh > ' : 'virsh # ';
}

async function* scriptLines(virsh: PromptHost): AsyncGenerator<string> {
  const { streams } = virsh;
  for await (const line of physicalLines(textOf(streams.stdin))) {
    await write(streams.stdout, `${promptOf(virsh)}${line}\n`);
    yield line;
  }
  await write(streams.stdout, promptOf(virsh));
}

async function* typedLines(virsh: PromptHost): AsyncGenerator<string> {
  const { streams } = virsh;
  const history = openHistory(join(stateDirectory(), 'virsh-history'));
  const output = streams.stderr.isTTY === true ? streams.stderr : streams.stdout;
  const editor = lineEditor({
    input: streams.stdin,
    output,
    history: history.lines,
    complete: (text) => completeLine(text, virsh),
  });
  for (;;) {
    const typed = await editor.next(promptOf(virsh));
    if (typed === 'end') return;
    if (typed === 'cancel') continue;
    history.add(typed.line);
    yield typed.line;
  }
}

async function completeLine(
  text: string,
  { streams, session, state, program }: PromptHost,
): Promise<[string[], string]> {
  const { words, lastWord } = splitLine(text);
  const typed = ['virsh', ...words, ...(lastWord === undefined ? [''] : [])];
  const found = await program
    .complete(typed, streams, () => {
      const uri = state.uri ?? virshDefaultUri();
      const options = globalOptions({ connect: uri, quiet: true, readonly: true, timeout: '1.5' });
      return namesThrough(uri, () => session.connection(options, 'read', () => undefined));
    })
    .catch(() => []);
  const shown = found.map(({ word }) => escapeWord(word));
  const [only] = shown;
  return [only !== undefined && shown.length === 1 ? [`${only} `] : shown, text.slice(lastWord ?? text.length)];
}
