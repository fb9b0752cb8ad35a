// What is compared: one row a case, on the private host of host.js. The first command is the one-file executable's, the others are what a
// user would type instead. `most` is what the ratio of their times may be, in one run.
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const executable = `${root}dist/binary/kvmnet-linux-${process.arch}`;
export const bareFile = `${root}node_modules/.cache/kvmnet-bare`;
const npm = `${root}dist/bin/kvmnet.js`;
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const words = (line) => line.split(' ');
const kvmnet = (line, undo) => ({ run: [executable, ...words(line)], ...(undo === undefined ? {} : { undo }) });
const virsh = (line, undo) => ({ run: ['virsh', '-q', ...words(line)], ...(undo === undefined ? {} : { undo }) });
const shell = (script, undo) => ({ run: ['sh', '-ec', script], ...(undo === undefined ? {} : { undo }) });
const bare = (line, undo) => ({ run: [bareFile, ...words(line)], ...(undo === undefined ? {} : { undo }) });
const python = (file, ...args) => ({ run: ['/usr/bin/python3', here(file), ...args] });

/** A program of Bun that only makes virsh's calls: bare.js. */
const theLeast = 'only the calls, by Bun';
/** Commands of virsh that show what kvmnet's own command shows. */
const sameFacts = 'virsh, for the same facts';
const mac = '52:54:00:be:ef:01';
const netGone = ['virsh', '-q', 'net-destroy benchnet; net-undefine benchnet'];
const nicGone = ['virsh', '-q', 'detach-interface', 'vm1', 'network', '--mac', mac, '--config'];
/** What virsh shows, by the same words. */
const asVirsh = (line) => ({
  name: `virsh's ${line}`,
  host: 1,
  commands: { kvmnet: kvmnet(line), virsh: virsh(line) },
  most: { virsh: 1.8 },
  memory: 80,
});
const attach = (most, searched = '') => ({
  rounds: 9,
  commands: {
    kvmnet: kvmnet(`vm attach vm1 bench1 --mac ${mac} --config`, nicGone),
    'virsh attach-interface': virsh(`attach-interface vm1 network bench1 --mac ${mac} --config`, nicGone),
    'virt-xml --add-device': {
      run: [
        'virt-xml',
        ...words(`--connect qemu:///system vm1 --add-device --network network=bench1,mac=${mac} --define`),
      ],
      undo: nicGone,
    },
    [theLeast]: bare(`attach vm1 /run/nic.xml${searched}`, nicGone),
  },
  most,
});
const domiflistOf = (count) => ({
  name: `domiflist of ${count} domains`,
  host: count,
  rounds: count > 500 ? 3 : 5,
  commands: {
    kvmnet: kvmnet('domiflist'),
    'a loop of virsh domiflist': shell('for vm in $(virsh -q list --all --name); do virsh -q domiflist $vm; done'),
    'one virsh, fed by a pipe': shell("virsh -q list --all --name | sed 's/^./domiflist &/' | virsh -q"),
    'a script of python3-libvirt': python('nics.py'),
  },
  most: { 'a loop of virsh domiflist': 0.06, 'a script of python3-libvirt': 1 },
  memory: 160,
});

/**
 * `host` is the number of domains that it has, `nics` of each. `npm` is the most of the npm build's time against `node -e 0`, `memory` of the
 * executable's peak in MiB, `moreMs` of milliseconds more than another command.
 */
export const cases = [
  {
    name: 'help',
    host: 1,
    commands: {
      kvmnet: kvmnet('--help'),
      'virsh help': virsh('help'),
      'npm build': { run: [process.execPath, npm, '--help'] },
      'node -e 0': { run: [process.execPath, '-e', '0'] },
    },
    npm: 1.5,
  },
  {
    name: 'list of 5 networks',
    host: 1,
    commands: {
      kvmnet: kvmnet('net list'),
      'virsh net-list --all': virsh('net-list --all'),
      [sameFacts]: shell(
        'virsh -q net-list --all; for net in $(virsh -q net-list --all --name); do virsh -q net-dumpxml $net; done; ip address; iptables -S LIBVIRT_FWO',
      ),
      'npm build': { run: [process.execPath, npm, 'net', 'list'] },
      'node -e 0': { run: [process.execPath, '-e', '0'] },
    },
    most: { [sameFacts]: 1.8 },
    npm: 1.9,
    memory: 80,
  },
  {
    name: 'list of domains',
    host: 1,
    commands: {
      kvmnet: kvmnet('vm list'),
      'virsh list --all': virsh('list --all'),
      [theLeast]: bare('list'),
    },
    most: { 'virsh list --all': 1.8 },
    memory: 80,
  },
  ...['domiflist vm1', 'net-list --all', 'net-info bench1', 'net-dhcp-leases bench1', 'net-dumpxml bench1'].map(
    asVirsh,
  ),
  {
    name: 'a network with its leases',
    host: 1,
    commands: {
      kvmnet: kvmnet('net show bench1'),
      'virsh net-info': virsh('net-info bench1'),
      [sameFacts]: shell(
        'virsh -q net-info bench1; virsh -q net-dumpxml bench1; virsh -q net-dhcp-leases bench1; ip address; iptables-save; ip6tables-save',
      ),
    },
    most: { [sameFacts]: 1.8 },
    memory: 80,
  },
  {
    name: 'create a network',
    host: 1,
    rounds: 7,
    commands: {
      kvmnet: kvmnet('net create benchnet --nat 192.168.99.0/24 --bridge-name benchnet --no-stp', netGone),
      'three calls of virsh': shell(
        'virsh -q net-define /run/benchnet.xml; virsh -q net-autostart benchnet; virsh -q net-start benchnet',
        netGone,
      ),
      [theLeast]: bare('define /run/benchnet.xml', netGone),
      'ip, iptables and dnsmasq by hand': {
        run: ['sh', '-e', '/run/by-hand'],
        undo: ['sh', '-e', '/run/by-hand-gone'],
      },
    },
    // Why not less: docs/decisions/0022-what-a-change-takes.md
    most: { 'three calls of virsh': 1.4 },
  },
  {
    name: 'create a network, against Ansible',
    host: 1,
    rounds: 3,
    commands: {
      kvmnet: kvmnet('net create benchnet --nat 192.168.99.0/24 --bridge-name benchnet --no-stp', netGone),
      'community.libvirt.virt_net': {
        run: ['ansible-playbook', '-i', 'localhost,', '-c', 'local', here('network.yml')],
        undo: netGone,
      },
    },
  },
  { name: 'attach a NIC', host: 1, ...attach({ 'virsh attach-interface': 4, 'virt-xml --add-device': 0.3 }) },
  {
    name: 'leases of 20 networks',
    host: 1,
    rounds: 5,
    networks: 20,
    commands: {
      kvmnet: kvmnet('net leases'),
      'a loop of virsh net-dhcp-leases': shell(
        'for net in $(virsh -q net-list --name); do virsh -q net-dhcp-leases $net; done',
      ),
    },
    memory: 80,
  },
  {
    name: 'list of 20 bridges',
    host: 1,
    rounds: 7,
    networks: 20,
    commands: {
      kvmnet: kvmnet('bridge list'),
      'a loop of ip and bridge': shell(
        'for name in $(ls /sys/class/net | grep ^bench); do ip -d address show $name; bridge link show master $name; done',
      ),
    },
    memory: 80,
  },
  {
    name: 'list of networks by ssh',
    host: 1,
    rounds: 5,
    commands: {
      kvmnet: kvmnet('-c qemu+ssh://root@127.0.0.1:2022/system?keyfile=/run/ssh/key net list'),
      'virsh net-list --all': virsh('-c qemu+ssh://root@127.0.0.1:2022/system?keyfile=/run/ssh/key net-list --all'),
    },
  },
  domiflistOf(200),
  domiflistOf(1000),
  {
    name: 'list of 1000 domains',
    host: 1000,
    rounds: 7,
    commands: { kvmnet: kvmnet('vm list'), 'virsh list --all': virsh('list --all') },
    most: { 'virsh list --all': 1.5 },
    memory: 160,
  },
  { name: 'attach a NIC on a host with 1000 domains', host: 1000, ...attach({ 'virsh attach-interface': 5 }, ' all') },
  {
    name: '10,000 domains parsed, changed and built',
    host: 1000,
    rounds: 1,
    commands: {
      kvmnet: { run: [process.execPath, here('documents.js'), '/run/vm1.xml', '10000'] },
      "Python's ElementTree": python('documents.py', '/run/vm1.xml', '10000'),
    },
  },
  {
    name: 'domiflist of 10,000 NICs',
    host: 1000,
    nics: 10,
    rounds: 3,
    commands: { kvmnet: kvmnet('domiflist'), "libvirt's calls for it, by python3-libvirt": python('nics.py', 'calls') },
    moreMs: { "libvirt's calls for it, by python3-libvirt": 2000 },
  },
];
