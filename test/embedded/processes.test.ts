import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { registry } from '../../src/cli/registry.ts';
import { kvmnet, startKvmnet } from '../helpers/host.ts';

const network = `<network><name>given</name><uuid>00000000-0000-4000-8000-000000000041</uuid>
  <mac address='52:54:00:aa:00:41'/><bridge name='given0'/><ip address='192.168.41.1' prefix='24'/></network>`;
const domain = `<domain type='test'><name>given</name><uuid>00000000-0000-4000-8000-000000000042</uuid><memory>8192</memory>
  <os><type>hvm</type></os><devices><interface type='network'><source network='nosuch'/></interface></devices></domain>`;
const nic = `<interface type='network'><mac address='52:54:00:00:41:01'/><source network='default'/></interface>`;

/** A line of each command, on the test driver: `@name` is a file. Its host is a new one each time. */
const lines = [
  'net create keennet --nat 192.168.132.0/24 --bridge-name keen0 --dry-run',
  'net list',
  'net show default',
  'net xml default',
  'net define @network --dry-run',
  'net validate @network',
  'net start default',
  'net stop default --yes --dry-run',
  'net set default --mtu 1400 --dry-run',
  'net edit nosuch',
  'net restart default --yes --dry-run',
  'net heal default --dry-run',
  'net autostart default',
  'net rename default office --yes --dry-run',
  'net clone nosuch copy',
  'net delete default --yes',
  'net leases default',
  'net reserve default test 192.168.122.7 --dry-run',
  'net release default 192.168.122.7',
  'net pin default test',
  'net addresses default',
  'net next-ip default',
  'vm list',
  'vm show test',
  'vm xml test',
  'vm define @domain',
  'vm start test',
  'vm stop test --yes',
  'vm console test',
  'vm reboot test',
  'vm suspend test',
  'vm resume test',
  'vm autostart test',
  'vm edit nosuch',
  'vm delete test',
  'vm nics test',
  'vm attach test default --mac 52:54:00:00:41:02 --dry-run',
  'vm detach test 0 --yes --dry-run',
  'vm move test 0 nosuch',
  'vm link test 0 down --dry-run',
  'vm ip test',
  'vm tunnel test 80',
  'vm rate test 0',
  'vm stats test',
  'vm slots test',
  'domiflist test',
  'domiflist',
  'bridge create nosuch0 --port nosuch1',
  'bridge list',
  'bridge show nosuch0',
  'bridge macs nosuch0',
  'bridge stp nosuch0 on',
  'bridge set nosuch0 stp=on',
  'bridge add-port nosuch0 nosuch1',
  'bridge del-port nosuch0 nosuch1',
  'bridge delete nosuch0',
  'vlan create nosuch0 10',
  'vlan list',
  'vlan delete nosuch0 10',
  'bond create bond9 nosuch0',
  'macvlan create mac9 nosuch0',
  'port create nosuch0 port9',
  'topology',
  'path test',
  'isolation',
  'capture test',
  'watch nosuch',
  'forward add 8080 test:80',
  'forward list',
  'forward remove 8080',
  'forward check',
  'forward restore',
  'forward import @network',
  'forward export',
  'snat add 192.168.10.0/24 --to masquerade --dev nosuch0',
  'snat list',
  'snat remove 192.168.10.0/24',
  'host show',
  'host lint @network',
  'host persist --for nosuch',
  'doctor network-inactive nosuch',
  'history',
  'undo nosuch',
  'confirm nosuch',
  'rollback nosuch',
  'shell @script',
  'virsh net-list',
  'completion bash',
  'net-list --all',
  'net-info default',
  'net-name dd8fe884-6c02-601e-7551-cca97df1c5df',
  'net-uuid default',
  'net-dumpxml default',
  'net-dhcp-leases default',
  'net-define @network',
  'net-create @network',
  'net-start default',
  'net-destroy default',
  'net-undefine nosuch',
  'net-autostart default',
  'net-edit nosuch',
  'net-update default add ip-dhcp-range @network',
  'net-event --list',
  'net-desc default',
  'net-metadata default x:y',
  'net-port-list default',
  'net-port-create default @network',
  'net-port-dumpxml default nosuch',
  'net-port-delete default nosuch',
  'domifaddr test',
  'domifstat test testnet0',
  'domif-setlink test testnet0 down',
  'domif-getlink test testnet0',
  'domiftune test testnet0',
  'attach-interface test network default --mac 52:54:00:00:41:03',
  'detach-interface test network',
  'attach-device test @nic',
  'detach-device test @nic',
  'detach-device-alias test net9',
  'update-device test @nic',
  'iface-list',
  'iface-name aa:bb:cc:dd:ee:ff',
  'iface-mac eth1',
  'iface-dumpxml eth1',
  'iface-define @nic',
  'iface-undefine nosuch',
  'iface-edit nosuch',
  'iface-start eth1',
  'iface-destroy eth1',
  'iface-bridge nosuch br9',
  'iface-unbridge nosuch',
  'iface-begin',
  'iface-commit',
  'iface-rollback',
  'nwfilter-list',
  'nwfilter-dumpxml nosuch',
  'nwfilter-define @nic',
  'nwfilter-undefine nosuch',
  'nwfilter-edit nosuch',
  'nwfilter-binding-list',
  'nwfilter-binding-dumpxml nosuch',
  'nwfilter-binding-create @nic',
  'nwfilter-binding-delete nosuch',
];

/** Replaces values that differ from run to run: random MACs and UUIDs, the test driver's counters, and times. */
const steady = (text: string): string =>
  text.replaceAll(/52:54:00(:[0-9a-f]{2}){3}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{8,}/g, '…');

describe('a command line prints the same in a process of its own and in the resident one', () => {
  let folder = '';
  let words: (line: string) => readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-embedded-`);
    await writeFile(`${folder}/network`, network);
    await writeFile(`${folder}/domain`, domain);
    await writeFile(`${folder}/nic`, nic);
    await writeFile(`${folder}/script`, 'net list\nvm list\n');
    words = (line) => ['-c', 'test:///default', ...line.split(' ').map((word) => word.replace(/^@/, `${folder}/`))];
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.each(lines)('%s', async (line) => {
    const [resident, own] = await Promise.all([kvmnet(words(line)), startKvmnet(words(line)).outcome]);
    expect({ ...resident, stdout: steady(resident.stdout) }).toEqual({ ...own, stdout: steady(own.stdout) });
  });

  it('has a line for every command', () => {
    const isNamed = (path: readonly string[]): boolean => lines.some((line) => line.startsWith(path.join(' ')));
    expect(registry.filter(({ path }) => !isNamed(path)).map(({ path }) => path.join(' '))).toEqual([]);
  });
});
