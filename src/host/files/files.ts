/** Files that are whole or not there: written aside, synced, and renamed. */
import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Where a file is written before it is renamed. No manager of networks reads a name with a dot in front, wherever it looks: shell patterns
 * (ifupdown, netplan, network-scripts), systemd, NetworkManager and run-parts leave it out.
 */
export function asideOf(path: string): string {
  return join(dirname(path), `${asidePrefix(path)}${String(process.pid)}.new`);
}

function asidePrefix(path: string): string {
  return `.kvmnet-${basename(path)}.`;
}

/** Removes what a writer of this file has left aside that was killed. */
export function removeAsides(path: string): void {
  const directory = dirname(path);
  const prefix = asidePrefix(path);
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    const [, pid] = name.startsWith(prefix) ? (/^(\d+)\.new$/.exec(name.slice(prefix.length)) ?? []) : [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(directory, name), { force: true });
  }
}

/**
 * Replaces a file at once: after a crash it has the old content or the new, never half of one.
 * @param mode of the file; without it only its owner can read it
 */
export function writeWhole(path: string, content: string, mode = 0o600): void {
  makeDirectory(dirname(path), 0o700);
  const aside = asideOf(path);
  makeFile(aside, mode);
  putInPlace(aside, path, content);
}

/** Creates a file with exactly this mode, regardless of the umask. */
export function makeFile(path: string, mode: number): void {
  const file = openSync(path, 'wx', mode);
  try {
    fchmodSync(file, mode);
  } finally {
    closeSync(file);
  }
}

/** Creates a directory, and its parent directories, with exactly this mode where they do not exist. */
export function makeDirectory(path: string, mode: number): void {
  const first = mkdirSync(path, { recursive: true, mode });
  if (first === undefined) return;
  for (let each = path; each.length >= first.length; each = dirname(each)) chmodSync(each, mode);
}

/** Gives the file aside its content, and renames it. Where that fails it is removed. */
export function putInPlace(aside: string, path: string, content: string): void {
  try {
    const file = openSync(aside, 'r+');
    try {
      // Not writeSync: on a nearly full disk it writes only the beginning, and only reports that by a number.
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(aside, path);
    syncDirectory(dirname(path));
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
