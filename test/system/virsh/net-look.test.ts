import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { must, run, virsh } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { arrangement, names, networks } from '../../helpers/virsh/networks.ts';
import { byKvmnet, byVirsh, documents, type Line } from '../../helpers/virsh/parity.ts';

const uuid = '00000000-0000-4000-8000-000000000011';
const nobody = '00000000-0000-4000-8000-0000000000ff';
const named = ['nat1', 'Iso1', 'routed', 'open', 'bridged', 'macvtap', 'passing', 'nosuch', uuid, nobody];
const links = ['lo', 'pnic0', 'pbr0', 'nosuch', '52:54:00:bb:00:01', '52:54:00:bb:00:ff'];

/** Each with and without -q. */
const loudAndQuiet = (lines: readonly string[]): string[] => lines.flatMap((line) => [line, `-q ${line}`]);

const lists = loudAndQuiet([
  ...['net-list', 'net-list --all', 'net-list --inactive', 'net-list --persistent', 'net-list --transient'],
  ...['net-list --autostart', 'net-list --no-autostart', 'net-list --all --autostart', 'net-list --all --no-autostart'],
  ...['net-list --inactive --persistent', 'net-list --all --persistent --transient', 'net-list --table --all'],
  ...['net-list --all --autostart --no-autostart', 'net-list --uuid', 'net-list --all --uuid', 'net-list --name --all'],
  ...['net-list --name --uuid', 'net-list --table --name', 'net-list --inactive --all --name'],
  ...['iface-list', 'iface-list --all', 'iface-list --inactive', 'iface-list --all --inactive'],
  ...['nwfilter-list', 'nwfilter-binding-list'],
]);

const ofNetworks = named.flatMap((name) => [
  `net-info ${name}`,
  `net-dumpxml ${name}`,
  `net-dumpxml ${name} --inactive`,
  `net-uuid ${name}`,
  `net-name ${name}`,
  `net-dhcp-leases ${name}`,
  `net-port-list ${name}`,
]);

const ofInterfaces = links.flatMap((name) => [
  `iface-mac ${name}`,
  `iface-name ${name}`,
  `iface-dumpxml ${name}`,
  `iface-dumpxml --inactive ${name}`,
  // udev's driver looks, and does nothing else.
  `iface-start ${name}`,
  `iface-destroy ${name}`,
  `iface-undefine ${name}`,
]);

const xpaths = [
  '//ip',
  '//ip/@address',
  'domain',
  'ip/dhcp/host',
  'name/text()',
  '//nosuch',
  '//dns/*',
  '/',
  '.',
  '//@*',
];
const xmls: Line[] = [
  ...xpaths.flatMap((xpath): Line[] => [
    ['net-dumpxml', 'nat1', '--xpath', xpath],
    ['net-dumpxml', `--xpath=${xpath}`, '--wrap', 'nat1'],
    ['-q', 'net-dumpxml', 'nat1', '--inactive', '--xpath', xpath],
  ]),
  ['net-dumpxml', 'nat1', '--xpath', 'count(//ip)'],
  ['net-dumpxml', 'nat1', '--xpath', ''],
  'net-dumpxml nat1 --wrap',
  'iface-dumpxml lo --xpath //mac',
  'iface-dumpxml lo --xpath //mac --wrap',
  'nwfilter-dumpxml clean-traffic',
  'nwfilter-dumpxml clean-traffic --xpath //rule',
  'nwfilter-dumpxml clean-traffic --xpath //rule --wrap',
  'nwfilter-dumpxml nosuch',
  'nwfilter-binding-dumpxml nosuch',
];

const grammar: Line[] = [
  ...['net-info', 'net-info nat1 x', 'net-info --network nat1', 'net-info --network=nat1', 'net-info --network'],
  ...[
    'net-info -- nat1',
    'net-info -- --network',
    'net-info --Network nat1',
    'net-info nat1 --network nat1',
    '-q net-info',
  ],
  ['net-info', ''],
  ['net-info', '--network', ''],
  ['net-info', '--network='],
  ...['net-list --bogus', 'net-list x', 'net-list --all --all', 'net-list --all=yes', 'net-list --', 'net-list -- x'],
  ...['net-dumpxml nat1 //ip', 'net-dumpxml --inactive nat1', 'net-dumpxml nat1 --xpath'],
  ...[
    'net-dhcp-leases nat1 zz',
    'net-dhcp-leases nat1 52:54:00:00:01:01',
    'net-dhcp-leases --mac 52:54:00:00:01:01 nat1',
  ],
  ['net-dhcp-leases', 'nat1', '--mac', ''],
  ...[
    'net-port-list nat1 --uuid',
    'net-port-list nat1 --table',
    'net-port-list nat1 --uuid --table',
    '-q net-port-list nat1',
  ],
  ...['net-port-dumpxml nat1', 'net-port-dumpxml', 'net-port-delete nat1', 'net-port-create nat1'],
  ...['net-event', 'net-event --list', 'net-event lifecycle', 'net-event --event bogus', '-q net-event --list'],
  ...['net-event --event lifecycle --timeout 1', '-q net-event nat1 lifecycle --timeout 1 --loop --timestamp'],
  ...[
    'net-event --event lifecycle --timeout 0',
    'net-event --event lifecycle --timeout x',
    'net-event --event lifecycle --timeout',
  ],
  ...[
    'iface-bridge pnic0 pnew',
    'iface-bridge pnic0 pbr0',
    'iface-bridge nosuch pnew',
    'iface-bridge pnic0 pnew --delay z',
  ],
  ...[
    'iface-bridge pnic0 pnew --delay -1',
    'iface-bridge pnic0',
    'iface-unbridge pbr0',
    'iface-unbridge lo',
    'iface-unbridge x',
  ],
  ...['iface-begin', 'iface-commit', 'iface-rollback', 'iface-begin x', 'iface-define /nosuch', 'iface-define'],
  ...['nwfilter-undefine nosuch', 'nwfilter-binding-delete nosuch', 'nwfilter-define /nosuch'],
  ...['net-edit nosuch', 'nwfilter-edit nosuch', 'iface-edit nosuch', 'net-edit'],
];

const globals: Line[] = [
  ...[
    '-r net-list',
    '-rq net-list',
    '-r net-destroy nat1',
    '--readonly net-undefine nat1',
    '-r net-autostart nat1',
    '-r net-start Iso1',
  ],
  ...[
    '-r nwfilter-undefine clean-traffic',
    '-c qemu:///system net-list',
    '-cqemu:///system net-list',
    '--quiet net-list --all',
  ],
  ...['--connect=qemu:///system net-list', '--connect qemu:///system --quiet net-list', '-qc qemu:///system net-list'],
  ...['-c qemu:///nosuch net-list', '-c qemu+unix:///system?socket=/run/libvirt/libvirt-sock net-info nat1'],
  ...[
    '-c qemu+unix:///system?socket=/nosuch net-list',
    '-k 5 -K 3 net-list',
    '-e ^A net-list',
    '-d 4 net-list',
    '-l /dev/null net-list',
  ],
  ...['--keepalive-interval=5 net-list', '--no-such net-list', '-z net-list'],
];

const several: Line[] = [
  ['net-list; net-info nat1'],
  ['-q', 'net-list;net-info nat1;'],
  ['net-info nosuch; net-name nosuch ; net-list --all'],
  ['net-list; net-info nosuch'],
  ['net-list; net-list --bogus'],
  ['net-list; nonsense'],
  ["net-info 'nat1'"],
  ['net-info "nat1'],
  ['net-info nat\\1'],
  ['net-info nat1\\'],
  ['  net-list  '],
  ['net-list # and no more; net-info nat1'],
  ['net-list;# nothing\nnet-info nat1'],
  ['net-info\tnat1'],
];

onPrivateHost("virsh's names that look", () => {
  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'pbr0', 'address', '52:54:00:bb:00:02', 'type', 'bridge']);
    await must('ip', [
      'link',
      'add',
      'name',
      'pnic0',
      'address',
      '52:54:00:bb:00:01',
      'type',
      'veth',
      'peer',
      'name',
      'pnic1',
    ]);
    await must('ip', ['link', 'set', 'dev', 'pnic0', 'up']);
    const files = await documents(networks);
    await virsh(names.map((name) => arrangement(name, files.path(name))).join('; '));
    await files.remove();
  });

  afterAll(async () => {
    for (const name of names) await run('virsh', [`net-destroy ${name}; net-undefine ${name}`]);
    await must('ip', ['link', 'delete', 'dev', 'pbr0']);
    await must('ip', ['link', 'delete', 'dev', 'pnic0']);
  });

  // Quoted: jest would take a % for a place of its own.
  const lines = [...lists, ...ofNetworks, ...ofInterfaces, ...xmls, ...grammar, ...globals, ...several];
  const table = lines.map((line) => [JSON.stringify(line).replaceAll('%', '%%'), line] as const);

  it.each(table)('print and return what virsh does: %s', async (_name, line) => {
    expect(await byKvmnet(line)).toEqual(await byVirsh(line));
  });

  it('print times in the time zone of the user', async () => {
    const env = { TZ: 'America/New_York' };
    expect(await byKvmnet('net-dhcp-leases nat1', { env })).toEqual(await byVirsh('net-dhcp-leases nat1', { env }));
  });
});
