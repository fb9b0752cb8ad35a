import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith, type Outcome } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { kvmnetAs, runAs } from '../../helpers/user.ts';
import { waitFor } from '../../helpers/wait.ts';

const xml = (name: string, subnet: string): string => `<network>
  <name>${name}</name>
  <forward mode='nat'/>
  <bridge name='${name}0' stp='off' delay='0'/>
  <ip address='${subnet}.1' netmask='255.255.255.0'><dhcp><range start='${subnet}.2' end='${subnet}.254'/></dhcp></ip>
</network>`;

const mac = '52:54:00:00:33:01';
const nic = `<interface type='network'><mac address='${mac}'/><source network='red'/><model type='virtio'/></interface>`;
const file = '/run/kvmnet-member.xml';
const words = (line: string): readonly string[] => line.split(' ');

/** Every command that only looks. */
const looks = [
  'net list',
  'net show red',
  'net xml red',
  `net validate ${file}`,
  'net leases',
  'net heal',
  'vm list',
  'vm nics member-guest',
  'vm ip member-guest',
  'vm stats member-guest',
  'vm slots member-guest',
  'domiflist',
  'domiflist member-guest',
  'domifaddr member-guest',
  'domif-getlink member-guest 0',
  'bridge list',
  'bridge show red0',
  'bridge macs red0',
  'vlan list',
  'host show',
  'host lint',
  'net-list',
  'net-info red',
  'net-dumpxml red',
  'net-dhcp-leases red',
  'net-port-list red',
  'iface-list',
  'nwfilter-list',
] as const;

onPrivateHost('a member of group libvirt', () => {
  let guest: Guest;

  beforeAll(async () => {
    await writeFile(file, xml('green', '192.168.133'));
    await virshWith(xml('red', '192.168.131'), 'net-define', 'FILE');
    await virshWith(xml('blue', '192.168.132'), 'net-define', 'FILE');
    await virsh('net-start red; net-start blue');
    guest = await makeGuestWithoutSystem('member-guest', { nics: [nic] });
  });

  afterAll(async () => {
    await guest.remove();
    for (const name of (await virsh('net-list', '--all', '--name')).split('\n').filter((line) => line !== '')) {
      await kvmnet(['net', 'delete', name, '--yes']);
    }
    await must('rm', ['-f', file]);
  });

  it('may do less than root on this host', async () => {
    expect((await runAs('alice', 'ip', ['link', 'set', 'dev', 'red0', 'down'])).status).not.toBe(0);
    expect((await runAs('alice', 'cat', ['/etc/libvirt/qemu/networks/red.xml'])).status).not.toBe(0);
    expect((await runAs('alice', 'virsh', ['-q', '-c', 'qemu:///system', 'net-list', '--name'])).stdout).toMatch(/red/);
  });

  // Counters and ages change between two readings.
  const still = ({ stdout, ...rest }: Outcome): Outcome => ({
    ...rest,
    stdout: stdout.replaceAll(/\d+/g, 'N').replaceAll(/ +/g, ' '),
  });

  it.each(looks)('sees what root sees: %s', async (line) => {
    // The card's own boot program takes a lease in the meantime.
    await waitFor('both to see the same', async () => {
      const root = await kvmnet(words(line));
      const member = await kvmnetAs('alice', words(line));
      expect(member.stderr).not.toMatch(/^ +at /m);
      expect(still(member)).toEqual(still(root));
      return true;
    });
  });

  it('is warned that paths follow assumed rules', async () => {
    const { stdout, stderr, status } = await kvmnetAs('alice', ['path', 'member-guest', 'host']);
    expect({ stdout, status }).toEqual({ stdout: (await kvmnet(['path', 'member-guest', 'host'])).stdout, status: 0 });
    expect(stderr).toMatch(
      /^warning: the host's rules are unknown; the rules of libvirt's networks are assumed: .*root/,
    );
  });

  describe('changes by libvirt', () => {
    it.each([
      ['net create own --isolated 192.168.134.0/24', /^network own created and started/],
      ['net set own --domain lan.example --yes', /changed network own/],
      ['net reserve own 52:54:00:00:33:09 192.168.134.9', /./],
      ['net rename own mine --yes', /renamed own to mine/],
      ['net restart mine --yes', /restarted mine/],
      ['net stop mine --yes', /stopped mine/],
      ['net start mine', /started mine/],
      ['net autostart mine --disable', /mine/],
      ['net clone mine twin', /twin/],
      ['vm attach member-guest blue --config', /./],
      [`vm move member-guest ${mac} blue`, /./],
      [`vm link member-guest ${mac} down`, /./],
      [`vm rate member-guest ${mac} --in 100mbit --config`, /./],
      ['vm detach member-guest 1 --config --yes', /./],
      ['net delete mine twin --yes', /deleted mine, twin/],
      ['undo --yes', /undone/],
      ['net delete mine twin --yes', /deleted/],
    ])('%s', async (line, said) => {
      const { stdout, stderr, status } = await kvmnetAs('alice', words(line));
      expect(stderr).not.toMatch(/error:|^ +at /m);
      expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(said) });
    });
  });

  it('has a cut NIC repaired, for which libvirt has a call', async () => {
    const tap = (await nicsOf('member-guest'))[0]?.tap ?? '';
    await must('ip', ['link', 'set', 'dev', tap, 'nomaster']);
    const { stderr, status } = await kvmnetAs('alice', ['net', 'heal', '--yes']);
    expect({ stderr, status }).toMatchObject({ status: 0, stderr: expect.not.stringMatching(/error/) });
    expect(await must('ip', ['-o', 'link', 'show', 'dev', tap])).toMatch(/ master (red|blue)0 /);
  });

  describe('is refused before the first step what only root may do', () => {
    it.each(['bridge create br9', 'bridge stp red0 on', 'vlan create red0 5'])('%s', async (line) => {
      const { stdout, stderr, status } = await kvmnetAs('alice', words(line));
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(stderr).toMatch(/^error: only root may change this host's links\nhint: run it with sudo\n$/);
    });

    it('also the repair that libvirt has no call for', async () => {
      await must('ip', ['link', 'add', 'name', 'gone0', 'address', '52:54:00:00:33:77', 'type', 'bridge']);
      await virshWith(
        xml('gone', '192.168.135').replace('<bridge', "<mac address='52:54:00:00:33:77'/><bridge"),
        'net-define',
        'FILE',
      );
      const { stdout, stderr, status } = await kvmnetAs('alice', ['net', 'heal', 'gone', '--yes']);
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(stderr).toMatch(/^error: only root may delete the bridge gone0 [^\n]*\nhint: run it with sudo\n$/m);
      expect((await run('ip', ['link', 'show', 'dev', 'gone0'])).status).toBe(0);
      expect((await kvmnet(['net', 'heal', 'gone', '--yes'])).status).toBe(0);
      await virsh('net-undefine', 'gone');
    });
  });
});
