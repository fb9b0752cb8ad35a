import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { labCache } from '../../helpers/lab.ts';
import { agentChannel, nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { mac, otherMac, network, silent, json, vmIp, dnsmasqOfAddr, reservations, printer } from './addresses.ts';

onPrivateHost('addresses', () => {
  let guest: Guest;
  let leased: string;
  let pid: string;

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virshWith(silent, 'net-define', 'FILE');
    await virsh('net-start addr; net-start quiet');
    guest = await makeGuest('addr-guest', {
      nics: [nicIn('addr', mac), nicIn('quiet', otherMac), agentChannel],
      spareRootPorts: 3,
    });
    leased = await guest.lease();
    pid = await dnsmasqOfAddr();
  });

  afterAll(async () => {
    await guest.remove();
    await run('virsh', ['--quiet', 'net-destroy', 'addr']);
    await run('virsh', ['--quiet', 'net-destroy', 'quiet']);
    await virsh('net-undefine addr; net-undefine quiet');
  });

  describe('net leases', () => {
    it('names the VM and the NIC that has a lease, and the time that is left', async () => {
      const [lease] = await json<readonly object[]>('net', 'leases');
      expect(lease).toMatchObject({
        network: 'addr',
        address: leased,
        mac,
        domain: 'addr-guest',
        nic: 0,
        interface: expect.stringMatching(/^vnet\d+$/),
        state: 'active',
      });
      const { stdout } = await kvmnet(['net', 'leases', 'addr']);
      expect(stdout).toMatch(
        new RegExp(`^addr +${leased} +${mac} .*addr-guest +vnet\\d+ +- +(1 h|\\d+ min) +active$`, 'm'),
      );
    });

    it('are in net show with the VM and their end, and the address stands with the guest', async () => {
      const { stdout } = await kvmnet(['net', 'show', 'addr']);
      expect(stdout).toMatch(new RegExp(`^Guest +addr-guest: ${mac} \\(vnet\\d+\\), ${leased}$`, 'm'));
      expect(stdout).toMatch(new RegExp(`^Lease +${leased} for ${mac}.*, addr-guest, ends in (1 h|\\d+ min)$`, 'm'));
    });

    it('reports an empty list, and suggests the nearest name', async () => {
      expect((await kvmnet(['net', 'leases', 'quiet'])).stdout).toBe('no leases in quiet\n');
      const { stderr, status } = await kvmnet(['net', 'leases', 'adr']);
      expect(stderr).toContain('did you mean addr?');
      expect(status).toBe(2);
    });
  });

  describe('net reserve', () => {
    it.each([
      ['outside the subnet', '192.168.202.9', '192.168.202.9 is outside network addr, which has 192.168.201.0/24'],
      ['on the gateway', '192.168.201.1', '192.168.201.1 is the gateway of network addr'],
      ['on the network address', '192.168.201.0', '192.168.201.0 is the network address of network addr'],
      ['on the broadcast address', '192.168.201.255', '192.168.201.255 is the broadcast address of network addr'],
      ['that is reserved', '192.168.201.150', '192.168.201.150 of network addr is reserved for 52:54:00:00:00:05'],
    ])('refuses an address %s, and changes nothing', async (_where, address, reason) => {
      const { stderr, status } = await kvmnet(['net', 'reserve', 'addr', 'addr-guest', address]);
      expect(stderr).toContain(reason);
      expect(status).toBe(2);
      expect(await reservations()).toEqual([printer]);
    });

    it('refuses an address that is leased to another MAC, and names its VM', async () => {
      const { stderr, status } = await kvmnet(['net', 'reserve', 'addr', '52:54:00:00:00:09', leased]);
      expect(stderr).toContain(`${leased} of network addr is leased to addr-guest (${mac}), for another`);
      expect(status).toBe(2);
    });

    it('refuses a network without DHCP, and a VM that is not in the network', async () => {
      expect((await kvmnet(['net', 'reserve', 'quiet', 'addr-guest', '10.0.0.9'])).stderr).toContain(
        'network quiet has no IPv4 subnet of its own',
      );
      const { stderr, status } = await kvmnet(['net', 'reserve', 'addr', 'nobody', '192.168.201.77']);
      expect(stderr).toContain('no domain "nobody"');
      expect(status).toBe(2);
    });

    it('prints the exact XML with --dry-run, and does nothing', async () => {
      const { stdout, status } = await kvmnet(['net', 'reserve', 'addr', 'addr-guest', '192.168.201.77', '--dry-run']);
      expect(stdout).toContain(`<host mac="${mac}" ip="192.168.201.77"/>`);
      expect(status).toBe(0);
      expect(await reservations()).toEqual([printer]);
    });

    it('keeps an address live and in the configuration, explains what the guest has to do, and does not restart dnsmasq', async () => {
      const { stdout, status } = await kvmnet([
        'net',
        'reserve',
        'addr',
        'addr-guest',
        '192.168.201.77',
        '--host',
        'web',
      ]);
      expect(stdout).toContain(`addr-guest keeps ${leased} until it renews its lease (at the latest in `);
      expect(stdout).toContain(`kvmnet vm link addr-guest ${mac} down --live`);
      expect(status).toBe(0);
      const mine = `<host mac='${mac}' name='web' ip='192.168.201.77'/>`;
      expect(await reservations()).toEqual([printer, mine]);
      expect(await reservations('--inactive')).toEqual([printer, mine]);
      expect(await dnsmasqOfAddr()).toBe(pid);
      expect(await vmIp()).toEqual(
        expect.arrayContaining([expect.objectContaining({ address: '192.168.201.77', sources: ['reserved'] })]),
      );
      const [lease] = await json<readonly object[]>('net', 'leases', 'addr');
      expect(lease).toMatchObject({ address: leased, reserved: '192.168.201.77' });
    });

    it('has nothing to do the second time, and adds what only one life has', async () => {
      const args = ['net', 'reserve', 'addr', 'addr-guest', '192.168.201.77'];
      expect((await kvmnet(args)).stdout).toContain('nothing to do');
      await virsh('net-update', 'addr', 'delete', 'ip-dhcp-host', `<host mac='${mac}'/>`, '--config');
      expect(await reservations('--inactive')).toEqual([printer]);
      expect((await kvmnet(args)).stdout).not.toContain('nothing to do');
      expect(await reservations('--inactive')).toHaveLength(2);
      expect(await reservations()).toHaveLength(2);
    });

    it('asks for --replace before it gives the guest another address, and then keeps its host name', async () => {
      const args = ['net', 'reserve', 'addr', mac, '192.168.201.78'];
      const { stderr, status } = await kvmnet(args);
      expect(stderr).toContain(`addr-guest (${mac}) has 192.168.201.77 of network addr reserved already`);
      expect(status).toBe(2);
      expect((await kvmnet([...args, '--replace'])).status).toBe(0);
      const mine = `<host mac='${mac}' name='web' ip='192.168.201.78'/>`;
      expect(await reservations()).toEqual([printer, mine]);
      expect(await reservations('--inactive')).toEqual([printer, mine]);
    });

    it('gives the guest the address when its link goes down and up, as reported', async () => {
      expect((await kvmnet(['vm', 'link', 'addr-guest', mac, 'down', '--live'])).status).toBe(0);
      expect((await kvmnet(['vm', 'link', 'addr-guest', mac, 'up', '--live'])).status).toBe(0);
      await guest.newLease(/^192\.168\.201\.78$/, 1);
      const [lease] = await json<readonly object[]>('net', 'leases', 'addr', '--json').then((all) =>
        (all as readonly { mac: string }[]).filter((each) => each.mac === mac),
      );
      expect(lease).toMatchObject({ address: '192.168.201.78', reserved: '192.168.201.78' });
      expect((await kvmnet(['net', 'reserve', 'addr', 'addr-guest', '192.168.201.78'])).stdout).toContain(
        'nothing to do',
      );
      expect(await dnsmasqOfAddr()).toBe(pid);
    });
  });

  describe('net release and net pin', () => {
    it('release removes it from both scopes, once, and the second time reports that nothing is to be done', async () => {
      expect((await kvmnet(['net', 'release', 'addr', 'addr-guest'])).status).toBe(0);
      expect(await reservations()).toEqual([printer]);
      expect(await reservations('--inactive')).toEqual([printer]);
      expect((await kvmnet(['net', 'release', 'addr', 'addr-guest'])).stdout).toContain('nothing to do');
    });

    it('pin reserves what the guest has, once', async () => {
      expect((await kvmnet(['net', 'pin', 'addr', 'addr-guest'])).stdout).toBe('addr-guest keeps 192.168.201.78\n');
      expect(await reservations('--inactive')).toEqual([printer, `<host mac='${mac}' ip='192.168.201.78'/>`]);
      expect((await kvmnet(['net', 'pin', 'addr', 'addr-guest'])).stdout).toContain('nothing to do');
      expect((await kvmnet(['net', 'release', 'addr', '192.168.201.78'])).status).toBe(0);
      expect(await dnsmasqOfAddr()).toBe(pid);
    });

    it('reserve without an address does the same, and the network may be left out where the VM has one only', async () => {
      expect((await kvmnet(['net', 'reserve', 'addr', mac, '--host', 'web'])).stdout).toBe(
        `${mac} keeps 192.168.201.78\n`,
      );
      expect(await reservations('--inactive')).toEqual([
        printer,
        `<host mac='${mac}' name='web' ip='192.168.201.78'/>`,
      ]);
      expect((await kvmnet(['net', 'release', 'addr', mac])).status).toBe(0);
      const { stderr, status } = await kvmnet(['net', 'pin', 'addr-guest']);
      expect(stderr).toContain('addr-guest has NICs in addr and quiet');
      expect(stderr).toContain('kvmnet net pin addr addr-guest');
      expect(status).toBe(2);
    });

    it('is undone in both scopes', async () => {
      expect((await kvmnet(['net', 'reserve', 'addr', otherMac, '192.168.201.90'])).status).toBe(0);
      expect((await kvmnet(['undo', '--yes'])).status).toBe(0);
      expect(await reservations()).toEqual([printer]);
      expect(await reservations('--inactive')).toEqual([printer]);
    });

    it('pin refuses a guest that has no lease in the network', async () => {
      const { stderr, status } = await kvmnet(['net', 'pin', 'quiet', 'addr-guest']);
      expect(stderr).toContain('addr-guest has no lease in network quiet');
      expect(status).toBe(2);
    });
  });

  describe('vm ip', () => {
    it('names every source of an address, and the reason for each NIC without one', async () => {
      await must(`${labCache}/busybox`, ['wget', '-q', '-O', '-', 'http://192.168.201.78/']);
      const [first, second] = await vmIp();
      expect(first).toMatchObject({ nic: 0, address: '192.168.201.78', sources: ['lease', 'neighbour'] });
      expect(second).toMatchObject({ nic: 1, sources: [] });
      expect(second?.reason).toBe("network quiet has no DHCP of libvirt's, no neighbor entry, its agent does not run");
      expect((await kvmnet(['vm', 'ip', 'addr-guest', '-o', 'csv', '--columns', 'Address'])).stdout).toBe(
        'Address\n192.168.201.78\n',
      );
    });

    it('leaves out what the guest had before, though the kernel still remembers it', async () => {
      const table = await must('ip', ['neighbour', 'show', 'dev', 'addr0']);
      expect(table).toContain(leased);
      expect((await vmIp()).map(({ address }) => address)).not.toContain(leased);
    });

    it('works with a stopped network, and names it', async () => {
      await virsh('net-destroy', 'quiet');
      const [first, second] = await vmIp();
      expect(first).toMatchObject({ address: '192.168.201.78' });
      expect(second).toMatchObject({ reason: 'network quiet is not active' });
      await virsh('net-start', 'quiet');
      expect((await vmIp())[1]).toMatchObject({ reason: 'lost its bridge quiet0' });
    });

    it('names the network whose leases cannot be read, and shows the leases of the others', async () => {
      await writeFile('/var/lib/libvirt/dnsmasq/quiet0.status', 'no JSON');
      const { stdout, stderr, status } = await kvmnet(['net', 'leases']);
      await rm('/var/lib/libvirt/dnsmasq/quiet0.status');
      expect(stderr).toContain('the leases of network quiet cannot be read');
      expect(stdout).toMatch(/^addr +192\.168\.201\.78 /m);
      expect(status).toBe(0);
    });

    it('reports that a link is down', async () => {
      await virsh('domif-setlink', 'addr-guest', mac, 'down');
      expect((await vmIp())[0]).toMatchObject({ address: '192.168.201.78', reason: 'link is down' });
      await virsh('domif-setlink', 'addr-guest', mac, 'up');
    });
  });

  describe('vm stats', () => {
    it('counts what the guest has received and sent', async () => {
      const [first] = await json<readonly Record<string, number>[]>('vm', 'stats', 'addr-guest', '--nic', '0');
      const counted = await virsh('domifstat', 'addr-guest', mac);
      expect(first?.['rxPackets']).toBeGreaterThan(0);
      expect(Number(/tx_bytes (\d+)/.exec(counted)?.[1])).toBeGreaterThanOrEqual(first?.['txBytes'] ?? Infinity);
    });
  });
});
