/** Who listens on which port of this machine. */
import { readFileSync } from 'node:fs';
import { run, type RunOptions } from './run.ts';

/** A socket that waits for packets or connections. */
export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  /** `*` where it is every address of both families. */
  readonly address: string;
  /** The link that it is bound to. */
  readonly device: string | undefined;
  readonly port: number;
  /** Undefined where we may not know: other users' processes are root's to see. */
  readonly process: { readonly name: string; readonly pid: number } | undefined;
}

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
