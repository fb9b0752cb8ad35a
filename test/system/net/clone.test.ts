import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { answers } from '../../helpers/reach.ts';

const first = `<network>
  <name>first</name>
  <metadata><own:note xmlns:own='http://example.org/own' more='x'>kept &amp; whole</own:note></metadata>
  <forward mode='nat'><nat><port start='2000' end='3000'/></nat></forward>
  <bridge name='first0' stp='off' delay='0'/>
  <mtu size='1400'/>
  <domain name='first.example' localOnly='yes'/>
  <dns><host ip='192.168.201.9'><hostname>web</hostname></host><host ip='9.9.9.9'><hostname>far</hostname></host></dns>
  <ip address='192.168.201.254' netmask='255.255.255.0'><dhcp>
    <range start='192.168.201.100' end='192.168.201.199'><lease expiry='2' unit='hours'/></range>
    <host mac='52:54:00:a6:00:99' ip='192.168.201.9'/>
  </dhcp></ip>
  <portgroup name='web' default='yes'/>
</network>`;

onPrivateHost('net clone', () => {
  let guest: Guest | undefined;

  beforeAll(async () => {
    await virshWith(first, 'net-define', 'FILE');
    await virsh('net-start', 'first');
  });

  afterAll(async () => {
    await guest?.remove();
    for (const name of (await virsh('net-list', '--all', '--name')).trim().split('\n')) {
      await kvmnet(['net', 'delete', name, '--yes']);
    }
  });

  it('creates a second network in a free subnet, while the first stays, and guests get addresses in it', async () => {
    const before = await virsh('net-dumpxml', 'first');
    const { stdout, stderr, status } = await kvmnet(['net', 'clone', 'first', 'second']);
    expect(status).toBe(0);
    expect(stderr).toBe(
      [
        "warning: network first: its reservation is left out: it is a guest's",
        'warning: network first: the DNS name web (192.168.201.9) is 192.168.100.9 in the copy\n',
      ].join('\n'),
    );
    expect(stdout).toMatch(/^network second created and started\n/);
    const xml = await virsh('net-dumpxml', 'second');
    const uuid = (text: string): string | undefined => /<uuid>(.*?)</.exec(text)?.[1];
    const bridgeMac = (text: string): string | undefined => /<mac address='(.*?)'/.exec(text)?.[1];
    expect(uuid(xml)).not.toBe(uuid(before));
    expect(bridgeMac(xml)).not.toBe(bridgeMac(before));
    const same = before
      .replace(/\n *<host mac=.*?\/>/, '')
      .replaceAll('192.168.201.', '192.168.100.')
      .replace('<name>first<', '<name>second<')
      .replace('first0', 'virbr0')
      .replace(String(uuid(before)), String(uuid(xml)))
      .replace(String(bridgeMac(before)), String(bridgeMac(xml)));
    expect(xml).toBe(same);
    expect(await virsh('net-dumpxml', 'first')).toBe(before);
    expect(await must('ip', ['-br', 'address', 'show', 'dev', 'virbr0'])).toContain('192.168.100.254/24');

    const nic = "<interface type='network'><source network='second'/><model type='virtio'/></interface>";
    guest = await makeGuest('inside', { nics: [nic] });
    const address = await guest.lease();
    expect(address).toMatch(/^192\.168\.100\.1\d\d$/);
    await answers(address);
  });

  it('takes the subnet and the kind that are named, and leaves the copy stopped where that is asked', async () => {
    const args = ['net', 'clone', 'first', 'third', '--route', '10.9.0.0/24', '--no-start', '--no-autostart'];
    expect(await kvmnet(args)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^network third defined\n/) });
    const xml = await virsh('net-dumpxml', 'third');
    expect(xml).toContain("<forward mode='route'/>");
    expect(xml).toContain("<ip address='10.9.0.254' netmask='255.255.255.0'>");
    expect(xml).toMatch(/<range start='10\.9\.0\.100' end='10\.9\.0\.199'>/);
    expect(await virsh('net-info', 'third')).toMatch(/Active: +no\nPersistent: +yes\nAutostart: +no\n/);
    expect(await kvmnet(['undo'])).toMatchObject({ status: 0, stderr: '' });
    expect(await virsh('net-list', '--all', '--name')).not.toContain('third');
  });

  it('refuses a name and a subnet that are taken, and leaves nothing', async () => {
    const names = await virsh('net-list', '--all', '--name');
    const taken = await kvmnet(['net', 'clone', 'first', 'second']);
    expect(taken).toMatchObject({ status: 2, stdout: '' });
    expect(taken.stderr).toMatch(/^error: network second already exists/m);
    const overlap = await kvmnet(['net', 'clone', 'first', 'third', '--nat', '192.168.201.0/25']);
    expect(overlap.status).toBe(2);
    expect(overlap.stderr).toContain('192.168.201.0/25 overlaps network first (192.168.201.0/24)');
    expect(await virsh('net-list', '--all', '--name')).toBe(names);
  });
});
