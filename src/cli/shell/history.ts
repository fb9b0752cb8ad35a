/** The lines typed at the prompt, kept in a file that only their user can read. */
import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface History {
  /** Newest first, as readline has them. */
  readonly lines: readonly string[];
  /** A line that begins with a blank, or repeats the last one, is not kept. */
  add(line: string): void;
}

/** Lines kept when the file is read; it may grow to twice as many before it is cut. */
const maxLines = 1_000;

/** The history in a file. If it cannot be read or written, it only exists for this session: no reason to refuse a prompt. */
export function openHistory(file: string): History {
  const lines = readLines(file);
  let canWrite = true;
  if (lines.length > 2 * maxLines) {
    lines.length = maxLines;
    canWrite = tried(() => {
      write(file, constants.O_TRUNC, `${lines.toReversed().join('\n')}\n`);
    });
  }
  return {
    lines,
    add: (line) => {
      const text = line.trimEnd();
      if (text === '' || /^\s/.test(text) || text === lines[0]) return;
      lines.unshift(text);
      canWrite &&= tried(() => {
        mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
        write(file, constants.O_APPEND, `${text}\n`);
      });
    },
  };
}

function readLines(file: string): string[] {
  try {
    return opened(file, constants.O_RDONLY, (handle) => readFileSync(handle, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .reverse();
  } catch {
    return [];
  }
}

function write(file: string, how: number, text: string): void {
  opened(file, constants.O_WRONLY | constants.O_CREAT | how, (handle) => {
    fchmodSync(handle, 0o600);
    writeFileSync(handle, text);
  });
}

/** Opens a plain file of this user's: a link, or a pipe in its place, would send the lines elsewhere. */
function opened<T>(file: string, flags: number, use: (handle: number) => T): T {
  const handle = openSync(file, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile() || stat.uid !== process.geteuid?.()) throw new Error(`${file} is not a file of this user`);
    return use(handle);
  } finally {
    closeSync(handle);
  }
}

function tried(task: () => void): boolean {
  try {
    task();
    return true;
  } catch {
    return false;
  }
}
