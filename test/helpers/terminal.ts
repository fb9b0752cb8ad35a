/** A program at a terminal of its own, with a script that types. */
import { spawn } from 'node:child_process';
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

/**
 * Runs a command line of sh in a terminal of 100 columns, made by script(1). After the last turn the terminal is closed.
 * @throws Error when something is not seen in time, with all that was
 */
export async function atTerminal(
  command: string,
  turns: readonly Turn[],
  options: TerminalOptions = {},
): Promise<Seen> {
  const child = spawn(
    recorder,
    ['--quiet', '--return', '--command', `stty cols 100 rows 40; ${command}`, '/dev/null'],
    {
      env: { ...process.env, NODE_OPTIONS: undefined, TERM: 'xterm', ...options.env },
      cwd: options.cwd,
    },
  );
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const screen = (): string => printed.replace(unseen, '');
  let from = 0;
  try {
    for (const [index, [seen, typed]] of turns.entries()) {
      from = await waitFor(String(seen), () => endOf(seen, screen(), from), { everyMilliseconds: 20 });
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

function endOf(seen: string | RegExp, screen: string, from: number): number | undefined {
  const found = typeof seen === 'string' ? screen.indexOf(seen, from) : from + screen.slice(from).search(seen);
  if (found < from) return undefined;
  return found + (typeof seen === 'string' ? seen : (seen.exec(screen.slice(from))?.[0] ?? '')).length;
}
