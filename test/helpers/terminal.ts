/** A program at a terminal of its own, with a script that types. */
import { spawn } from 'node:child_process';
import { quoted } from '../../src/values/quoted.ts';
import { waitFor } from './wait.ts';

/** Text to wait for on the screen, after the previous text; and the input to type then. */
export type Turn = readonly [seen: string | RegExp, typed: string];

export interface TerminalOptions {
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Done at a turn, by its index: when it was seen, before it is typed. */
  readonly at?: Readonly<Record<number, () => Promise<void>>>;
}

export interface Seen {
  /** All output, without what a terminal would not show: colors, and movements of the cursor. */
  readonly screen: string;
  readonly status: number | null;
}

/** Of util-linux, which every Debian has. */
export const recorder = 'script';

/** Escape sequences: CSI, and what a carriage return at a line's end adds. */
const unseen = /\u001b\[[0-9;?]*[A-Za-z]|\r/g;
/** The sequence by which the spinner erases its line, and the character that it becomes here. */
const erasing = /\u001b\[1G\u001b\[0K/g;
const erase = '\b';

/** Output without the lines that were erased, and the place of each character in all of the output. */
interface Shown {
  readonly text: string;
  readonly places: readonly number[];
}

function shownFrom(output: string, from: number): Shown {
  let text = '';
  const places: number[] = [];
  for (let place = from; place < output.length; place += 1) {
    const character = output.charAt(place);
    if (character === erase) text = text.slice(0, text.lastIndexOf('\n') + 1);
    else text += character;
    places.splice(text.length - (character === erase ? 0 : 1));
    if (character !== erase) places.push(place);
  }
  return { text, places };
}

/**
 * Runs a command line of bash in a terminal of 100 columns, made by script(1). After the last turn the terminal is closed. A single command
 * replaces the shell, which a Ctrl-C would end with a status of its own.
 * @throws Error when something is not seen in time, with all that was
 */
export async function atTerminal(
  command: string,
  turns: readonly Turn[],
  options: TerminalOptions = {},
): Promise<Seen> {
  const child = spawn(
    recorder,
    ['--quiet', '--return', '--command', `stty cols 100 rows 40; exec bash -c ${quoted(command)}`, '/dev/null'],
    {
      env: { ...process.env, NODE_OPTIONS: undefined, TERM: 'xterm', ...options.env },
      cwd: options.cwd,
    },
  );
  // A program that ends before it has read its input is not an error of the test.
  child.stdin.on('error', () => undefined);
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = (): string => printed.replace(erasing, erase).replace(unseen, '');
  const screen = (): string => shownFrom(output(), 0).text;
  let from = 0;
  try {
    for (const [index, [seen, typed]] of turns.entries()) {
      from = await waitFor(String(seen), () => endOf(seen, output(), from), { everyMilliseconds: 20 });
      await options.at?.[index]?.();
      child.stdin.write(typed);
    }
    const status = await Promise.race([
      ended,
      waitFor('the program to end', () => child.exitCode ?? false, { everyMilliseconds: 20 }),
    ]);
    return { screen: screen(), status };
  } catch (cause) {
    throw new Error(`on the screen was:\n${screen()}`, { cause });
  } finally {
    child.stdin.end();
    child.kill('SIGKILL');
  }
}

/** The end of a text in the output, looked for behind a place; undefined where it is not on the screen. */
function endOf(seen: string | RegExp, output: string, from: number): number | undefined {
  const { text, places } = shownFrom(output, from);
  const found = typeof seen === 'string' ? text.indexOf(seen) : text.search(seen);
  if (found < 0) return undefined;
  const length = typeof seen === 'string' ? seen.length : (seen.exec(text)?.[0] ?? '').length;
  const last = places[found + length - 1];
  return length === 0 || last === undefined ? from : last + 1;
}
