import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import { restartDaemon } from '../../helpers/daemon.ts';
import { expectWithin } from '../../helpers/figure.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { answers, knocking } from '../../helpers/reach.ts';

const network = (stp: 'on' | 'off'): string => `<network>
  <name>again</name>
  <uuid>5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7a01</uuid>
  <forward mode='nat'/>
  <bridge name='again0' stp='${stp}' delay='0'/>
  <mac address='52:54:00:a9:00:01'/>
  <ip address='192.168.201.1' netmask='255.255.255.0'><dhcp><range start='192.168.201.2' end='192.168.201.254'/></dhcp></ip>
</network>`;

const nics = [
  `<interface type='network'><mac address='52:54:00:a9:00:10'/><source network='again'/><model type='virtio'/></interface>`,
  `<interface type='network'><mac address='52:54:00:a9:00:11'/><source network='again'/><model type='virtio'/>
     <port isolated='yes'/><filterref filter='clean-traffic'/><link state='down'/></interface>`,
  `<interface type='bridge'><mac address='52:54:00:a9:00:12'/><source bridge='again0'/><model type='virtio'/><link state='down'/></interface>`,
];

/** A NIC's live XML, without the number of its port, which is a new one each time. */
async function liveNics(): Promise<string> {
  const xml = await virsh('dumpxml', 'again-guest');
  return [...xml.matchAll(/<interface.*?<\/interface>/gs)].join('\n').replaceAll(/ portid='[^']*'/g, '');
}

async function masters(): Promise<string[]> {
  const links = JSON.parse(await must('ip', ['-j', 'link'])) as { ifname: string; master?: string }[];
  return links.filter(({ ifname }) => ifname.startsWith('vnet')).map(({ master }) => master ?? 'none');
}

interface Restarted {
  readonly gaps: readonly { domain: string; mac: string; seconds: number; forwarding: boolean }[];
}

onPrivateHost('net restart', () => {
  let guest: Guest;
  let address: string;

  beforeAll(async () => {
    await virshWith(network('off'), 'net-define', 'FILE');
    await virsh('net-start', 'again');
    guest = await makeGuest('again-guest', { nics });
    address = await guest.lease();
    await answers(address);
  });

  afterAll(async () => {
    await guest.remove();
    await virsh('net-destroy', 'again');
    await virsh('net-undefine', 'again');
  });

  it('names every guest that it cuts off, for how long, and does nothing without consent', async () => {
    const ports = await virsh('net-port-list', 'again');
    const { status, stderr } = await kvmnet(['net', 'restart', 'again']);
    expect(status).toBe(2);
    for (const nic of ['10', '11', '12']) {
      const sentence = `restarting network again cuts off again-guest: NIC 52:54:00:a9:00:${nic} \\(vnet\\d+\\) for about 1 s`;
      expect(stderr).toMatch(new RegExp(sentence));
    }
    expect(await virsh('net-port-list', 'again')).toBe(ports);
  });

  describe.each([
    ['off', 2],
    ['on', 6],
  ] as const)('with STP %s', (stp, most) => {
    it('has the guest answer again without being touched', async () => {
      await virshWith(network(stp), 'net-define', 'FILE');
      const before = await liveNics();
      const knocks = knocking(address);
      const { status, stdout, stderr } = await kvmnet(['net', 'restart', 'again', '--yes', '--json']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      await answers(address);
      expectWithin(`net restart with STP ${stp}: silence`, await knocks.longestSilence(), most);
      const { gaps } = JSON.parse(stdout) as Restarted;
      expect(gaps.map(({ mac }) => mac)).toEqual(['52:54:00:a9:00:10', '52:54:00:a9:00:11', '52:54:00:a9:00:12']);
      for (const { seconds, forwarding } of gaps) {
        expectWithin(`net restart with STP ${stp}: gap`, seconds, most);
        expect(forwarding).toBe(true);
      }
      expect(await liveNics()).toBe(before);
      expect(await masters()).toEqual(['again0', 'again0', 'again0']);
      // The third NIC names the bridge: it has no port.
      expect((await virsh('net-port-list', 'again')).trim().split('\n')).toHaveLength(2);
      expect((await virsh('net-list', '--all', '--name')).trim()).toBe('again');
    });
  });

  it('prints the gap of each guest', async () => {
    await virshWith(network('off'), 'net-define', 'FILE');
    const { stdout } = await kvmnet(['net', 'restart', 'again', '--yes']);
    expect(stdout).toMatch(
      /^restarted again\nagain-guest: NIC 52:54:00:a9:00:10 \(vnet\d+\) was cut off for \d+\.\d s, and is attached again$/m,
    );
    await answers(address);
  });

  it('also reattaches ports that are not guests of libvirt', async () => {
    await must('ip', ['link', 'add', 'name', 'other0', 'type', 'veth', 'peer', 'name', 'other1']);
    await must('ip', ['link', 'set', 'dev', 'other0', 'master', 'again0']);
    const { status } = await kvmnet(['net', 'restart', 'again', '--yes']);
    const [link] = JSON.parse(await must('ip', ['-j', 'link', 'show', 'dev', 'other0'])) as { master?: string }[];
    await must('ip', ['link', 'delete', 'dev', 'other0']);
    expect({ status, master: link?.master }).toEqual({ status: 0, master: 'again0' });
  });

  it('starts the network as it was, with its guests, if the new definition does not start', async () => {
    const hook = '/etc/libvirt/hooks/network';
    await must('mkdir', ['-p', '/etc/libvirt/hooks']);
    await writeFile(hook, '#!/bin/sh\nif [ "$2" = start ] && grep -q 192.168.202.1; then exit 1; fi\nexit 0\n', {
      mode: 0o755,
    });
    try {
      await restartDaemon();
      const before = await liveNics();
      const inactive = await virsh('net-dumpxml', 'again', '--inactive');
      const knocks = knocking(address);
      const { status, stderr } = await kvmnet(['net', 'set', 'again', '--nat', '192.168.202.0/24', '--yes']);
      expect(status).toBe(1);
      expect(stderr).toContain('start network again');
      await answers(address);
      expectWithin('net set that fails: silence', await knocks.longestSilence(), 5);
      expect(await liveNics()).toBe(before);
      expect(await virsh('net-dumpxml', 'again', '--inactive')).toBe(inactive);
      expect(await masters()).toEqual(['again0', 'again0', 'again0']);
      expect((await virsh('net-list', '--all', '--name')).trim()).toBe('again');
    } finally {
      await rm(hook, { force: true });
      await restartDaemon();
    }
  });
});
