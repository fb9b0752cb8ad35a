/** A terminal that hands on each key as it is: Node.js's own raw mode still changes line ends on their way out. Source: termios(3) */
import koffi from 'koffi';

const TCSANOW = 0;
const TCIFLUSH = 0;
/** More than any system's struct termios. */
const termiosSize = 256;

/**
 * Takes a terminal into raw mode. What comes back restores its settings, and drops what was typed and not read; it may be called twice, and
 * for a terminal that is gone.
 * @param descriptor a file descriptor of the terminal
 * @returns undefined where it is not a terminal
 */
export function rawTerminal(descriptor: number): (() => void) | undefined {
  const libc = koffi.load(null);
  const get = libc.func('int tcgetattr(int fd, void *termios)') as (fd: number, termios: Buffer) => number;
  const set = libc.func('int tcsetattr(int fd, int actions, void *termios)') as (
    ...args: [fd: number, actions: number, termios: Buffer]
  ) => number;
  const makeRaw = libc.func('void cfmakeraw(void *termios)') as (termios: Buffer) => void;
  const flush = libc.func('int tcflush(int fd, int queue)') as (fd: number, queue: number) => number;
  const before = Buffer.alloc(termiosSize);
  if (get(descriptor, before) !== 0) return undefined;
  const raw = Buffer.from(before);
  makeRaw(raw);
  if (set(descriptor, TCSANOW, raw) !== 0) return undefined;
  return () => {
    // Not after what is still to be shown: a terminal that takes nothing would hold up the end for ever.
    set(descriptor, TCSANOW, before);
    flush(descriptor, TCIFLUSH);
  };
}
