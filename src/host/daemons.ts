/** libvirt's daemons on this machine: which run, which are installed, and their sockets. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { networkPrograms, type DaemonRecord, type NetworkProgram } from '../records/daemon.ts';
import { isInstalled } from './programs.ts';

/** The daemon with all drivers, and those of one driver that guests and networks need. @see https://libvirt.org/daemons.html */
const daemons: readonly string[] = ['libvirtd', 'virtqemud', 'virtnetworkd', 'virtlxcd', 'virtproxyd'];

export function readDaemons(): Omit<DaemonRecord, 'refusal'> {
  const names = new Set(
    list('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? [read(`/proc/${entry}/comm`).trimEnd()] : [])),
  );
  return {
    running: daemons.filter((name) => names.has(name)),
    installed: daemons.filter(isInstalled),
    sockets: list('/run/libvirt').filter((name) => name.endsWith('-sock')),
    hasSystemd: existsSync('/run/systemd/system'),
    user: userInfo().username,
  };
}

/** The programs for networks that this machine has. */
export function readNetworkPrograms(): ReadonlySet<NetworkProgram> {
  return new Set(networkPrograms.filter(isInstalled));
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Empty for a process that has ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
