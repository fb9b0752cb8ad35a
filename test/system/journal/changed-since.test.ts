import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { journalFiles, kvmnetWithFault, removeNetworks, said } from '../../helpers/fault/fault.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const killed = 128 + 9;
const words = (line: string): readonly string[] => line.split(' ');

/** The command that comes after a killed run: it touches nothing of it. */
const other = words('net autostart other');

async function killAt(line: string, command: string): Promise<void> {
  const { status, stderr } = await kvmnetWithFault({ line, signal: 'SIGKILL' }, words(command));
  expect({ status, stderr }).toEqual({ status: killed, stderr: expect.any(String) as unknown });
}

/** Expects that the next command leaves the changes of the killed run, and reports the later change. */
async function expectLeft(title: string, changed: RegExp): Promise<void> {
  const { status, stderr } = await kvmnet(other);
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(changed) as unknown });
  expect(stderr).toContain(`broke off in the middle of "${title}"`);
  expect(stderr).toContain('another program has changed this since: ');
  expect((await journalFiles()).filter((name) => name.endsWith('.abandoned.json'))).toHaveLength(1);
  expect(await kvmnet([...other, '--disable'])).toMatchObject({ status: 0, stderr: '' });
}

/** The number of the run that was left, for undo. */
async function numberOfAbandoned(): Promise<string> {
  const entries = JSON.parse((await kvmnet(['history', '--json'])).stdout) as { number: number; outcome: string }[];
  return String(entries.find(({ outcome }) => outcome === 'abandoned')?.number);
}

onPrivateHost('changes of a killed run that another program has since modified', () => {
  beforeAll(async () => {
    expect(await kvmnet(words('net create other --isolated --no-autostart'))).toMatchObject({ status: 0 });
    expect(await kvmnet(words('net create lab --isolated 192.168.77.0/24 --no-stp'))).toMatchObject({ status: 0 });
  });
  afterEach(async () => {
    for (const command of ['net-destroy', 'net-undefine'])
      await run('virsh', ['-c', 'qemu:///system', command, 'hand2']);
    for (const name of await journalFiles()) await rm(`${process.env['KVMNET_STATE_DIR']!}/journal/${name}`);
  });
  afterAll(removeNetworks);

  const byHand: readonly (readonly [changed: string, said: RegExp, commands: readonly string[]])[] = [
    ['started it', /network hand2 \(active\)/, ['net-start hand2']],
    [
      'reserved an address',
      /network hand2 \(definition\)/,
      ["net-update hand2 add ip-dhcp-host \"<host mac='52:54:00:00:00:77' ip='192.168.88.77'/>\" --config"],
    ],
  ];
  it.each(byHand)('stay: net create was killed, and another program has %s', async (_, changed, commands) => {
    await killAt(
      'begin: enable autostart of network hand2',
      'net create hand2 --nat 192.168.88.0/24 --bridge-name hbr2',
    );
    await virsh(commands.join('; '));
    const xml = await virsh('net-dumpxml', 'hand2', '--inactive');
    await expectLeft('create network hand2', changed);
    expect(await virsh('net-dumpxml', 'hand2', '--inactive')).toBe(xml);
    // It can be undone all the same, once that is accepted.
    const number = await numberOfAbandoned();
    const asked = await kvmnet(['undo', number]);
    expect(asked.status).toBe(2);
    expect(asked.stderr).toMatch(changed);
    expect(await kvmnet(['undo', number, '--yes'])).toMatchObject({ status: 0 });
    expect(await virsh('net-list', '--all', '--name')).not.toContain('hand2');
  });

  it('stays: net restart was killed, and the guest is in another network', async () => {
    await kvmnet(words('net create k1 --isolated 192.168.89.0/24 --no-stp'));
    let guest: Guest | undefined;
    try {
      const mac = '52:54:00:00:89:01';
      guest = await makeGuest('vm1', {
        nics: [
          `<interface type='network'><mac address='${mac}'/><source network='k1'/><model type='virtio'/></interface>`,
        ],
      });
      await killAt('done: stop network k1', 'net restart k1 --yes');
      const moved = `<interface type='network'><mac address='${mac}'/><source network='lab'/><model type='virtio'/></interface>`;
      await virshWith(moved, 'update-device', 'vm1', 'FILE', '--live');
      await expectLeft('restart network k1', /domain vm1 \(NICs\)/);
      expect(await virsh('domiflist', 'vm1')).toMatch(/network +lab /);
    } finally {
      await guest?.remove();
      for (const name of ['kvmnet-refuge', 'k1']) {
        await run('virsh', ['-c', 'qemu:///system', 'net-destroy', name]);
        await run('virsh', ['-c', 'qemu:///system', 'net-undefine', name]);
      }
    }
  });

  it('stay: bridge create was killed, and the bridge has an address that kvmnet did not add', async () => {
    await must('ip', words('link add eno8 type veth peer name eno8p'));
    try {
      await killAt('done: create bridge hb0', 'bridge create hb0 --port eno8 --address 192.168.90.2/24');
      await must('ip', words('address add 192.168.90.3/24 dev hb0'));
      await expectLeft('create bridge hb0 with eno8', /hb0 \(addresses\)/);
      expect(await must('ip', words('-br address show dev hb0'))).toContain('192.168.90.3/24');
    } finally {
      for (const name of ['hb0', 'eno8']) await run('ip', ['link', 'delete', 'dev', name]);
    }
  });

  it('stay: host persist was killed, and a user has edited the file', async () => {
    const folder = await mkdtemp(`${tmpdir()}/kvmnet-since-`);
    try {
      await mkdir(`${folder}/usr/sbin`, { recursive: true });
      await mkdir(`${folder}/etc/network`, { recursive: true });
      await writeFile(`${folder}/usr/sbin/ifup`, '');
      const path = `${folder}/etc/network/interfaces`;
      await writeFile(path, 'auto lo\niface lo inet loopback\n');
      await must('ip', words('link add hb1 type bridge'));
      await killAt('done: change /etc/network/interfaces', `host persist --root ${folder} --for ifupdown --write`);
      const edited = `${await readFile(path, 'utf8')}# by hand\n`;
      await writeFile(path, edited);
      await expectLeft("write the host's devices for ifupdown", /interfaces \(content\)/);
      expect(await readFile(path, 'utf8')).toBe(edited);
    } finally {
      await run('ip', words('link delete dev hb1'));
      await rm(folder, { recursive: true });
    }
  });

  it('are undone only with consent, whichever program changed them', async () => {
    expect(await kvmnet(words('net autostart lab --disable'))).toMatchObject({ status: 0 });
    const txt = "net-update lab add dns-txt \"<txt name='a' value='b'/>\" --config";
    await virsh(txt);
    const asked = await kvmnet(['undo']);
    expect(asked.status).toBe(2);
    expect(said(asked)).toContain('network lab (definition) was changed since');
    expect(await kvmnet(['undo', '--yes'])).toMatchObject({ status: 0 });
    expect(await virsh('net-dumpxml', 'lab', '--inactive')).toContain("<txt name='a'");
  });
});
