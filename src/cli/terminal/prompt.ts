/** Questions to the user, on stderr: stdout is for results. */
import type { Interface } from 'node:readline';
import { createInterface } from 'node:readline/promises';
import { KvmnetError } from '../../errors.ts';
import type { Streams } from '../output/streams.ts';

/** Returns true if the user answers yes; Enter alone means no. @throws INTERRUPTED on a signal, Ctrl-C or the end of the terminal */
export async function askYes(streams: Streams, question: string, signal?: AbortSignal): Promise<boolean> {
  const readline = createInterface({ input: streams.stdin, output: streams.stderr });
  closeOnError(readline);
  const closed = new AbortController();
  readline.once('close', () => {
    closed.abort();
  });
  const ends = AbortSignal.any([closed.signal, ...(signal ? [signal] : [])]);
  try {
    return /^y(es)?$/i.test((await readline.question(`${question} [y/N] `, { signal: ends })).trim());
  } catch (cause) {
    // Ctrl-C, or the end of the terminal.
    streams.stderr.write('\n');
    throw new KvmnetError('INTERRUPTED', 'interrupted; nothing was changed', { cause });
  } finally {
    readline.close();
  }
}

/** Takes a closed terminal for the end of its input. Closing resets the terminal, which is one more error. */
export function closeOnError(readline: Interface): void {
  readline
    .once('error', () => {
      readline.close();
    })
    .on('error', () => undefined);
}
