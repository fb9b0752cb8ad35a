/**
 * One change of a host at a time. The lock is flock(2) on a file that root and group libvirt can open, held by a child of flock(1) that ends
 * when its standard input closes: it goes with us, even by kill -9.
 */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { KvmnetError } from '../errors.ts';
import { spawnHelper } from './run.ts';
import { lockFile, makeLockFile } from './state-directory.ts';
import { isRoot } from './users.ts';

export interface Lock {
  release(): void;
}

const conflictStatus = 75; // EX_TEMPFAIL: flock(1) leaves the choice to us

/**
 * Returns the file or directory that a change locks: the file of this host, regardless of KVMNET_STATE_DIR. A user who cannot open it locks
 * libvirt's own run-time directory; for a session daemon it is the user's.
 * @throws BACKEND if root cannot create the file
 */
export function lockPath(session: boolean): string {
  const runtime = process.env.XDG_RUNTIME_DIR;
  if (session && runtime !== undefined && existsSync(runtime)) return runtime;
  if (isRoot()) makeLock();
  if (isReadable(lockFile)) return lockFile;
  return ['/run/libvirt', '/run/lock'].find((directory) => existsSync(directory)) ?? '/tmp';
}

function makeLock(): void {
  try {
    makeLockFile();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KvmnetError('BACKEND', `nothing was changed, because the lock of this host cannot be made: ${reason}`, {
      hint: `make room or give root the rights to ${lockFile}`,
      cause,
    });
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Waits up to `timeout` milliseconds for the lock of a file or directory.
 * @param path as returned by `lockPath`
 * @throws LOCKED, naming the holder if /proc shows it; INTERRUPTED by the signal; DEPENDENCY without flock(1) of util-linux
 */
export async function lock(path: string, timeout: number, signal?: AbortSignal): Promise<Lock> {
  const wait = String(Math.max(0.01, timeout / 1000));
  const holder = spawnHelper('flock', ['--wait', wait, '--conflict-exit-code', String(conflictStatus), path, 'cat']);
  const stop = (): void => {
    holder.kill();
  };
  signal?.addEventListener('abort', stop);
  try {
    if (await holder.ready) return { release: holder.end };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  if (signal?.aborted) {
    throw new KvmnetError('INTERRUPTED', 'interrupted while another run is changing this host; nothing was changed');
  }
  if (holder.status() === conflictStatus) throw locked(path, timeout);
  throw new KvmnetError('DEPENDENCY', `flock cannot lock ${path} (status ${String(holder.status())})`, {
    hint: `it must exist, and be open to you: ls -ld ${path}`,
  });
}

function locked(path: string, timeout: number): KvmnetError {
  const holder = lockHolder(path);
  const who = holder === undefined ? 'another run' : `another run (process ${String(holder.pid)}: ${holder.command})`;
  return new KvmnetError(
    'LOCKED',
    `${who} is changing this host; waited ${String(timeout / 1000)} s, and nothing was changed`,
    {
      hint: 'try again when it has ended, or wait longer with --timeout',
      details: holder ?? {},
    },
  );
}

/** Finds the holder of a flock in /proc/locks: the parent of the child that holds it. */
function lockHolder(path: string): { pid: number; command: string } | undefined {
  try {
    const inode = String(statSync(path).ino);
    const line = readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .find((entry) => entry.includes(' FLOCK ') && entry.split(/\s+/).some((field) => field.endsWith(`:${inode}`)));
    const child = line === undefined ? undefined : / (\d+) [0-9a-f]+:/.exec(line)?.[1];
    if (child === undefined) return undefined;
    const pid = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1]);
    const [program = '', ...words] = readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
      .split('\0')
      .slice(0, -1);
    return { pid, command: commandLine(program, words) };
  } catch {
    return undefined; // /proc may hide other users' processes; the lock is held all the same.
  }
}

/** The command as typed, without node's name and the path of kvmnet's own program. */
function commandLine(program: string, words: readonly string[]): string {
  const [script = '', ...rest] = words;
  return /(?:^|\/)(?:kvmnet|cli\/main\.js)$/.test(script)
    ? ['kvmnet', ...rest].join(' ')
    : [program, ...words].join(' ');
}
