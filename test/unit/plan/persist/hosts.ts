/** Hosts for the tests of what is kept across a boot, and their files. */
import { readdirSync, readFileSync } from 'node:fs';
import { readConfig, type ConfigFormat } from '../../../../src/config/config.ts';
import { formatOf } from '../../../../src/config/config.ts';
import type { ConfigFile } from '../../../../src/config/file.ts';
import type { WholeHost } from '../../../../src/state/state.ts';
import type { Link } from '../../../../src/records/link.ts';
import type { FileChange, PresentFiles } from '../../../../src/config/file-change.ts';
import { hostWith, ipv4, link, route } from '../state.ts';

const fixtures = new URL('../../../../fixtures/persist/', import.meta.url);

/** A bridge as kvmnet makes it: without STP, and with a MAC of its own. */
export function bridge(name: string, given: Partial<Link> = {}): Link {
  return link(name, {
    kind: 'bridge',
    mac: '52:54:00:00:00:01',
    bridge: {
      ...{ stp: false, forwardDelay: 0, helloTime: 2, maxAge: 20, ageingTime: 300, priority: 32768 },
      ...{ vlanFiltering: false, id: '', root: '', rootPathCost: 0, topologyChanges: false },
    },
    ...given,
  });
}

export function vlan(parent: string, id: number, given: Partial<Link> = {}): Link {
  return link(`${parent}.${String(id)}`, { kind: 'vlan', parent, vlan: { id, protocol: '802.1Q' }, ...given });
}

/** The host of experiment C: br0 has taken over the address of ens33. */
export const bridged: WholeHost = hostWith(
  [
    link('ens33', { index: 2, mac: '00:0c:29:5e:0c:46', master: 'br0' }),
    bridge('br0', { index: 3, mac: '00:0c:29:5e:0c:46', addresses: [ipv4('192.168.2.132', 24)] }),
  ],
  [route('0.0.0.0/0', 'br0', { gateway: '192.168.2.2' }), route('192.168.2.0/24', 'br0', { protocol: 'kernel' })],
);

/** The host of experiment D: two VLANs of eno16777736, each with a bridge for guests, of whom one runs. */
export const vlans: WholeHost = hostWith([
  link('eno16777736', { index: 2, mac: '00:0c:29:5e:0c:46' }),
  vlan('eno16777736', 10, { index: 3, mac: '00:0c:29:5e:0c:46', master: 'brvlan-10' }),
  vlan('eno16777736', 20, { index: 4, mac: '00:0c:29:5e:0c:46', master: 'brvlan-20' }),
  bridge('brvlan-10', { index: 5, mac: '52:54:00:00:00:10' }),
  bridge('brvlan-20', { index: 6, mac: '52:54:00:00:00:20' }),
  link('vnet0', { index: 7, kind: 'tun', mac: 'fe:54:00:d2:52:b3', master: 'brvlan-10' }),
]);

/** A bond under a bridge that has its address by DHCP, a jumbo NIC with two addresses and a route, and a VLAN with IPv6. */
export const mixed: WholeHost = hostWith(
  [
    link('eth0', { index: 2, mac: '52:54:00:00:02:01', master: 'bond0' }),
    link('eth1', { index: 3, mac: '52:54:00:00:02:01', permanentMac: '52:54:00:00:02:02', master: 'bond0' }),
    link('eth2', { index: 4, mtu: 9000, addresses: [ipv4('10.0.0.2', 8), ipv4('172.16.0.2', 12)] }),
    link('bond0', {
      ...{ index: 5, kind: 'bond', mac: '52:54:00:00:02:01', master: 'br0' },
      bond: { mode: 'active-backup', miimon: 100, active: 'eth0', primary: 'eth1' },
    }),
    bridge('br0', {
      ...{ index: 6, mac: '52:54:00:00:02:01' },
      addresses: [{ ...ipv4('192.168.9.77', 24), validSeconds: 3000 }],
    }),
    vlan('eth2', 30, {
      ...{ index: 7, mtu: 9000, mac: undefined },
      addresses: [{ family: 'ipv6', address: '2001:db8::2', prefix: 64, scope: 'global' }],
    }),
    link('wlan0', { index: 8, wireless: true, addresses: [ipv4('192.168.8.2', 24)] }),
  ],
  [
    route('0.0.0.0/0', 'br0', { gateway: '192.168.9.1', protocol: 'dhcp' }),
    route('10.64.0.0/10', 'eth2', { gateway: '10.0.0.1', metric: 50 }),
    route('::/0', 'eth2.30', { gateway: '2001:db8::1', metric: 1024 }),
    route('10.99.0.0/16', 'eth2', { gateway: '10.0.0.1', table: '100' }),
  ],
);

/** The files of a fixture, `bridged/ifupdown/before`; none where it has no such folder. */
export function tree(folder: string): readonly ConfigFile[] {
  const root = new URL(`${folder}/`, fixtures);
  return filesBelow(root).map((path) => ({ path: `/${path}`, text: readFileSync(new URL(path, root), 'utf8') }));
}

function filesBelow(root: URL, below = ''): readonly string[] {
  try {
    return readdirSync(new URL(below, root), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? filesBelow(root, `${below}${entry.name}/`) : [`${below}${entry.name}`],
    );
  } catch {
    return [];
  }
}

export function present(files: readonly ConfigFile[], format: ConfigFormat): PresentFiles {
  const own = files.filter((file) => formatOf(file) === format && !file.path.includes('/conf.d/'));
  return { files, configs: own.map((file) => readConfig(file, format)) };
}

/** The files once they have changed, by their paths. */
export function changed(files: readonly ConfigFile[], changes: readonly FileChange[]): readonly ConfigFile[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  for (const { path, after } of changes) {
    if (after === null) texts.delete(path);
    else texts.set(path, after);
  }
  return [...texts].map(([path, text]) => ({ path, text })).sort((a, b) => (a.path < b.path ? -1 : 1));
}
