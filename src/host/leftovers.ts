/** Removes what a killed libvirt daemon leaves of a network on its host, and other repairs for which libvirt has no call. */
import { readFileSync, readdirSync } from 'node:fs';
import { KvmnetError } from '../errors.ts';
import { networkOf, readDnsmasq } from './dnsmasq.ts';
import { readLinks } from './links/links.ts';
import { run, type RunOptions } from './run.ts';

/** Makes a device a port of a bridge. */
export async function setMaster(link: string, master: string, options: RunOptions = {}): Promise<void> {
  await run('ip', ['link', 'set', 'dev', link, 'master', master], options);
}

/**
 * Deletes a bridge that libvirt created: it has the MAC address of the definition, and no ports.
 * @throws CONFLICT if it is another bridge, or has ports; a missing bridge is not an error
 */
export async function deleteBridge(bridge: string, mac: string, options: RunOptions = {}): Promise<void> {
  const links = await readLinks(options);
  const link = links.find(({ name }) => name === bridge);
  if (link === undefined) return;
  const ports = links.filter(({ name, master }) => master === bridge && name !== `${bridge}-nic`);
  if (link.kind !== 'bridge' || link.mac !== mac.toLowerCase()) {
    throw new KvmnetError('CONFLICT', `${bridge} is not the bridge that libvirt made: its MAC address is another`, {
      hint: `ip link show dev ${bridge} shows it`,
    });
  }
  if (ports.length > 0) {
    const names = ports.map(({ name }) => name).join(', ');
    throw new KvmnetError('CONFLICT', `${bridge} has ports that are not of libvirt's guests: ${names}`, {
      hint: `remove them first: ip link set dev ${ports[0]?.name ?? ''} nomaster`,
    });
  }
  await run('ip', ['link', 'delete', 'dev', bridge, 'type', 'bridge'], options);
}

/** Ends the dnsmasq of a network, identified by its configuration file. */
export function endDnsmasq(name: string): void {
  for (const { pid } of readDnsmasq().filter((each) => each.name === name)) {
    // Between the two looks the number may have become another's.
    if (networkOf(pid) !== name) continue;
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // It has ended on its own, or with its other half.
    }
  }
}

/** A network's definition as libvirt keeps it on disk. */
export interface DefinitionFile {
  readonly name: string;
  readonly xml: string;
  /** Started at boot. */
  readonly autostart: boolean;
}

const directory = '/etc/libvirt/qemu/networks';

/** The definitions on disk of the system daemon, of the names that are asked for; without definitions that only root may read. */
export function readDefinitionFiles(isAsked: (name: string) => boolean = () => true): DefinitionFile[] {
  const autostart = list(`${directory}/autostart`);
  return list(directory).flatMap((file) => {
    const name = file.slice(0, -4);
    const xml = isAsked(name) ? read(`${directory}/${file}`) : undefined;
    return xml === undefined ? [] : [{ name, xml, autostart: autostart.includes(file) }];
  });
}

/** libvirtd creates the directory with mode 0755 and the files with 0600: who may list them may still not read them. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path).filter((file) => file.endsWith('.xml'));
  } catch {
    return [];
  }
}
