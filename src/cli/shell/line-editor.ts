/** Lines typed at a terminal. The terminal is the editor's only while it waits for one: a command may ask questions of its own. */
import { createInterface, type Interface, type Key } from 'node:readline';
import { closeOnError } from '../terminal/prompt.ts';
import type { Streams } from '../output/streams.ts';

/** `cancel`: Ctrl-C. `end`: Ctrl-D, or the terminal is gone. */
export type Typed = { readonly line: string } | 'cancel' | 'end';

export interface LineEditor {
  next(prompt: string): Promise<Typed>;
  /** Ends a wait for a line, as Ctrl-D does. */
  close(): void;
}

export interface EditorOptions {
  readonly input: Streams['stdin'];
  /** Where prompt and echo go. */
  readonly output: Streams['stderr'];
  /** Newest first. */
  readonly history: readonly string[];
  /** The candidates for the text before the cursor, and the part of it that they replace. */
  readonly complete: (text: string) => Promise<[candidates: string[], replaced: string]>;
}

const clearLine = '\r\u001b[K';

export function lineEditor({ input, output, history, complete }: EditorOptions): LineEditor {
  /** Whole lines that came at once, as by pasting, and the beginning of one more. */
  const waiting: string[] = [];
  let begun = '';
  let close = (): void => undefined;

  const ask = (prompt: string): Promise<Typed> =>
    new Promise((resolve) => {
      let result: Typed = 'end';
      const readline = createInterface({
        input,
        output,
        prompt,
        terminal: true,
        history: [...history],
        historySize: history.length + 1,
        completer: (text: string, callback: (error: null, result: [string[], string]) => void) => {
          void complete(text).then((found) => {
            // A late answer would be inserted into another text.
            const isStill = result === 'end' && readline.line.slice(0, readline.cursor) === text;
            callback(null, isStill ? found : [[], text]);
          });
        },
      });
      close = (): void => {
        begun = readline.line;
        readline.close();
      };
      closeOnError(readline);
      const search = searchBack(readline, history);
      input.on('keypress', search);
      readline.on('line', (line) => {
        if (result === 'end') {
          result = { line };
          // The rest of what was pasted is still on its way through readline.
          setImmediate(close);
        } else {
          waiting.push(line);
        }
      });
      readline.on('SIGINT', () => {
        result = 'cancel';
        output.write('^C\n');
        readline.close();
      });
      readline.on('close', () => {
        input.off('keypress', search);
        if (begun !== '') output.write(clearLine);
        if (result === 'end') output.write('\n');
        resolve(result);
      });
      readline.prompt();
      if (begun !== '') readline.write(begun);
      begun = '';
    });

  return {
    next: (prompt) => {
      const line = waiting.shift();
      if (line === undefined) return ask(prompt);
      output.write(`${prompt}${line}\n`);
      return Promise.resolve({ line });
    },
    close: () => {
      close();
    },
  };
}

/** Ctrl-R: the newest line of the history that contains what is typed, and at each further Ctrl-R an older one; any other key ends the search. */
function searchBack(readline: Interface, history: readonly string[]): (text: string | undefined, key: Key) => void {
  let begun: { readonly text: string; readonly at: number } | undefined;
  return (_text, { ctrl, name }) => {
    if (ctrl !== true || name !== 'r') {
      begun = undefined;
      return;
    }
    const { text, at } = begun ?? { text: readline.line, at: -1 };
    const found = history.findIndex(
      (line, index) => index > at && line.includes(text) && line !== readline.line && !line.includes('\n'),
    );
    begun = { text, at: found === -1 ? at : found };
    const line = history[found];
    if (line === undefined) return;
    readline.write(null, { ctrl: true, name: 'e' });
    readline.write(null, { ctrl: true, name: 'u' });
    readline.write(line);
  };
}
