import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDaemon } from '../../helpers/daemon.ts';
import { killDaemon, kvmnetWithFault } from '../../helpers/fault/fault.ts';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, settledLinks, snapshot } from '../../helpers/snapshot.ts';
import { waitFor } from '../../helpers/wait.ts';

async function done(...args: readonly string[]): Promise<string> {
  const { stdout, stderr, status } = await kvmnet(args);
  expect({ args, stderr, status }).toEqual({ args, stderr: '', status: 0 });
  return stdout;
}

async function refused(...args: readonly string[]): Promise<string> {
  await settledLinks();
  const before = await snapshot();
  const { stdout, stderr, status } = await kvmnet(args);
  expect({ args, stdout, status }).toEqual({ args, stdout: '', status: 2 });
  await expectUnchanged(before);
  return stderr;
}

interface IpLink {
  readonly address: string;
  readonly master?: string;
  readonly flags: readonly string[];
  readonly linkinfo?: { readonly info_data?: Readonly<Record<string, number>> };
}

/** Undefined where it does not exist. */
async function linkOf(name: string): Promise<IpLink | undefined> {
  const { stdout } = await run('ip', ['-j', '-d', 'link', 'show', 'dev', name]);
  return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as IpLink[])[0];
}

const guestMac = '52:54:00:00:00:61';

onPrivateHost('bridges of the host', () => {
  let guest: Guest;

  beforeAll(async () => {
    for (const nic of ['eno1', 'eno2', 'eno3']) {
      await must('ip', ['link', 'add', 'name', nic, 'type', 'veth', 'peer', 'name', `${nic}-wire`]);
      for (const end of [nic, `${nic}-wire`]) {
        await must('ip', ['link', 'set', 'dev', end, 'addrgenmode', 'none']);
        await must('ip', ['link', 'set', 'dev', end, 'up']);
      }
    }
    await done('bridge', 'create', 'br0', '--port', 'eno1', '--address', '192.168.77.1/24');
    const nic = `<interface type='bridge'><mac address='${guestMac}'/><source bridge='br0'/></interface>`;
    guest = await makeGuestWithoutSystem('VM1', { nics: [nic] });
  });

  afterAll(async () => {
    await guest.remove();
    await run('ip', ['link', 'delete', 'dev', 'br0']);
    for (const nic of ['eno1', 'eno2', 'eno3']) await must('ip', ['link', 'delete', 'dev', nic]);
  });

  it('come with STP off, no delay and their port, up', async () => {
    const bridge = await linkOf('br0');
    expect(bridge?.linkinfo?.info_data).toMatchObject({ stp_state: 0, forward_delay: 0 });
    expect(bridge?.flags).toContain('UP');
    expect((await linkOf('eno1'))?.master).toBe('br0');
    const again = await done('bridge', 'create', 'br0', '--port', 'eno1', '--address', '192.168.77.1/24');
    expect(again).toBe('create bridge br0 with eno1: nothing to do\n');
  });

  it('are listed with ports, address, MAC and the VMs that use them', async () => {
    const mac = (await linkOf('br0'))?.address;
    const lines = (await done('bridge', 'list')).split('\n');
    expect(lines[0]).toMatch(/^Bridge +State +Ports +STP +MAC +Address +VMs +Network$/);
    expect(lines[1]).toMatch(new RegExp(`^br0 +up +eno1 vnet\\d+ +off +${mac} +192\\.168\\.77\\.1/24 +VM1 +-$`));
    const shown = JSON.parse(await done('bridge', 'show', 'br0', '--json'));
    expect(shown[0].nics).toMatchObject([{ domain: 'VM1', nic: 0, mac: guestMac, live: true, config: true }]);
    const text = await done('bridge', 'show', 'br0');
    expect(text).toMatch(/^Port +eno1: forwarding, cost \d+$/m);
    expect(text).toMatch(/^Port +vnet\d+: (forwarding|down), .*of VM1$/m);
    expect(text).toMatch(new RegExp(`^Guest +VM1: NIC 0, ${guestMac} \\(vnet\\d+\\)$`, 'm'));
  });

  it('show which MAC address belongs to which NIC', async () => {
    // A frame with the guest's MAC: it has no system to send one.
    const port = JSON.parse(await done('bridge', 'show', 'br0', '--json'))[0].ports[1].name as string;
    await must('bridge', ['fdb', 'replace', guestMac, 'dev', port, 'master', 'dynamic']);
    const macs = await done('bridge', 'macs', 'br0');
    expect(macs).toMatch(new RegExp(`^${guestMac} +${port} +- +VM1 +0 +\\d+ s ago$`, 'm'));
    const all = JSON.parse(await done('bridge', 'macs', 'br0', '--all', '--json'));
    expect(all).toContainEqual(expect.objectContaining({ mac: (await linkOf('br0'))?.address, learned: false }));
  });

  it('are all shown without a name', async () => {
    await must('ip', ['link', 'add', 'name', 'br6', 'up', 'type', 'bridge']);
    const show = async (...names: readonly string[]) =>
      JSON.parse(await done('bridge', 'show', ...names, '--json')) as { name: string }[];
    expect((await show()).map(({ name }) => name)).toEqual(['br0', 'br6']);
    expect((await show('br6', 'br0')).map(({ name }) => name)).toEqual(['br6', 'br0']);
    expect((await done('bridge', 'show')).match(/^Bridge +\S+$/gm)).toHaveLength(2);
    const macs = JSON.parse(await done('bridge', 'macs', '--all', '--json')) as { bridge: string }[];
    expect([...new Set(macs.map(({ bridge }) => bridge))].sort()).toEqual(['br0', 'br6']);
    expect((await done('bridge', 'macs', '--all')).split('\n')[0]).toMatch(/^Bridge +MAC /);
    await must('ip', ['link', 'delete', 'dev', 'br6']);
  });

  it('are named for programs with what a change made of them, and undone and redone by their names', async () => {
    const json = async (...args: readonly string[]) => JSON.parse(await done(...args, '--json'));
    expect(await json('bridge', 'create', 'br8', '--port', 'eno3', '--address', '192.168.78.1/24')).toMatchObject({
      changed: true,
      links: ['br8'],
      devices: expect.arrayContaining([
        expect.objectContaining({
          ...{ name: 'br8', kind: 'bridge', mac: (await linkOf('br8'))?.address, addresses: ['192.168.78.1/24'] },
        }),
        expect.objectContaining({ name: 'eno3', master: 'br8' }),
      ]),
    });
    expect(await done('undo')).toBe('undone: create bridge br8 with eno3\n');
    expect(await done('undo', '1')).toBe('redone: create bridge br8 with eno3\n');
    expect(await json('bridge', 'delete', 'br8', '--yes')).toMatchObject({
      devices: expect.arrayContaining([{ name: 'br8', deleted: true }]),
    });
  });

  it('keep their MAC when ports are added and removed, also a bridge that another program created', async () => {
    await must('ip', ['link', 'add', 'name', 'br5', 'type', 'bridge']);
    const macs = async (): Promise<unknown> => [(await linkOf('br0'))?.address, (await linkOf('br5'))?.address];
    const before = await macs();
    await must('ip', ['link', 'set', 'dev', 'eno2', 'address', '00:00:5e:00:53:01']); // the lowest of all
    await done('bridge', 'add-port', 'br0', 'eno2');
    await done('bridge', 'add-port', 'br5', 'eno3');
    expect(await macs()).toEqual(before);
    await done('bridge', 'del-port', 'br0', 'eno2', '--yes');
    await done('bridge', 'del-port', 'br5', 'eno3');
    expect(await macs()).toEqual(before);
    await done('bridge', 'delete', 'br5');
  });

  it('have their settings changed, and changed back', async () => {
    const data = async (): Promise<unknown> => (await linkOf('br0'))?.linkinfo?.info_data;
    const settings = { stp_state: 0, forward_delay: 0, ageing_time: 30000, priority: 32768 };
    expect(await data()).toMatchObject(settings);
    await done('bridge', 'set', 'br0', 'ageing-time=60', 'priority=4096');
    expect(await data()).toMatchObject({ ...settings, ageing_time: 6000, priority: 4096 });
    await done('undo');
    expect(await data()).toMatchObject(settings);
    expect((await kvmnet(['bridge', 'stp', 'br0', 'on'])).status).toBe(0);
    expect(await data()).toMatchObject({ ...settings, stp_state: 1, forward_delay: 200 });
    await done('undo');
    expect(await data()).toMatchObject(settings);
  });

  it("leave a guest's own port to vm move and vm detach", async () => {
    const port = JSON.parse(await done('bridge', 'show', 'br0', '--json'))[0].ports[1].name as string;
    expect(await refused('bridge', 'del-port', 'br0', port)).toContain(`kvmnet vm move VM1 ${port} BRIDGE`);
    expect(await refused('bridge', 'add-port', 'br0', port)).toContain(`${port} is a NIC of VM VM1`);
  });

  it('are deleted only with consent, and undo restores them with the guest attached', async () => {
    await settledLinks();
    const before = await snapshot();
    const asked = await refused('bridge', 'delete', 'br0');
    expect(asked).toMatch(/VM1 is cut off: its NIC 52:54:00:00:00:61 \(vnet\d+\) is attached to br0/);
    expect(asked).toContain('VM1 cannot start any more');
    expect(asked).toContain('the host loses 192.168.77.1/24 on br0');
    expect(asked).toContain('eno1 will no longer belong to any bridge');
    await done('bridge', 'delete', 'br0', '--yes');
    expect(await linkOf('br0')).toBeUndefined();
    await done('undo', '--yes');
    await waitFor(
      'everything to be as before',
      async () => JSON.stringify(await snapshot()) === JSON.stringify(before),
    );
  });

  it('ask before the host loses what is behind a port of its guests', async () => {
    expect(await refused('bridge', 'del-port', 'br0', 'eno1')).toContain(
      'what is behind eno1 and the guests of br0 no longer reach each other: VM1',
    );
  });

  describe('when kvmnet is killed in the middle', () => {
    it.each([
      ['the same command finishes it', ['bridge', 'delete', 'br6', 'br7'], []],
      ['another one undoes it', ['bridge', 'stp', 'br0', 'off'], ['br6', 'br7']],
    ])('%s', async (_what, next, left) => {
      await done('bridge', 'create', 'br6', '--port', 'eno2');
      await done('bridge', 'create', 'br7', '--port', 'eno3');
      const fault = { line: 'begin: delete bridge br7', signal: 'SIGKILL' } as const;
      const killed = await kvmnetWithFault(fault, ['bridge', 'delete', 'br6', 'br7', '--yes']);
      expect(killed.status).toBe(137);
      expect((await kvmnet([...next, '--yes'])).status).toBe(0);
      const bridges = JSON.parse(await done('bridge', 'list', '--json')) as {
        name: string;
        ports: { name: string }[];
      }[];
      const found = bridges.filter(({ name }) => name !== 'br0').sort((one, other) => (one.name < other.name ? -1 : 1));
      expect(found.map(({ name }) => name)).toEqual(left);
      if (left.length === 0) return;
      expect(found.map(({ ports }) => ports.map(({ name }) => name))).toEqual([['eno2'], ['eno3']]);
      await done('bridge', 'delete', ...left, '--yes');
    });
  });

  it('have ports for network namespaces, which reach the host as a container would', async () => {
    await settledLinks();
    const before = await snapshot();
    await done('port', 'create', 'br0', 'probe0', '--address', '192.168.77.9/24');
    await must('ip', ['netns', 'exec', 'probe0', 'ping', '-q', '-c', '1', '-W', '5', '192.168.77.1']);
    expect(await done('port', 'create', 'br0', 'probe0', '--address', '192.168.77.9/24')).toContain('nothing to do');
    await done('undo');
    expect(await must('ip', ['netns', 'list'])).toBe('');
    await expectUnchanged(before);
    await done('undo', '1');
    await must('ip', ['netns', 'exec', 'probe0', 'true']);
    await done('undo', '1');
    expect(await must('ip', ['netns', 'list'])).toBe('');
    await expectUnchanged(before);
  });

  it('of networks are theirs', async () => {
    await virshWith("<network><name>own</name><bridge name='own0'/></network>", 'net-define', 'FILE');
    await virsh('net-start', 'own');
    try {
      for (const line of ['delete own0', 'add-port own0 eno2', 'stp own0 off', 'set own0 mtu=1400', 'create own0']) {
        expect(await refused('bridge', ...line.split(' '))).toContain("own0 is the bridge of libvirt's network own");
      }
    } finally {
      await virsh('net-destroy own; net-undefine own');
    }
  });

  it('are seen without libvirt, with a warning', async () => {
    await must(killDaemon[0], killDaemon.slice(1));
    const { stdout, stderr, status } = await kvmnet(['bridge', 'list']).finally(startDaemon);
    expect({ stdout, status }).toEqual({ stdout: expect.stringMatching(/^br0 +up/m) as unknown, status: 0 });
    expect(stderr).toContain('cannot determine which networks and VMs use a link');
  });

  it('are links of a host that host show draws as a tree', async () => {
    const lines = (await done('host', 'show')).split('\n');
    const place = lines.findIndex((line) => line.startsWith('br0 '));
    expect(lines[place + 1]).toMatch(/^ {2}eno1 +up +veth to eno1-wire /);
    expect(lines[place + 2]).toMatch(/^ {2}vnet\d+ .* VM1$/);
    expect(lines).toContainEqual(expect.stringMatching(/^Default route +none$/));
    expect(lines).toContainEqual(expect.stringMatching(/^Forwarding +IPv4 (on|off), IPv6 (on|off)$/));
  });

  it('on a kernel without 802.1Q are not left behind by vlan create, which names the module to load', async () => {
    if ((await run('ip', ['link', 'add', 'link', 'eno2', 'name', 'try', 'type', 'vlan', 'id', '1'])).status === 0) {
      // This kernel has it: test/lab/vlans.test.ts is about that.
      await must('ip', ['link', 'delete', 'dev', 'try']);
      return;
    }
    const said = await refused('vlan', 'create', 'eno2', '10', '--bridge', 'brvlan-10');
    expect(said).toContain('the kernel of this host has no support for vlan');
    expect(said).toContain('modprobe 8021q');
  });
});
