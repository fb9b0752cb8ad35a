/** The lines typed at the prompt, kept in a file that only their user can read. */
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface History {
  /** Newest first, as readline has them. */
  readonly lines: readonly string[];
  /** A line that begins with a blank, or repeats the last one, is not kept. */
  add(line: string): void;
}

/** Lines kept when the file is read; it may grow to twice as many before it is cut. */
const kept = 1_000;

/** The history in a file. Where it cannot be read or written there is one for this session only: no reason to refuse a prompt. */
export function openHistory(file: string): History {
  const lines = readLines(file);
  let canWrite = true;
  if (lines.length > 2 * kept) {
    lines.length = kept;
    canWrite = tried(() => {
      writeFileSync(file, `${lines.toReversed().join('\n')}\n`, { mode: 0o600 });
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
        appendFileSync(file, `${text}\n`, { mode: 0o600 });
        chmodSync(file, 0o600);
      });
    },
  };
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .reverse();
  } catch {
    return [];
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
