/** Which process is which: a number alone is given again. */
import { readFileSync } from 'node:fs';

/** A process and the moment it was started, in the kernel's ticks since boot. Source: proc_pid_stat(5), field 22. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
  /** The kernel's own random number of this boot. */
  readonly boot: string;
}

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? '', boot: bootId() };
}

/** True while that very process runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identity.boot === bootId() && startOf(identity.pid) === identity.started;
}

function startOf(pid: number): string | undefined {
  try {
    return startInStat(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The start time in a line of /proc/PID/stat; undefined for a process that has ended and that nobody has waited for. */
export function startInStat(stat: string): string | undefined {
  // The name, in parentheses, may contain spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
