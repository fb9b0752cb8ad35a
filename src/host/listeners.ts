/** Who listens on which port of this machine. */
import { readFileSync } from 'node:fs';
import type { Listener } from '../records/listener.ts';
import { run, type RunOptions } from './run.ts';

/** All listening sockets of TCP and UDP. Source: ss(8) of iproute2. */
export async function readListeners(options: RunOptions = {}): Promise<Listener[]> {
  return parseListeners(await run('ss', ['-H', '-l', '-n', '-p', '-t', '-u'], options));
}

/** Parses the output of `ss -H -l -n -p -t -u`; other lines are skipped. */
export function parseListeners(text: string): Listener[] {
  return text.split('\n').flatMap((line): Listener[] => {
    const [protocol, , , , local = ''] = line.trim().split(/\s+/);
    const [, bracketed, plain, device, port] = /^(?:\[([^\]%]+)\]|([^%]+?))(?:%([^:]+))?:(\d+)$/.exec(local) ?? [];
    const address = bracketed ?? plain;
    if (address === undefined || (protocol !== 'tcp' && protocol !== 'udp')) return [];
    const [, name, pid] = /"([^"]*)",pid=(\d+)/.exec(line) ?? [];
    const process = name === undefined ? undefined : { name, pid: Number(pid) };
    return [{ protocol, address, device, port: Number(port), process }];
  });
}

/** The arguments that a process was started with; empty for one that is gone or that we may not see. */
export function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
      .split('\0')
      .slice(0, -1);
  } catch {
    return [];
  }
}
