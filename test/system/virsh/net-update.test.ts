import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { kvmnet, virsh, virshEach } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { byKvmnet, byVirsh, documents } from '../../helpers/virsh/parity.ts';

type Words = readonly string[];

const uuid = '00000000-0000-4000-8000-000000000031';

/** Open: libvirt needs no firewall rules for it, so it restarts in half the time. */
const network = (name: string, number: number): string =>
  `<network><name>${name}</name><uuid>00000000-0000-4000-8000-0000000000${number}</uuid><forward mode='open'/>
  <mac address='52:54:00:aa:00:${number}'/><bridge name='p${name}' stp='off' delay='0'/>
  <dns><txt name='t1' value='v1'/><srv service='ldap' protocol='tcp' target='a' port='1'/>
  <host ip='192.168.${number}.20'><hostname>h1</hostname><hostname>h2</hostname></host></dns>
  <ip address='192.168.${number}.1' netmask='255.255.255.0'><dhcp><range start='192.168.${number}.2' end='192.168.${number}.99'/>
    <host mac='52:54:00:00:01:01' name='one' ip='192.168.${number}.10'/>
    <host mac='52:54:00:00:01:02' name='two' ip='192.168.${number}.11'/></dhcp></ip>
  <ip family='ipv6' address='fd00:${number}::1' prefix='64'><dhcp><range start='fd00:${number}::100' end='fd00:${number}::1ff'/>
    <host name='six' ip='fd00:${number}::10'/></dhcp></ip>
  <portgroup name='web' default='yes'/></network>`;

const routed = `<network><name>upout</name><uuid>00000000-0000-4000-8000-000000000033</uuid><forward mode='nat'/>
  <mac address='52:54:00:aa:00:33'/><bridge name='pupout' stp='off' delay='0'/><ip address='192.168.33.1' netmask='255.255.255.0'/></network>`;

const host = (attributes: string): string => `<host ${attributes}/>`;
const three = host("mac='52:54:00:00:01:03' ip='192.168.31.12'");
const two = host("mac='52:54:00:00:01:02' name='two' ip='192.168.31.11'");

/** Words behind `net-update upon`, a network that is active. */
const live: readonly Words[] = [
  ...['add', 'add-last', 'add-first'].map((command): Words => [command, 'ip-dhcp-host', three]),
  ['add', 'ip-dhcp-host', three, '--live'],
  ['add', 'ip-dhcp-host', three, '--config'],
  ['add', 'ip-dhcp-host', three, '--live', '--config'],
  ['add', 'ip-dhcp-host', three, '--current'],
  ['add', 'ip-dhcp-host', three, '--current', '--live'],
  ['add', 'ip-dhcp-host', three, '--current', '--config'],
  ['add', 'ip-dhcp-host', three, '0', '--live', '--config'],
  ['add', 'ip-dhcp-host', three, '--parent-index', '0'],
  ['add', 'ip-dhcp-host', three, '--parent-index', '1'],
  ['add', 'ip-dhcp-host', three, '--parent-index', '7'],
  ['add', 'ip-dhcp-host', three, '--parent-index', 'x'],
  ['--command', 'add', '--section', 'ip-dhcp-host', '--xml', three, '--live'],
  ['--xml', three, 'add', 'ip-dhcp-host'],
  ['add', 'ip-dhcp-host', two, '--live', '--config'],
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:01' ip='192.168.31.30'")],
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:09' ip='192.168.31.10'")],
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:09' ip='10.1.1.1'")],
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:09' ip='192.168.31.1'")],
  ['add', 'ip-dhcp-host', host("mac='nonsense' ip='192.168.31.30'")],
  ['add', 'ip-dhcp-host', host("name='only' ip='192.168.31.30'")],
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:09'")],
  ['add', 'ip-dhcp-host', '<range/>'],
  ['add', 'ip-dhcp-host', '<host'],
  ['add', 'ip-dhcp-host', '@host'],
  ['add', 'ip-dhcp-host', '/nosuch.xml'],
  ['add', 'ip-dhcp-host', ''],
  ['add', 'ip-dhcp-host'],
  ['add', 'ip-dhcp-host', three, '--live', '--nosuch'],
  ['add', 'ip-dhcp-host', host("name='seven' ip='fd00:31::11'"), '--parent-index', '1', '--live', '--config'],
  ['modify', 'ip-dhcp-host', host("mac='52:54:00:00:01:02' name='two' ip='192.168.31.40'"), '--live', '--config'],
  ['modify', 'ip-dhcp-host', host("mac='52:54:00:00:01:0f' ip='192.168.31.11'")],
  ['modify', 'ip-dhcp-host', host("mac='52:54:00:00:01:0e' ip='192.168.31.77'"), '--live', '--config'],
  ['delete', 'ip-dhcp-host', two],
  ['delete', 'ip-dhcp-host', two, '--live', '--config'],
  ['delete', 'ip-dhcp-host', host("mac='52:54:00:00:01:02'"), '--config'],
  ['delete', 'ip-dhcp-host', host("ip='192.168.31.11'"), '--live', '--config'],
  ['delete', 'ip-dhcp-host', host("mac='52:54:00:00:01:0e'"), '--live', '--config'],
  ['delete', 'ip-dhcp-host', host("name='six' ip='fd00:31::10'"), '1', '--live', '--config'],
  ['add', 'ip-dhcp-range', "<range start='192.168.31.110' end='192.168.31.120'/>", '--live', '--config'],
  ['add', 'ip-dhcp-range', "<range start='192.168.31.50' end='192.168.31.60'/>"],
  ['add', 'ip-dhcp-range', "<range start='192.168.31.2' end='192.168.31.99'/>", '--live', '--config'],
  ['delete', 'ip-dhcp-range', "<range start='192.168.31.2' end='192.168.31.99'/>", '--live', '--config'],
  ['delete', 'ip-dhcp-range', "<range start='192.168.31.2' end='192.168.31.98'/>"],
  ['modify', 'ip-dhcp-range', "<range start='192.168.31.2' end='192.168.31.90'/>"],
  ['add', 'dns-host', "<host ip='192.168.31.21'><hostname>h3</hostname></host>", '--live', '--config'],
  ['add', 'dns-host', "<host ip='192.168.31.20'><hostname>h3</hostname></host>"],
  ['delete', 'dns-host', "<host ip='192.168.31.20'/>", '--live', '--config'],
  ['delete', 'dns-host', '<host><hostname>h2</hostname></host>', '--live', '--config'],
  ['delete', 'dns-host', '<host><hostname>h9</hostname></host>'],
  ['modify', 'dns-host', "<host ip='192.168.31.20'><hostname>h3</hostname></host>"],
  ['add', 'dns-txt', "<txt name='t2' value='v2'/>", '--live', '--config'],
  ['add', 'dns-txt', "<txt name='t1' value='v9'/>"],
  ['delete', 'dns-txt', "<txt name='t1'/>", '--live', '--config'],
  ['modify', 'dns-txt', "<txt name='t1' value='v2'/>"],
  ['add', 'dns-srv', "<srv service='sip' protocol='udp' target='b' port='2'/>", '--live', '--config'],
  ['delete', 'dns-srv', "<srv service='ldap' protocol='tcp'/>", '--live', '--config'],
  ['delete', 'dns-srv', "<srv service='none' protocol='tcp'/>"],
  ['add', 'portgroup', "<portgroup name='db'/>", '--live', '--config'],
  ['add', 'portgroup', "<portgroup name='web'/>"],
  [
    'modify',
    'portgroup',
    "<portgroup name='web'><bandwidth><inbound average='9'/></bandwidth></portgroup>",
    '--live',
    '--config',
  ],
  ['modify', 'portgroup', "<portgroup name='none'/>"],
  ['delete', 'portgroup', "<portgroup name='web'/>", '--live', '--config'],
  ['delete', 'portgroup', "<portgroup name='none'/>"],
  ['add', 'forward-interface', "<interface dev='eth9'/>"],
  ...['bridge', 'domain', 'ip', 'forward', 'forward-pf'].map((section): Words => ['modify', section, '<x/>']),
  ['none', 'ip-dhcp-host', three],
  ['add', 'none', three],
  ['Add', 'ip-dhcp-host', three],
  ['add', 'ip-dhcp', three],
];

/** The same of `upoff`, a network that is not. */
const off: readonly Words[] = [
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:03' ip='192.168.32.12'")],
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:03' ip='192.168.32.12'"), '--live'],
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:03' ip='192.168.32.12'"), '--config'],
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:03' ip='192.168.32.12'"), '--live', '--config'],
  ['add', 'ip-dhcp-host', host("mac='52:54:00:00:01:03' ip='192.168.32.12'"), '--current'],
  ['delete', 'dns-txt', "<txt name='t1'/>"],
];

const out: readonly Words[] = [
  ['add', 'forward-interface', "<interface dev='eth9'/>"],
  ['add', 'forward-interface', "<interface dev='eth9'/>", '--config'],
];

const titled = (lines: readonly Words[]) => lines.map((words) => [words.join(' '), words] as const);

const names = ['upon', 'upoff', 'upout'] as const;
type Name = (typeof names)[number];

onPrivateHost('net-update', () => {
  let files: Awaited<ReturnType<typeof documents<Name | 'host'>>>;
  const base: Record<string, readonly string[]> = {};

  /** The live and the persistent definition; of an inactive network the persistent one twice. */
  const state = (name: string): Promise<readonly string[]> =>
    virshEach([`net-dumpxml ${name}`, `net-dumpxml ${name} --inactive`]);

  /** Makes a network as each line finds it. It is restarted only where it runs otherwise: that takes as long as ten lines. */
  async function restore(name: Name, now?: readonly string[]): Promise<void> {
    const [live, config] = now ?? (await state(name));
    const define = `net-define ${files.path(name)}`;
    if (live !== base[name]?.[0] && name === 'upon') await virsh(`net-destroy upon; ${define}; net-start upon`);
    else if (config !== base[name]?.[1]) await virsh(define);
  }

  async function after(tool: typeof byVirsh, name: Name, words: Words): Promise<unknown> {
    const line = ['net-update', name, ...words].map((word) => word.replace(/^@host$/, files.path('host')));
    const said = await tool(line);
    const left = await state(name);
    await restore(name, left);
    return { ...said, left };
  }

  beforeAll(async () => {
    files = await documents({ upon: network('upon', 31), upoff: network('upoff', 32), upout: routed, host: three });
    await virsh(`${names.map((name) => `net-define ${files.path(name)}`).join('; ')}; net-start upon`);
    for (const name of names) base[name] = await state(name);
  });

  afterAll(async () => {
    await virsh(`net-destroy upon; ${names.map((name) => `net-undefine ${name}`).join('; ')}`);
    await files.remove();
  });

  it.each(titled(live))(
    'of an active network prints, returns and leaves what virsh does: %s',
    async (_title, words) => {
      expect(await after(byKvmnet, 'upon', words)).toEqual(await after(byVirsh, 'upon', words));
    },
  );

  it.each(titled(off))('of an inactive network does: %s', async (_title, words) => {
    expect(await after(byKvmnet, 'upoff', words)).toEqual(await after(byVirsh, 'upoff', words));
  });

  it.each(titled(out))('of a NAT network does: %s', async (_title, words) => {
    expect(await after(byKvmnet, 'upout', words)).toEqual(await after(byVirsh, 'upout', words));
  });

  it.each([
    ['net-update'],
    ['net-update nosuch add ip-dhcp-host <host/>'],
    [`-q net-update ${uuid} delete dns-txt <txt/>`],
    ['-r net-update upon add portgroup <portgroup/>'],
  ])('prints what virsh prints: %s', async (line) => {
    expect(await byKvmnet(line)).toEqual(await byVirsh(line));
  });

  it('refuses a modify that overwrites the reservation of another, where virsh leaves one guest with two', async () => {
    const line = ['net-update', 'upon', 'modify', 'ip-dhcp-host', host("mac='52:54:00:00:01:02' ip='192.168.31.10'")];
    expect(await byVirsh(line)).toMatchObject({ status: 0 });
    expect((await state('upon')).join('').match(/52:54:00:00:01:02/g)).toHaveLength(3);
    await restore('upon');
    const { status, stderr } = await kvmnet(line);
    expect(status).toBe(1);
    expect(stderr).toContain('192.168.31.10 52:54:00:00:01:01 one and 192.168.31.11 52:54:00:00:01:02 two');
    expect(await state('upon')).toEqual(base['upon']);
  });

  it.each([
    ['deletes', 'delete', 'where virsh does nothing'],
    ['adds', 'add', 'where virsh does nothing'],
  ])('with --live --config %s what only one of the two has or lacks, %s', async (_verb, command) => {
    const both = ['net-update', 'upon', command, 'ip-dhcp-host', three, '--live', '--config'];
    await virsh('net-update', 'upon', 'add', 'ip-dhcp-host', three, '--live');
    expect(await byVirsh(both)).toEqual({ stdout: '\n', status: 1 });
    const { stdout, stderr, status } = await kvmnet(both);
    expect({ stdout, status }).toEqual({
      stdout: 'Updated network upon persistent config and live state\n',
      status: 0,
    });
    expect(stderr).toMatch(/^warning: the (configuration does not have it|running network already has it): only the /);
    const left = (await state('upon')).join('').match(/192\.168\.31\.12/g) ?? [];
    expect(left).toHaveLength(command === 'add' ? 2 : 0);
    await restore('upon');
  });

  it('finds the <ip> of an IPv6 address, where virsh wants its number', async () => {
    const line = [
      'net-update',
      'upon',
      'add',
      'ip-dhcp-host',
      host("name='seven' ip='fd00:31::11'"),
      '--live',
      '--config',
    ];
    expect(await byVirsh(line)).toEqual({ stdout: '\n', status: 1 });
    expect(await byKvmnet(line)).toMatchObject({ status: 0 });
    expect((await state('upon')).join('').match(/fd00:31::11/g)).toHaveLength(2);
    await restore('upon');
  });

  it('explains the use of a reservation outside the subnet', async () => {
    const line = ['net-update', 'upon', 'add', 'ip-dhcp-host', host("mac='52:54:00:00:01:09' ip='10.1.1.1'")];
    const { status, stderr } = await kvmnet(line);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^warning: .*10\.1\.1\.1/);
    await restore('upon');
  });

  it('refuses a line break, which would be a line of its own in the configuration of dnsmasq', async () => {
    const line = ['net-update', 'upon', 'add', 'dns-txt', "<txt name='t9' value='v&#10;address=/#/10.0.0.1'/>"];
    expect(await byKvmnet(line)).toEqual({ stdout: '\n', status: 1 });
    expect(await state('upon')).toEqual(base['upon']);
  });

  it('with --dry-run shows the call, and does nothing', async () => {
    const line = ['net-update', 'upon', 'add', 'ip-dhcp-host', three, '--live', '--config', '--dry-run'];
    const { stdout, status } = await kvmnet(line);
    expect(status).toBe(0);
    expect(stdout).toContain(three);
    expect(await state('upon')).toEqual(base['upon']);
  });
});
