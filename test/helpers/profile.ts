/** Notes for test/profile, which asks for them by TEST_PROFILE: what was started and waited for, and what it cost. */
import { expect } from '@jest/globals';
import { appendFileSync, readFileSync } from 'node:fs';

const folder = process.env['TEST_PROFILE'];

export interface Note {
  /** The program: `kvmnet`, `virsh`, … */
  readonly program?: string;
  /** The event that was waited for. */
  readonly wait?: string;
  readonly milliseconds: number;
  /** Milliseconds of processor time. */
  readonly cpu?: number;
}

/** Does nothing unless a profile is requested. */
export function record(note: Note): void {
  if (folder === undefined) return;
  const file = expect.getState().testPath;
  appendFileSync(`${folder}/notes`, `${JSON.stringify({ file, ...note })}\n`);
}

/** Milliseconds of processor time that the programs took which have ended; only where a profile is made. Source: proc(5), cutime and cstime. */
export function childrenCpu(): number {
  if (folder === undefined) return 0;
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
