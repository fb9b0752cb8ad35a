/** Hooks of libvirt's networks, which the daemon looks for when it starts, and then not again. @see https://libvirt.org/hooks.html */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from './lenient.ts';
import { runningProcesses, uptime } from './processes.ts';

const directory = '/etc/libvirt/hooks';
/** The one with all of libvirt's drivers, and the one for networks alone. */
const daemons: readonly string[] = ['libvirtd', 'virtnetworkd'];

/** True if a daemon of this machine started before the first hook for its networks existed. */
export function isHookUnnoticed(): boolean {
  const started = daemonStarts();
  if (started.length === 0) return false;
  const hooks = hookTimes();
  return hooks.length > 0 && started.some((start) => hooks.every((made) => made > start));
}

/** When each hook was made, in milliseconds since the epoch. */
function hookTimes(): readonly number[] {
  const names = namesIn(join(directory, 'network.d'));
  const files = [join(directory, 'network'), ...names.map((name) => join(directory, 'network.d', name))];
  return files.flatMap((file) => quietly(() => statSync(file).ctimeMs) ?? []);
}

/** The ticks of a second in proc_pid_stat(5), on every architecture of Linux that libvirt knows. */
const ticks = 100;

function daemonStarts(): readonly number[] {
  const boot = Date.now() - uptime() * 1000;
  return runningProcesses()
    .filter(({ name }) => daemons.includes(name))
    .map(({ started }) => boot + (Number(started) / ticks) * 1000);
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
