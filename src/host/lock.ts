/**
 * One change of a host at a time. The lock is flock(2) on a directory that every user of libvirt can open, held by a child of flock(1)
 * that ends when its standard input closes: it goes with us, even by kill -9, and leaves no file behind.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { KvmnetError } from '../errors.ts';
import { accompany } from './run.ts';

export interface Lock {
  release(): void;
}

const conflictStatus = 75; // EX_TEMPFAIL: flock(1) leaves the choice to us

/** The daemon's own run-time directory: one for each host, or for each user's session daemon. */
export function lockDirectory(session: boolean): string {
  const runtime = process.env.XDG_RUNTIME_DIR;
  const candidates = session && runtime !== undefined ? [runtime] : ['/run/libvirt', '/run/lock'];
  return candidates.find((directory) => existsSync(directory)) ?? '/tmp';
}

/**
 * Waits up to `timeout` milliseconds for the lock of a directory.
 * @throws LOCKED, naming the holder where /proc tells; INTERRUPTED by the signal; DEPENDENCY without flock(1) of util-linux
 */
export async function lock(directory: string, timeout: number, signal?: AbortSignal): Promise<Lock> {
  const wait = String(Math.max(0.01, timeout / 1000));
  const holder = accompany('flock', ['--wait', wait, '--conflict-exit-code', String(conflictStatus), directory, 'cat']);
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
  if (holder.status() === conflictStatus) throw locked(directory, timeout);
  throw new KvmnetError('DEPENDENCY', `flock cannot lock ${directory} (status ${String(holder.status())})`, {
    hint: `its directory must be there, and open to you: ls -ld ${directory}`,
  });
}

function locked(directory: string, timeout: number): KvmnetError {
  const holder = lockHolder(directory);
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

/** Who holds a flock, told by /proc/locks: the parent of the child that holds it. */
function lockHolder(directory: string): { pid: number; command: string } | undefined {
  try {
    const inode = String(statSync(directory).ino);
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

/** As it was typed: node's name and the path of our own program say nothing to the user. */
function commandLine(program: string, words: readonly string[]): string {
  const [script = '', ...rest] = words;
  return /(?:^|\/)(?:kvmnet|cli\/main\.js)$/.test(script)
    ? ['kvmnet', ...rest].join(' ')
    : [program, ...words].join(' ');
}
