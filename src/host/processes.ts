/** Which process is which: a number alone is given again. */
import { readFileSync } from 'node:fs';
import { namesIn, textOf } from './lenient.ts';

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

export interface NamedProcess {
  readonly pid: string;
  /** The first 15 characters of the program's name. */
  readonly name: string;
  /** In the kernel's ticks since boot. */
  readonly started: string;
}

/** All processes that have not ended; one that was killed stays in /proc until its last thread has ended. @see proc_pid_stat(5) */
export function runningProcesses(): readonly NamedProcess[] {
  return namesIn('/proc').flatMap((pid) => {
    const stat = /^\d+$/.test(pid) ? textOf(`/proc/${pid}/stat`) : '';
    const started = startInStat(stat);
    return started === undefined
      ? []
      : [{ pid, name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')), started }];
  });
}

/** Ends that very process at once, if it still runs. */
export function endProcess(identity: ProcessIdentity): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, 'SIGKILL');
  } catch {
    // It has ended in this moment.
  }
}

/** Returns the seconds since boot, including suspend: the monotonic clock. @see proc_uptime(5) */
export function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}

/** A variable of this process's environment, or of the nearest ancestor's that has it: sudo(8) passes few of them on. */
export function inheritedVariable(name: string): string | undefined {
  return process.env[name] ?? variableOf(process.ppid, name);
}

function variableOf(pid: number, name: string): string | undefined {
  if (pid <= 1) return undefined;
  try {
    const environment = readFileSync(`/proc/${String(pid)}/environ`, 'utf8').split('\0');
    const found = environment.find((line) => line.startsWith(`${name}=`));
    if (found !== undefined) return found.slice(name.length + 1);
    const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
    return variableOf(Number(parent), name);
  } catch {
    return undefined; // Another user's process: so are those above it.
  }
}

function startOf(pid: number): string | undefined {
  try {
    return startInStat(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Returns the start time in a line of /proc/PID/stat; undefined for a zombie. */
export function startInStat(stat: string): string | undefined {
  // The name, in parentheses, may contain spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** The kernel's own random number of this boot. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
