/** The dnsmasq processes that libvirt has started for its networks. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export interface DnsmasqRecord {
  /** The network, by the name of its configuration file. */
  readonly name: string;
  readonly pid: number;
}

/** libvirt's directory for them on Debian and Fedora; only LIBVIRT's build could change it. */
const pidFile = (name: string): string => `/run/libvirt/network/${name}.pid`;

/** All of them, helpers too: each has a second process that runs the lease script. */
export function readDnsmasq(): DnsmasqRecord[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      const name = networkOf(Number(entry));
      return name === undefined ? [] : [{ name, pid: Number(entry) }];
    });
}

/** The processes of these networks, by their pid files alone: for lists, which have no time to look at every process. */
export function readDnsmasqOf(names: readonly string[]): DnsmasqRecord[] {
  return names.flatMap((name) => {
    const pid = pidIn(pidFile(name));
    return pid !== undefined && networkOf(pid) === name ? [{ name, pid }] : [];
  });
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The network that a process serves: a dnsmasq with a configuration file of libvirt's. One in another network namespace is of another libvirt,
 * in a container, whose networks may have the same names.
 */
export function networkOf(pid: number): string | undefined {
  try {
    const name = networkInCommand(readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').split('\0'));
    return name !== undefined && isElsewhere(pid) ? undefined : name;
  } catch {
    return undefined; // It has ended.
  }
}

/** False also where only root may look. */
function isElsewhere(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${String(pid)}/ns/net`) !== readlinkSync('/proc/self/ns/net');
  } catch {
    return false;
  }
}

/** The same, from its arguments: `dnsmasq --conf-file=/var/lib/libvirt/dnsmasq/keennet.conf …`. */
export function networkInCommand([program = '', ...args]: readonly string[]): string | undefined {
  if (!/(^|\/)dnsmasq$/.test(program)) return undefined;
  return args
    .map((arg) => /^--conf-file=.*\/libvirt\/dnsmasq\/([^/]+)\.conf$/.exec(arg)?.[1])
    .find((name) => name !== undefined);
}
