/** Long output at a terminal goes through a pager, as git does it. */
import type { Session } from '../session.ts';
import { write, type Streams } from './streams.ts';

/** Prints a text on stdout, by a pager where it is longer than the terminal; in a shell the pager would read its next lines. */
export async function printPaged(text: string, streams: Streams, session: Session, isWanted: boolean): Promise<void> {
  const { stdout } = streams;
  const command = isWanted && !session.isShell && isLong(text, stdout) ? pagerCommand(process.env) : undefined;
  if (command !== undefined) {
    const { page } = await import('../../host/run.ts');
    // Earlier output stays above.
    await write(stdout, '');
    session.isPaging = true;
    const isShown = await page(command, text).finally(() => {
      session.isPaging = false;
    });
    if (isShown) return;
  }
  await write(stdout, text);
}

/** True for a text of more lines than a terminal shows together with its prompt. */
export function isLong(text: string, { isTTY = false, rows = 0, columns = 0 }: Streams['stdout']): boolean {
  if (!isTTY || rows === 0 || columns === 0) return false;
  const lines = text.replace(/\n$/, '').split('\n');
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0) >= rows;
}

/** Returns the program with its arguments, words between spaces; undefined where the user wants none. */
export function pagerCommand({ KVMNET_PAGER, PAGER }: NodeJS.ProcessEnv): readonly string[] | undefined {
  const words = (KVMNET_PAGER ?? PAGER ?? 'less').trim().split(/\s+/);
  return words[0] === '' || words[0] === 'cat' ? undefined : words;
}
