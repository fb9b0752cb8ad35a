import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { expectWithin } from '../../helpers/figure.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { answers, knocking } from '../../helpers/reach.ts';

const network = `<network>
  <name>alter</name>
  <uuid>5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7a04</uuid>
  <forward mode='nat'/>
  <bridge name='alter0' stp='off' delay='0'/>
  <mac address='52:54:00:a9:04:01'/>
  <ip address='192.168.204.1' netmask='255.255.255.0'><dhcp><range start='192.168.204.2' end='192.168.204.254'/></dhcp></ip>
  <ip family='ipv6' address='fd00:204::1' prefix='64'><dhcp><range start='fd00:204::100' end='fd00:204::1ff'/></dhcp></ip>
</network>`;

const nic = `<interface type='network'><mac address='52:54:00:a9:04:10'/><source network='alter'/><model type='virtio'/></interface>`;

interface Changed {
  readonly changed: boolean;
  readonly changes: readonly { what: string; when: string; cost?: string }[];
  readonly gaps: readonly { mac: string; seconds: number }[];
}

const dnsmasq = (): Promise<string> => readFile('/run/libvirt/network/alter.pid', 'utf8');
const live = (): Promise<string> => virsh('net-dumpxml', 'alter');
const config = (): Promise<string> => virsh('net-dumpxml', 'alter', '--inactive');

/** State that a refusal must not change. */
const everything = async (): Promise<readonly string[]> => [
  await live(),
  await config(),
  await virsh('net-port-list', 'alter'),
  await virsh('net-list', '--all'),
  await dnsmasq(),
];

async function set(...args: readonly string[]): Promise<Changed> {
  const { stdout, stderr, status } = await kvmnet(['net', 'set', 'alter', ...args, '--json']);
  if (status !== 0) throw new Error(`net set ${args.join(' ')} ended with status ${String(status)}: ${stderr}`);
  return JSON.parse(stdout) as Changed;
}

onPrivateHost('net set', () => {
  let guest: Guest;
  let address: string;

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'alter');
    guest = await makeGuest('alter-guest', { nics: [nic] });
    address = await guest.lease();
    await answers(address);
  });

  afterAll(async () => {
    await guest.remove();
    await virsh('net-destroy', 'alter');
    await virsh('net-undefine', 'alter');
  });

  it('adds a reservation live, keeps dnsmasq running and disconnects no guest, as planned', async () => {
    const pid = await dnsmasq();
    const ports = await virsh('net-port-list', 'alter');
    const option = ['--reserve', '52:54:00:a9:04:20=192.168.204.20,db'];
    const dry = await kvmnet(['net', 'set', 'alter', ...option, '--dry-run']);
    expect(dry.stdout).toContain('live: add reservation 52:54:00:a9:04:20 192.168.204.20 db');
    expect(await config()).not.toContain('204.20');
    const { changes, gaps } = await set(...option);
    expect(changes).toEqual([{ what: 'add reservation 52:54:00:a9:04:20 192.168.204.20 db', when: 'live' }]);
    expect(gaps).toEqual([]);
    for (const xml of [await live(), await config()]) {
      expect(xml).toContain("<host mac='52:54:00:a9:04:20' name='db' ip='192.168.204.20'/>");
    }
    expect(await dnsmasq()).toBe(pid);
    expect(await virsh('net-port-list', 'alter')).toBe(ports);
  });

  it('has nothing to do the second time, and calls nothing that changes anything', async () => {
    const { stdout, stderr, status } = await kvmnet([
      ...['net', 'set', 'alter', '--reserve', '52:54:00:a9:04:20=192.168.204.20,db', '--verbose'],
    ]);
    expect({ stdout, status }).toEqual({ stdout: 'change network alter: nothing to do\n', status: 0 });
    expect(stderr).not.toMatch(/virNetwork(Update|Define|Create|Destroy|SetAutostart)/);
  });

  it("changes a guest's reservation by replacing the old one, and not another guest's", async () => {
    await set('--reserve', '52:54:00:a9:04:21=192.168.204.21');
    await set('--reserve', '52:54:00:a9:04:21=192.168.204.22');
    const xml = await config();
    expect(xml.match(/<host /g)).toHaveLength(2);
    expect(xml).toContain("<host mac='52:54:00:a9:04:21' ip='192.168.204.22'/>");
    expect(await live()).toContain("<host mac='52:54:00:a9:04:20' name='db' ip='192.168.204.20'/>");
  });

  it.each([
    [['--reserve', '52:54:00:a9:04:99=192.168.204.20'], 'is reserved for db, 52:54:00:a9:04:20'],
    [['--reserve', '52:54:00:a9:04:99=192.168.99.20'], '192.168.99.20'],
    [['--reserve', '52:54:00:a9:04:99=192.168.204.1'], '192.168.204.1'],
    [['--mtu', '12'], '--mtu'],
    [['--isolate-ports', '--mode', 'vepa'], '--mode cannot be used with --nat'],
  ])('refuses %s, and touches nothing', async (args, reason) => {
    const before = await everything();
    const { status, stderr } = await kvmnet(['net', 'set', 'alter', ...args, '--yes']);
    expect(status).toBe(2);
    expect(stderr).toContain(reason);
    expect(await everything()).toEqual(before);
  });

  it('changes ranges of both families, DNS entries, portgroups and the outgoing NIC live', async () => {
    const ports = await virsh('net-port-list', 'alter');
    const { changes } = await set(
      ...['--dhcp', '192.168.204.50-192.168.204.200', '--dhcp', 'fd00:204::200-fd00:204::2ff'],
      ...[
        '--dns',
        'db=192.168.204.20',
        '--portgroup',
        'guests',
        '--dev',
        'lo',
        '--reserve',
        '00:03:00:01:52:54:00:a9:04:20=fd00:204::20',
      ],
    );
    expect(new Set(changes.map(({ when }) => when))).toEqual(new Set(['live']));
    expect(changes.map(({ what }) => what)).toContain('remove DHCP range fd00:204::100 - fd00:204::1ff');
    for (const xml of [await live(), await config()]) {
      expect(xml).toMatch(/<forward dev='lo' mode='nat'>/);
      expect(xml.match(/<range /g)).toHaveLength(2);
      expect(xml).toMatch(/fd00:204::2ff.*\n.*<host id='00:03:00:01:52:54:00:a9:04:20' ip='fd00:204::20'\/>/);
      expect(xml).toContain('<hostname>db</hostname>');
      expect(xml).toContain("<portgroup name='guests'>");
    }
    expect(await virsh('net-port-list', 'alter')).toBe(ports);
    await answers(address);
  });

  it('changes only the configuration with --config, and nothing of what waits there by the next change', async () => {
    const { changes } = await set('--domain', 'lab.example', '--config');
    expect(changes).toEqual([{ what: 'domain: none -> name lab.example', when: 'at the next start' }]);
    const { changes: later } = await set('--reserve', '52:54:00:a9:04:30=192.168.204.30');
    expect(later.map(({ when }) => when)).toEqual(['live']);
    expect(await live()).not.toContain('lab.example');
    expect(await config()).toContain('lab.example');
    expect(await config()).toContain('204.30');
  });

  it('reports what requires a restart, which guests it disconnects and for how long, and asks', async () => {
    const args = ['net', 'set', 'alter', '--dhcp', '192.168.204.2-192.168.204.240', '--mtu', '1400'];
    const dry = await kvmnet([...args, '--dry-run']);
    expect(dry.stdout).toContain('restart (1 guest, about 1 s): mtu: none -> size 1400');
    expect(dry.stdout).toContain('cuts off alter-guest: NIC 52:54:00:a9:04:10');
    const before = await everything();
    expect((await kvmnet(args)).status).toBe(2);
    expect(await everything()).toEqual(before);
  });

  it('has a guest answer again without being touched', async () => {
    const knocks = knocking(address);
    const { gaps } = await set('--dhcp', '192.168.204.2-192.168.204.240', '--mtu', '1400', '--yes');
    await answers(address);
    expectWithin('net set: silence', await knocks.longestSilence(), 2);
    expect(gaps.map(({ mac }) => mac)).toEqual(['52:54:00:a9:04:10']);
    for (const { seconds } of gaps) expectWithin('net set: gap', seconds, 2);
    const [bridge] = JSON.parse(await must('ip', ['-j', 'link', 'show', 'dev', 'alter0'])) as { mtu: number }[];
    expect(bridge?.mtu).toBe(1400);
    expect(await live()).toContain("end='192.168.204.240'");
    expect((await virsh('net-port-list', 'alter')).trim().split('\n')).toHaveLength(1);
    const { changed } = await set('--dhcp', '192.168.204.2-192.168.204.240', '--mtu', '1400');
    expect(changed).toBe(false);
  });

  it('gives guests a lease in the new subnet', async () => {
    await set('--nat', '192.168.205.0/24', '--yes');
    address = await guest.newLease(/^192\.168\.205\./, 1);
    await answers(address);
  });

  it('does the same by a socket of the same daemon', async () => {
    const uri = 'qemu+unix:///system?socket=/run/libvirt/libvirt-sock';
    const { status, stdout } = await kvmnet(['-c', uri, 'net', 'set', 'alter', '--stp', '--yes']);
    expect(status).toBe(0);
    const [, seconds] = /52:54:00:a9:04:10 \(vnet\d+\) was cut off for (\d+\.\d) s/.exec(stdout) ?? [];
    // With STP a port listens and learns before it forwards: at least a second each.
    expect(Number(seconds)).toBeGreaterThanOrEqual(2);
    expectWithin('net set with STP on: gap', Number(seconds), 6);
    await answers(address);
    await set('--no-stp', '--yes');
  });

  describe('net edit', () => {
    const folder = '/run/kvmnet-test/edit';

    /** Edits by a script of sed; what it was given is kept. */
    async function edit(script: string, ...args: readonly string[]) {
      await mkdir(folder, { recursive: true });
      await writeFile(
        `${folder}/editor`,
        `#!/bin/bash\n[ "$1" = -x ] || exit 1\nstat -c %a "$2" "$(dirname "$2")" >${folder}/modes\nsed -i '${script}' "$2"\n`,
        { mode: 0o755 },
      );
      return kvmnet(['net', 'edit', 'alter', ...args], { env: { EDITOR: `${folder}/editor -x`, VISUAL: undefined } });
    }

    it('changes nothing if nothing was edited, and hides the definition from other users', async () => {
      const { status, stdout } = await edit('');
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'change network alter: nothing to do\n' });
      expect(await readFile(`${folder}/modes`, 'utf8')).toBe('600\n700\n');
    });

    it('shows the difference, asks, and changes live what can be changed live', async () => {
      const script = 's/192.168.205.254/192.168.205.199/';
      const before = await everything();
      const asked = await edit(script);
      expect(asked.status).toBe(2);
      expect(asked.stderr).toContain("-      <range start='192.168.205.2' end='192.168.205.254'/>\n");
      expect(asked.stderr).toContain("+      <range start='192.168.205.2' end='192.168.205.199'/>\n");
      expect(await everything()).toEqual(before);
      const ports = await virsh('net-port-list', 'alter');
      const done = await edit(script, '--yes');
      expect(done.status).toBe(0);
      expect(done.stderr).toContain('add DHCP range 192.168.205.2 - 192.168.205.199');
      expect(await live()).toContain('192.168.205.199');
      expect(await config()).toContain('192.168.205.199');
      expect(await virsh('net-port-list', 'alter')).toBe(ports);
    });

    it.each([
      ['s/<bridge/<brigde/', 'network/<brigde .* is unknown'],
      ['s/<bridge.*/<bridge/', 'line \\d+'],
      ['s/192.168.205.1\\x27/192.168.205.300\\x27/', '192.168.205.300'],
      ['s/<name>alter/<name>other/', 'name and UUID of network alter cannot be edited'],
    ])('refuses what %s makes of it, and changes nothing', async (script, reason) => {
      const before = await everything();
      const { status, stderr } = await edit(script, '--yes');
      expect(status).toBe(2);
      expect(stderr).toMatch(new RegExp(reason));
      expect(await everything()).toEqual(before);
    });
  });
});
