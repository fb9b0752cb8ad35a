/** Questions to the user, on stderr: stdout is for results. */
import { createInterface } from 'node:readline/promises';
import { KvmnetError } from '../errors.ts';
import type { Streams } from './streams.ts';

/** True when the user says yes; Enter alone says no. */
export async function askYes(streams: Streams, question: string): Promise<boolean> {
  const readline = createInterface({ input: streams.stdin, output: streams.stderr });
  try {
    return /^y(es)?$/i.test((await readline.question(`${question} [y/N] `)).trim());
  } catch (cause) {
    // Ctrl-C, or the end of the terminal.
    streams.stderr.write('\n');
    throw new KvmnetError('INTERRUPTED', 'interrupted; nothing was changed', { cause });
  } finally {
    readline.close();
  }
}
