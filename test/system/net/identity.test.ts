import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, start, virsh, virshWith } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';

const macs = { inNetwork: '52:54:00:a9:0d:01', onBridge: '52:54:00:a9:0d:02' } as const;
const held = 'virbr5';

const network = (name: string, octet: number, bridge?: string): string => `<network><name>${name}</name>
  ${bridge === undefined ? '' : `<bridge name='${bridge}' stp='off' delay='0'/>`}
  <ip address='10.61.${String(octet)}.1' netmask='255.255.255.0'/></network>`;

async function masters(): Promise<Record<string, string | undefined>> {
  const links = JSON.parse(await must('ip', ['-j', 'link'])) as { ifname: string; master?: string }[];
  return Object.fromEntries(links.map(({ ifname, master }) => [ifname, master]));
}

async function bridgeOf(name: string): Promise<string | undefined> {
  return /<bridge name='([^']*)'/.exec(await virsh('net-dumpxml', name, '--inactive'))?.[1];
}

/** Findings for one network. */
async function listed(name: string): Promise<{ readonly problems: readonly string[]; readonly stderr: string }> {
  const { stdout, stderr } = await kvmnet(['net', 'list', '--json']);
  const rows = JSON.parse(stdout) as { name: string; problems: string[] }[];
  return { problems: rows.find((row) => row.name === name)?.problems ?? ['it is not listed'], stderr };
}

onPrivateHost('a guest whose network is gone', () => {
  let guest: Guest;
  let taps: readonly string[];

  async function connected(): Promise<readonly (string | undefined)[]> {
    const found = await masters();
    return taps.map((tap) => found[tap]);
  }

  beforeAll(async () => {
    await virshWith(network('ident-a', 1, held), 'net-define', 'FILE');
    await virsh('net-start', 'ident-a');
    guest = await makeGuestWithoutSystem('ident-guest', {
      nics: [
        `<interface type='network'><mac address='${macs.inNetwork}'/><source network='ident-a'/><model type='virtio'/></interface>`,
        `<interface type='bridge'><mac address='${macs.onBridge}'/><source bridge='${held}'/><model type='virtio'/></interface>`,
      ],
    });
    taps = (await nicsOf('ident-guest')).map(({ tap }) => tap ?? '');
    expect(await connected()).toEqual([held, held]);
    expect((await kvmnet(['net', 'delete', 'ident-a', '--yes'])).status).toBe(0);
  });

  afterAll(async () => {
    await guest.remove();
    for (const name of (await virsh('net-list', '--all', '--name')).split('\n').filter((line) => line !== '')) {
      await virsh('net-destroy', name).catch(() => undefined);
      await virsh('net-undefine', name).catch(() => undefined);
    }
  });

  it('keeps the name of its bridge from every network that is created, cloned or defined', async () => {
    for (const number of [0, 1, 2, 3, 4])
      await virshWith(network(`fill${String(number)}`, 10 + number), 'net-define', 'FILE');
    expect((await kvmnet(['net', 'create', 'ident-b', '--isolated', '10.62.0.0/24'])).status).toBe(0);
    expect(await bridgeOf('ident-b')).toBe('virbr6');
    expect((await kvmnet(['net', 'clone', 'ident-b', 'ident-c'])).status).toBe(0);
    expect(await bridgeOf('ident-c')).toBe('virbr7');
    const file = '/run/kvmnet-test/ident.xml';
    for (const [name, command] of [
      ['ident-d', ['net', 'define', '-']],
      ['ident-e', ['net-define', file]],
    ] as const) {
      const octet = name === 'ident-d' ? 20 : 21;
      await writeFile(file, network(name, octet));
      const { status, stderr } = await kvmnet([...command], { stdin: network(name, octet) });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(await bridgeOf(name)).not.toBe(held);
    }
    const named = await kvmnet(['net', 'create', 'named', '--isolated', '10.63.0.0/24', '--bridge-name', held]);
    expect(named.status).toBe(2);
    expect(named.stderr).toContain(
      `bridge name ${held} is named by the live definition of ident-guest: NIC ${macs.inNetwork}`,
    );
  });

  it('is connected to no other network that has the name of its bridge, by heal and restart', async () => {
    await virshWith(network('stranger', 30, held), 'net-define', 'FILE');
    await virsh('net-start', 'stranger');
    expect(await connected()).toEqual([undefined, undefined]);
    const { problems, stderr } = await listed('stranger');
    expect(problems).toEqual([]);
    expect(stderr).toContain(
      `ident-guest: NIC ${macs.inNetwork} (${String(taps[0])}) is cut off: its network ident-a does not exist: kvmnet vm move ident-guest ${macs.inNetwork} NETWORK`,
    );
    expect(stderr).toContain(
      `NIC ${macs.onBridge} (${String(taps[1])}) is cut off: it names the bridge ${held}, not a network`,
    );
    const shown = JSON.parse((await kvmnet(['net', 'show', 'stranger', '--json'])).stdout) as [
      { guests: { live: boolean }[] },
    ];
    expect(shown[0].guests.filter(({ live }) => live)).toEqual([]);
    expect((await kvmnet(['domiflist'])).stdout).toMatch(
      new RegExp(`${macs.inNetwork} .*its network ident-a does not exist`),
    );
    const healed = await kvmnet(['net', 'heal']);
    expect(healed.status).toBe(3);
    expect(healed.stdout).toContain(`kvmnet vm move ident-guest ${macs.inNetwork} NETWORK`);
    expect(await connected()).toEqual([undefined, undefined]);
    const restarted = await kvmnet(['net', 'restart', 'stranger']);
    expect({ status: restarted.status, stderr: restarted.stderr }).toEqual({ status: 0, stderr: '' });
    expect(await connected()).toEqual([undefined, undefined]);
    await must('ip', ['link', 'delete', 'dev', held]);
    expect((await kvmnet(['net', 'heal', 'stranger', '--yes'])).status).toBe(3);
    expect(await connected()).toEqual([undefined, undefined]);
    const attached = await kvmnet(['net', 'stop', 'stranger']);
    expect({ status: attached.status, stderr: attached.stderr }).toEqual({ status: 0, stderr: '' });
    await virsh('net-undefine', 'stranger');
  });

  it('is connected by what the report names', async () => {
    for (const mac of Object.values(macs)) {
      expect((await kvmnet(['vm', 'move', 'ident-guest', mac, 'ident-b'])).status).toBe(0);
    }
    expect(await connected()).toEqual(['virbr6', 'virbr6']);
    expect((await kvmnet(['net', 'heal'])).stdout).toBe('heal all networks: nothing to do\n');
  });

  it('is named, with the remedy, when its network stops and starts', async () => {
    const stopped = await kvmnet(['net', 'stop', 'ident-b', '--yes']);
    expect(stopped.stderr).toContain('kvmnet net heal ident-b reconnects them then');
    expect((await kvmnet(['domiflist'])).stdout).toMatch(
      new RegExp(`${macs.inNetwork} .*its network ident-b is not active`),
    );
    expect((await kvmnet(['net', 'heal'])).stdout).toContain('kvmnet net start ident-b, then kvmnet net heal ident-b');
    const started = await kvmnet(['net', 'start', 'ident-b']);
    expect(started.status).toBe(0);
    expect(started.stderr).toMatch(
      /ident-guest: NIC .* stay cut off from network ident-b: kvmnet net heal ident-b reconnects them/,
    );
    const again = await kvmnet(['net', 'start', 'ident-b']);
    expect(again.status).toBe(3);
    expect(again.stderr).toContain('2 NICs are cut off: ident-guest; kvmnet net heal ident-b repairs it');
    const moved = await kvmnet(['vm', 'move', 'ident-guest', macs.inNetwork, 'ident-b']);
    expect(moved.stderr).toContain('kvmnet net heal ident-b reconnects it');
    expect((await kvmnet(['net', 'heal', 'ident-b'])).status).toBe(0);
    expect(await connected()).toEqual(['virbr6', 'virbr6']);
  });

  it.each([
    ['vm attach', ['vm', 'attach', 'ident-guest', 'ident-b']],
    ['vm move', ['vm', 'move', 'ident-guest', macs.onBridge, 'ident-b', '--live']],
    ['vm start', ['vm', 'start', 'ident-off']],
  ])('%s names net heal where the bridge of the network is gone', async (command, line) => {
    const off = command === 'vm start' ? await makeOff() : undefined;
    await must('ip', ['link', 'delete', 'dev', 'virbr6']);
    const { status, stderr } = await kvmnet([...line]);
    expect(status).toBe(2);
    expect(stderr).toBe(
      'error: network ident-b has lost its bridge virbr6\nhint: kvmnet net heal ident-b repairs it\n',
    );
    expect((await kvmnet(['net', 'start', 'ident-b'])).status).toBe(3);
    expect((await kvmnet(['net', 'heal', 'ident-b'])).status).toBe(0);
    expect(await connected()).toEqual(['virbr6', 'virbr6']);
    await off?.remove();
  });

  const makeOff = (): Promise<Guest> =>
    makeGuestWithoutSystem('ident-off', {
      start: false,
      nics: [`<interface type='network'><source network='ident-b'/></interface>`],
    });

  it("does not take another libvirt's dnsmasq for its own, which has a network of the same name in a container", async () => {
    const conf = '--conf-file=/var/lib/libvirt/dnsmasq/ident-c.conf';
    const foreign = start('unshare', [
      '--net',
      'bash',
      '-c',
      `exec -a /usr/sbin/dnsmasq node -e 'setInterval(() => {}, 60_000)' -- ${conf}`,
    ]);
    try {
      await waitFor('the other dnsmasq', async () => {
        const { status } = await run('pgrep', ['-f', '^/usr/sbin/dnsmasq .*/ident-c.conf']);
        return status === 0;
      });
      expect((await kvmnet(['net', 'show', 'ident-c'])).stdout).not.toContain('Problem');
      expect((await kvmnet(['net', 'heal', 'ident-c'])).stdout).toContain('nothing to do');
    } finally {
      foreign.process.kill('SIGKILL');
      await foreign.outcome;
    }
  });

  it('does not start a network whose subnet an active one has, and names that', async () => {
    await virshWith(network('twin', 62).replace('10.61.62', '10.62.0'), 'net-define', 'FILE');
    const { status, stderr } = await kvmnet(['net', 'start', 'twin']);
    expect(status).toBe(2);
    expect(stderr).toContain('10.62.0.0/24 overlaps network ident-b (10.62.0.0/24), which is active');
    expect(stderr).toContain('kvmnet net stop ident-b');
    expect(stderr).not.toContain('dnsmasq');
  });
});
