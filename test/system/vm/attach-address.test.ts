import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, virsh, virshWith } from '../../helpers/host.ts';
import { kvmnetJson, nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, snapshot } from '../../helpers/snapshot.ts';

const network = `<network><name>web</name><forward mode='nat'/><bridge name='web0' stp='off' delay='0'/>
  <ip address='192.168.78.1' prefix='24'><dhcp><range start='192.168.78.100' end='192.168.78.199'/></dhcp></ip></network>`;

onPrivateHost('vm attach --ip', () => {
  let guest: Guest;

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virshWith(`<network><name>quiet</name><bridge name='quiet0' stp='off'/></network>`, 'net-define', 'FILE');
    await virsh('net-start web; net-start quiet');
    guest = await makeGuest('web-vm');
  });

  afterAll(async () => {
    await guest.remove();
    await kvmnet(['net', 'delete', 'web', 'quiet', '--yes']);
  });

  const reservations = async (...flags: readonly string[]): Promise<readonly string[]> =>
    [...(await virsh('net-dumpxml', 'web', ...flags)).matchAll(/<host .*\/>/g)].map(([host]) => host);

  it('gives the guest the address with its first request; undo detaches the NIC and releases the address', async () => {
    const before = await snapshot();
    const { mac, reserved, addresses } = await kvmnetJson([
      ...['vm', 'attach', 'web-vm', 'web', '--ip', '192.168.78.7', '--hostname', 'shop', '--wait-ip', '300s'],
    ]);
    expect({ reserved, addresses }).toEqual({ reserved: '192.168.78.7', addresses: ['192.168.78.7'] });
    const host = `<host mac='${mac}' name='shop' ip='192.168.78.7'/>`;
    expect([await reservations(), await reservations('--inactive')]).toEqual([[host], [host]]);
    expect(await guest.lease()).toBe('192.168.78.7');
    expect((await kvmnet(['undo', '--yes'])).status).toBe(0);
    expect(await nicsOf('web-vm', '--inactive')).toEqual([]);
    expect(await reservations()).toEqual([]);
    await expectUnchanged(before);
  });

  it('takes a free address for `next`, and reports it', async () => {
    const { stdout, stderr, status } = await kvmnet(['vm', 'attach', 'web-vm', 'web', '--config', '--ip', 'next']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const [, mac = ''] = /^web-vm: NIC (\S+) attached to web, with 192\.168\.78\.2 reserved$/m.exec(stdout) ?? [];
    expect(await reservations()).toEqual([`<host mac='${mac}' ip='192.168.78.2'/>`]);
    expect((await kvmnet(['undo', '--yes'])).status).toBe(0);
    expect(await reservations()).toEqual([]);
  });

  it('refuses what no reservation can keep, and changes nothing', async () => {
    const before = await snapshot();
    const refused = async (source: string, ...options: readonly string[]): Promise<string> => {
      const { stdout, stderr, status } = await kvmnet(['vm', 'attach', 'web-vm', source, ...options]);
      expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
      return stderr;
    };
    expect(await refused('web', '--hostname', 'shop')).toContain('--hostname is the name of a reserved address');
    expect(await refused('web', '--ip', 'fd00::7')).toContain('DHCPv6 knows a guest by its DUID');
    expect(await refused('web', '--ip', '192.168.78.1')).toContain('192.168.78.1 is the gateway of network web');
    expect(await refused('web', '--ip', '10.0.0.7')).toContain('10.0.0.7 is outside network web');
    expect(await refused('quiet', '--ip', '192.168.78.7')).toContain('network quiet has no IPv4 subnet of its own');
    expect(await refused('quiet', '--ip', 'next')).toContain('network quiet has no IPv4 addresses');
    expect(await refused('web0', '--bridge', '--ip', '192.168.78.7')).toContain('web0 is a bridge of the host');
    await expectUnchanged(before);
  });
});
