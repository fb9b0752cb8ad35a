import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeGuest, makeGuestWithoutSystem, type Guest } from '../helpers/guest.ts';
import { must, virsh, virshWith } from '../helpers/host.ts';
import { onPrivateHost } from '../helpers/private-host.ts';
import { difference, expectUnchanged, snapshot } from '../helpers/snapshot.ts';
import { waitFor } from '../helpers/wait.ts';

const network = `<network>
  <name>harness</name>
  <forward mode='nat'/>
  <bridge name='harness0' stp='off' delay='0'/>
  <ip address='192.168.200.1' netmask='255.255.255.0'><dhcp><range start='192.168.200.2' end='192.168.200.254'/></dhcp></ip>
</network>`;

const nic = `<interface type='network'><source network='harness'/><model type='virtio'/></interface>`;

onPrivateHost('the harness', () => {
  const guests: Guest[] = [];

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'harness');
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    await virsh('net-destroy', 'harness');
    await virsh('net-undefine', 'harness');
  });

  it('has a host of its own, with nothing but the loopback link and what the test makes', async () => {
    const links: readonly { ifname: string }[] = JSON.parse(await must('ip', ['-j', 'link']));
    expect(links.map(({ ifname }) => ifname)).toEqual(['lo', 'harness0']);
    expect((await virsh('net-list', '--all', '--name')).trim()).toBe('harness');
    expect((await virsh('list', '--all', '--name')).trim()).toBe('');
  });

  it('gives a guest a lease and reaches it by HTTP, also on a NIC that is attached later', async () => {
    const guest = await makeGuest('harness-guest', { nics: [nic] });
    guests.push(guest);

    const address = await guest.lease();
    expect(address).toMatch(/^192\.168\.200\.\d+$/);
    const page = await waitFor('the page of the guest', async () => {
      const answer = await fetch(`http://${address}/`, { signal: AbortSignal.timeout(2000) });
      return answer.ok && answer.text();
    });
    expect(page).toMatch(/^[0-9a-f-]{36}\n$/);

    await virshWith(nic, 'attach-device', guest.name, 'FILE', '--live');
    expect(await guest.lease('eth1')).not.toBe(address);
  });

  it('has a guest that takes a lease again when its link was away', async () => {
    const name = 'harness-guest';
    const mac = /52:54:[0-9a-f:]+/.exec(await virsh('domiflist', name))![0];
    await virsh('domif-setlink', name, mac, 'down');
    // A guest that did not check in between does not notice that its link was down; the host has no event to wait for.
    await pause(1_500);
    await virsh('domif-setlink', name, mac, 'up');
    const [guest] = guests;
    const address = await guest!.lease();
    expect(await guest!.newLease(/./, 1)).toBe(address);
  });

  it('has a guest without a system that runs and does not give a NIC back', async () => {
    const guest = await makeGuestWithoutSystem('harness-deaf', { nics: [nic] });
    guests.push(guest);
    const mac = /52:54:[0-9a-f:]+/.exec(await virsh('domiflist', guest.name))![0];
    await virsh('detach-interface', guest.name, 'network', '--mac', mac, '--live');
    expect(await virsh('domiflist', guest.name)).toContain(mac);
  });

  describe('the comparison of a host', () => {
    it('names a link, an address, a route, a rule and a table that were left behind', async () => {
      const before = await snapshot();
      await must('ip', ['link', 'add', 'name', 'leak0', 'type', 'bridge']);
      await must('ip', ['address', 'add', '10.99.0.1/24', 'dev', 'leak0']);
      await must('ip', ['link', 'set', 'dev', 'leak0', 'up']);
      await must('ip', ['route', 'add', '10.98.0.0/24', 'via', '10.99.0.2', 'dev', 'leak0', 'onlink']);
      await must('iptables', ['-A', 'FORWARD', '-i', 'leak0', '-j', 'DROP']);
      await must('nft', ['add', 'table', 'inet', 'leak']);
      const failure = expectUnchanged(before, { seconds: 0 });
      await expect(failure).rejects.toThrow(/^\+ link leak0 bridge .* up$/m);
      await expect(failure).rejects.toThrow(/^\+ address leak0 10\.99\.0\.1\/24$/m);
      await expect(failure).rejects.toThrow(/^\+ route 10\.98\.0\.0\/24 via 10\.99\.0\.2 dev leak0/m);
      await expect(failure).rejects.toThrow(/^\+ iptables-save filter -A FORWARD -i leak0 -j DROP$/m);
      await expect(failure).rejects.toThrow(/^\+ nft table inet .*leak/m);

      await must('nft', ['delete', 'table', 'inet', 'leak']);
      await must('iptables', ['-D', 'FORWARD', '-i', 'leak0', '-j', 'DROP']);
      await must('ip', ['link', 'delete', 'dev', 'leak0']);
      await expectUnchanged(before);
    });

    it('names what libvirt lost or changed, and takes no notice of counters', async () => {
      const before = await snapshot();
      expect(before.filter((line) => line.startsWith('program '))).toHaveLength(4);
      expect(before.filter((line) => /^iptables-save nat .*MASQUERADE/.test(line))).toHaveLength(3);
      await virsh('net-autostart', 'harness');
      expect(difference(before, await snapshot())).toBe(
        '- network harness Autostart: no\n+ network harness Autostart: yes',
      );
      await virsh('net-autostart', 'harness', '--disable');
      await expectUnchanged(before);
    });
  });
});
