/** The unix sockets of libvirt's daemons: finds the daemon of a socket without connecting. */
import { readlinkSync, realpathSync, statSync } from 'node:fs';
import { namesIn, textOf } from './lenient.ts';
import { runningProcesses } from './processes.ts';

/** Where a daemon listens: libvirtd and virtproxyd, or the daemon of one driver; each has a socket for looking too. */
const ownSocket = /^(?:libvirt|virt[a-z]+d)-sock(?:-ro)?$/;

/** True for a default socket of the system's or this user's daemon, also through a link or a mount elsewhere. */
export function isOwnSocket(socket: string, isSession: boolean): boolean {
  const runtime = process.env.XDG_RUNTIME_DIR;
  const directory = isSession ? runtime && `${runtime}/libvirt` : '/run/libvirt';
  const wanted = fileOf(socket);
  if (wanted === undefined || directory === undefined) return false;
  return namesIn(directory).some((name) => ownSocket.test(name) && fileOf(`${directory}/${name}`) === wanted);
}

/**
 * True where one of libvirt's daemons itself listens at a socket, in this network namespace: the links that it sees are ours. False for
 * what ssh or a proxy passes on, and where we may not look at other users' processes. Source: proc_net_unix(5)
 */
export function isDaemonsSocket(socket: string): boolean {
  const path = realPath(socket);
  const inodes = new Set(
    parseListening(textOf('/proc/net/unix')).flatMap((entry) => (realPath(entry.path) === path ? [entry.inode] : [])),
  );
  if (inodes.size === 0) return false;
  const daemons = runningProcesses().filter(({ name }) => /^(?:lib)?virt[a-z]*d$/.test(name));
  return daemons.some(({ pid }) => socketsOf(pid).some((inode) => inodes.has(inode)));
}

/** Returns the real path of a file, or the given path if it does not exist. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Of /proc/net/unix, the sockets that wait for connections: `Num RefCount Protocol Flags Type St Inode Path`. */
export function parseListening(text: string): { readonly inode: string; readonly path: string }[] {
  return text.split('\n').flatMap((line) => {
    const [, flags = '', inode = '', path] = /^\S+ \S+ \S+ (\S+) \S+ \S+ +(\d+) (\/.*)$/.exec(line) ?? [];
    // __SO_ACCEPTCON of the kernel.
    return path === undefined || (parseInt(flags, 16) & 0x10000) === 0 ? [] : [{ inode, path }];
  });
}

function socketsOf(pid: string): string[] {
  return namesIn(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return []; // It was closed in between.
    }
  });
}

function fileOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${String(dev)}:${String(ino)}`;
  } catch {
    return undefined;
  }
}
