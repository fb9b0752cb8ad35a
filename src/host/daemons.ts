/** libvirt's daemons on this machine: which run, which are installed, and their sockets. */
import { existsSync } from 'node:fs';
import { networkPrograms, type DaemonRecord, type NetworkProgram } from '../records/daemon.ts';
import { readDistribution } from './distribution.ts';
import { namesIn } from './lenient.ts';
import { runningProcesses } from './processes.ts';
import { isInstalled } from './programs.ts';
import { nameOfUser, userNumber } from './users.ts';

/** The daemon with all drivers, and the daemons of one driver that guests and networks need. @see https://libvirt.org/daemons.html */
const daemons: readonly string[] = ['libvirtd', 'virtqemud', 'virtnetworkd', 'virtlxcd', 'virtproxyd'];

export function readDaemons(): Omit<DaemonRecord, 'refusal'> {
  const names = new Set(runningProcesses().map(({ name }) => name));
  return {
    running: daemons.filter((name) => names.has(name)),
    installed: daemons.filter(isInstalled),
    sockets: namesIn('/run/libvirt').filter((name) => name.endsWith('-sock')),
    hasSystemd: existsSync('/run/systemd/system'),
    distribution: readDistribution(),
    user: nameOfUser(userNumber()),
  };
}

/** The programs for networks that this machine has. */
export function readNetworkPrograms(): ReadonlySet<NetworkProgram> {
  return new Set(networkPrograms.filter(isInstalled));
}
