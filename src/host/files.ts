/** Files that are whole or not there: written aside, synced, and renamed, readable by their owner only. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Replaces a file at once: after a crash it has the old content or the new, never half of one. */
export function writeWhole(path: string, content: string, mode = 0o600): void {
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const aside = `${path}.${String(process.pid)}.new`;
  try {
    const file = openSync(aside, 'wx', mode);
    try {
      // Not writeSync: on a disk with little room left that writes the beginning, and says so by a number only.
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(aside, path);
    syncDirectory(directory);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

/** Waits until the directory's own changes, a rename or a removal, are on disk. */
export function syncDirectory(directory: string): void {
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
