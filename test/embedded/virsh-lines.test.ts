import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kvmnet, run } from '../helpers/host.ts';
import { more, networks } from '../helpers/virsh/networks.ts';
import { documents, wordsOf, type Line } from '../helpers/virsh/parity.ts';

// libvirt's test driver lives in the process: what a line changes, the same line shows.
const domain =
  "<domain type='test'><name>web</name><uuid>11111111-2222-4333-8444-555555555555</uuid><memory unit='KiB'>65536</memory><os><type>hvm</type></os><devices><interface type='network'><mac address='52:54:00:aa:00:01'/><source network='default'/><model type='virtio'/></interface></devices></domain>";
const eth =
  "<interface type='ethernet' name='eth7'><start mode='onboot'/><mac address='52:54:00:cc:00:07'/><protocol family='ipv4'><dhcp/></protocol></interface>";
const given = { ...networks, ...more, eth, web: domain, broken: '<network><name>x', nothing: '' };

const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f';
const netUuid = 'dd8fe884-6c02-601e-7551-cca97df1c5df';

/** Each group is one test: the lines of a group have a thing in common. */
const groups: Readonly<Record<string, readonly Line[]>> = {
  'looks at domains': [
    ...['list', 'list --all', 'list --inactive', 'list --name', 'list --uuid', 'list --all --name', 'list --id'],
    ...['list --persistent', 'list --transient', 'list --autostart', 'list --no-autostart', 'list --state-running'],
    ...['list --state-paused', 'list --state-shutoff', 'list --state-other', 'list --table', 'list --table --name'],
    ...['list --name --uuid', 'list --all --title', 'list --managed-save', 'list --with-snapshot', 'list --nosuch'],
    ...['list extra', '-q list --all', 'domstate test', 'domstate test --reason', 'domstate nosuch', 'domstate'],
    ...['domid test', 'domid nosuch', `domid ${uuid}`, 'domid 1', 'domuuid test', 'domuuid 1', `domuuid ${uuid}`],
    ...['domname 1', `domname ${uuid}`, 'domname test', 'domname 99', 'domuuid nosuch', 'domname'],
    ...['dumpxml test', 'dumpxml test --inactive', 'dumpxml test --security-info', 'dumpxml nosuch', 'dumpxml'],
    ...['dumpxml test --xpath //uuid', 'dumpxml --domain test', 'dumpxml --domain=1', `dumpxml ${uuid}`],
    ...['dominfo nosuch', 'domiflist test', 'domiflist test --inactive', 'domiflist', 'domiflist test other'],
    ...['domiflist nosuch', '-q domiflist test', 'domiflist --domain test', 'domiflist 1', 'domifaddr test'],
    ...['domifaddr nosuch', 'domifaddr test --source nosuch', 'domif-getlink test nosuch', 'domifstat nosuch x'],
  ],
  'looks at the connection': [
    ...['uri', 'version', 'version --daemon', 'hostname', 'nodeinfo', 'uri extra', 'nodeinfo --x', '-q uri'],
  ],
  'changes domains': [
    ['suspend test; list; resume test; list'],
    ['destroy test; list --all; start test; list --all'],
    ['shutdown test; list --all'],
    ['reboot test; domstate test'],
    ['autostart test; list --autostart; autostart test --disable; list --autostart'],
    ['define @web; list --all; start web; list --all; domiflist web; destroy web; undefine web; list --all'],
    ['define @web; start web --paused; domstate web --reason; resume web; domstate web --reason'],
    ['define @web; autostart web; dumpxml web --inactive; undefine web'],
    ['define @web; undefine web --nvram; list --all'],
    ['define @web; define @web; list --all'],
    ['-q', 'define @web; start web; destroy web; undefine web'],
    ...['start test', 'start nosuch', 'start 1', 'start', 'start test --nosuch', 'suspend nosuch', 'resume test'],
    ...['destroy nosuch', 'destroy test --graceful', 'shutdown nosuch', 'shutdown test --mode acpi'],
    ...['shutdown test --mode ,', 'shutdown nosuch --mode nosuch', 'undefine nosuch --nvram --keep-nvram'],
    ...['shutdown test --mode nosuch', 'reboot nosuch', 'reboot test --mode acpi', 'undefine nosuch', 'undefine test'],
    ...['autostart nosuch', 'autostart', 'define', 'define /nosuch.xml', 'define @broken', 'define @nothing'],
    ...['define @nat1', 'define @web --validate', 'define @web extra', '-r destroy test', '-r define @web'],
    ['destroy test; destroy test'],
    ['destroy test; suspend test'],
    ['destroy test; shutdown test'],
    ['destroy test; reboot test'],
    ['destroy test; resume test'],
    ['destroy test; domid test; domstate test --reason'],
    ['suspend test; suspend test'],
    ['define @web; autostart web; list --all --autostart; destroy web'],
  ],
  'looks at networks': [
    ...['net-list', 'net-list --all', 'net-list --name', 'net-list --uuid', 'net-list --table --name', '-q net-list'],
    ...['net-list --inactive', 'net-list --transient', 'net-list --nosuch', 'net-list extra', 'net-info default'],
    ...['net-info nosuch', 'net-info', 'net-info default extra', `net-info ${netUuid}`],
    ...['net-info --network default', 'net-info --network=default', 'net-info --network', 'net-info --network='],
    ...['net-info --network default --network default', 'net-info -- default', 'net-info -- --network'],
    ...['net-uuid default', 'net-uuid nosuch', `net-name ${netUuid}`, 'net-name default'],
    ...['net-dumpxml default', 'net-dumpxml nosuch', 'net-dumpxml default --inactive=1'],
    ...[
      'net-dumpxml default --xpath //ip',
      'net-dhcp-leases default',
      'net-dhcp-leases nosuch',
      'net-port-list default',
    ],
    ...['net-port-list nosuch', 'net-port-list default --uuid --table', 'net-event --list', 'net-event'],
    ...['net-event --timeout x', 'net-event --timeout 0 lifecycle', 'net-event default --event nosuch'],
  ],
  'changes networks': [
    ['net-define @fresh; net-start fresh; net-list; net-destroy fresh; net-undefine fresh; net-list --all'],
    ['net-create @passing; net-list; net-destroy passing; net-list --all'],
    ['net-autostart default; net-list; net-autostart default --disable; net-list'],
    ['net-destroy default; net-start default; net-list'],
    ['net-destroy default; net-undefine default; net-list --all; net-info default'],
    ...['net-start nosuch', 'net-start', 'net-destroy nosuch', 'net-undefine nosuch'],
    ...['net-autostart nosuch', 'net-define /nosuch.xml', 'net-create /nosuch.xml', 'net-define'],
    ...['net-update default add ip-dhcp-host', 'net-update', '-r net-destroy default'],
    ...['net-update default add ip-dhcp-host <host/> --parent-index x', 'net-update nosuch add ip-dhcp-host <host/>'],
    ...['net-update default add ip-dhcp-host <host/> --live --current'],
  ],
  'looks at interfaces and filters': [
    ...['iface-list', 'iface-list --all', 'iface-list --all --inactive', 'iface-mac eth1', 'iface-mac nosuch'],
    ...['iface-name aa:bb:cc:dd:ee:ff', 'iface-name nosuch', 'iface-name 52:54:00:00:00:01', 'iface-dumpxml eth1'],
    ...['iface-dumpxml nosuch', 'iface-dumpxml', 'iface-start eth1', 'iface-start nosuch', 'iface-destroy nosuch'],
    ...['iface-undefine nosuch', 'iface-define /nosuch', 'iface-begin extra', 'iface-commit', 'iface-rollback'],
    ['iface-begin; iface-begin'],
    ['iface-begin; iface-commit; iface-commit'],
    ['iface-define @eth; iface-list --all; iface-start eth7; iface-undefine eth7; iface-list --all'],
    ...['nwfilter-dumpxml nosuch', 'nwfilter-undefine nosuch', 'nwfilter-define /nosuch'],
    ...['nwfilter-binding-list', 'nwfilter-binding-dumpxml nosuch', 'nwfilter-binding-delete nosuch'],
  ],
  'looks at things as everyday scripts do': [
    ...['list --all --name --id', 'list --all --id --uuid --name', 'list --all --persistent --name', 'domstate 01'],
    ...['domname 01', 'domuuid 01', 'domid 01', 'domstate --domain test --reason', 'domifstat test nosuch'],
    ...['domif-setlink test testnet0 sideways', 'domif-setlink test testnet0 down', 'domiftune test nosuch'],
    ...['domiftune test testnet0 --inbound 100', 'domiftune test nosuch --inbound 100'],
    ...[
      'detach-interface test bridge --mac 52:54:00:00:00:01',
      'detach-interface test network --mac 52:54:00:00:00:01',
    ],
    ...['net-event default lifecycle --timeout 1', 'net-define /', 'net-define @broken', 'net-define @nothing'],
    ...['net-create @broken', 'net-define @web', 'net-create @web', 'define /', 'net-start default'],
    ['net-destroy default; net-destroy default'],
    ...[`net-uuid ${netUuid}`, `net-info ${uuid}`, `net-name ${uuid}`, `net-port-list ${uuid}`, `net-start ${uuid}`],
    ...['net-port-dumpxml default x', 'net-port-dumpxml nosuch x', 'net-port-delete default x', 'nwfilter-list'],
    ...[`nwfilter-dumpxml ${uuid}`, 'console test', 'console nosuch', 'console test x', 'console'],
    ['dumpxml', 'test', '--xpath', 'count(//interface)'],
    ['dumpxml', 'test', '--xpath', '//interface/mac/@address'],
    ['connect nosuch'],
    ...[[';'], [' ; '], ['#x'], ['echo --shell --xml x'], ['echo --split a,b']],
  ],
  'reads lines': [
    ['list --all; net-list'],
    ['list --all;net-list;'],
    [';; list ;'],
    ['list\nnet-list\n'],
    ['list # comment; net-list'],
    ["net-info 'default'"],
    ['net-info "default"'],
    ['net-info def\\ault'],
    ['net-info "default'],
    ['list \\'],
    ['nosuch'],
    ['list; nosuch'],
    ['nosuch; list'],
    ['list --nosuch; net-list'],
    ['net-list; net-info'],
    [''],
    ['net-info nosuch; net-list'],
    ['net-list; net-info nosuch'],
    ['echo a b', 'c'],
    ...['echo a b  c', 'echo --shell it', 'echo --xml <a>', 'echo', 'pwd', 'cd /', 'quit', 'exit', 'quit extra'],
    ['echo --shell "a b"; echo --xml "<a&b>"; echo --shell ""'],
    ['echo --err x'],
    ['list; quit; net-list'],
    ['connect test:///default; list'],
    ['connect test:///default --readonly; destroy test; list'],
    ['connect nosuch:///x; list'],
    ['echo x; connect; uri'],
  ],
  'hands what kvmnet does not have to virsh': [
    ...['pool-list', 'pool-info default-pool', 'pool-info nosuch', 'vol-list default-pool', 'capabilities', 'sysinfo'],
    ...['nodedev-list', 'domblklist test', 'vcpucount test', 'setmem test', 'snapshot-list test', 'console nosuch'],
    ...['list --managed-save --all', 'start test --console', 'undefine nosuch --storage x', 'help', 'help list'],
    ...['help network', 'help nosuch', 'list --help', 'net-list --help', 'pool-list --help', 'desc test'],
    ['pool-list; net-list; pool-list --all; list'],
    ['net-list; pool-info nosuch; net-list'],
    ['-q', 'pool-list; net-list'],
    ['pool-list; nosuch'],
  ],
};

const options: readonly Line[] = [
  ...['-v', '--version', '-V', '--version=long', '--version=short', '-h', '--help', '-q list', '-rq list', '-tq'],
  ...['--quiet list', '--qui list', '--read list', '--con test:///default list', '--connect=test:///default list'],
  ...['-ctest:///default list', '-c', '--connect', '--nosuch list', '-z list', '--re', '--keepalive 5 list', '-d'],
  ...['-d 4 list', '-d x list', '-d 9 list', '-d 0 net-list', '-k 5 list', '-k x list', '-k -1 list', '-K x list'],
  ...['-K 3 -k 5 net-list', '-e ^] net-list', '-e xx net-list', '-e ^ net-list', '-- net-list', '--quiet=1 list'],
  ...['-c nosuch:///x list', '-c nosuch:///x net-list', '-c nosuch:///x echo a'],
  ...[
    '-c nosuch list',
    '-c qemu net-list',
    '-q -c nosuch:///x pool-list',
    '-qr net-list --all',
    '-l /nosuch/log net-list',
    '--debug=4 net-list',
  ],
];

/** kvmnet's own words come after virsh's: hints, and warnings where virsh is silent. */
const withoutOurs = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => !/^(hint|warning): /.test(line))
    .join('\n');

const steady = (text: string): string =>
  text.replaceAll(/(Time:|CPU time:) .*/g, '$1 …').replaceAll('libvirt-sock-ro', 'libvirt-sock');

describe('behind the word virsh, a line prints, returns and does what it does with virsh:', () => {
  let files: Awaited<ReturnType<typeof documents<keyof typeof given>>>;

  beforeAll(async () => {
    files = await documents(given);
  });

  afterAll(() => files.remove());

  const place = (text: string): string =>
    text.replaceAll(/(^| )@(\w+)/g, (_, blank: string, name: 'eth') => blank + files.path(name));

  const compare = async (lines: readonly Line[], before: readonly string[]): Promise<void> => {
    const told = { virsh: {} as Record<string, unknown>, kvmnet: {} as Record<string, unknown> };
    for (const line of lines) {
      const words = [...before, ...wordsOf(line).map(place)];
      const [theirs, ours] = await Promise.all([run('virsh', words), kvmnet(['virsh', ...words])]);
      const key = wordsOf(line).join(' ');
      const seen = ({ stdout, stderr, status }: typeof theirs) => ({
        ...{ stdout: steady(stdout), stderr: steady(withoutOurs(stderr)), status },
      });
      told.virsh[key] = seen(theirs);
      told.kvmnet[key] = seen(ours);
    }
    expect(told.kvmnet).toEqual(told.virsh);
  };

  it.each(Object.entries(groups))('%s', async (_title, lines) => {
    await compare(lines, ['-c', 'test:///default']);
  });

  it('has options before the command', async () => {
    await compare(options, []);
  });
});
