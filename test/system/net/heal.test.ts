import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { restartDaemon, signalAll, startDaemon, stopDaemon } from '../../helpers/daemon.ts';
import { withFake } from '../../helpers/fault/fault.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith, type Outcome } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { answers } from '../../helpers/reach.ts';
import { waitFor } from '../../helpers/wait.ts';

const network = (address = '192.168.203.1', end = 254): string => `<network>
  <name>heal</name>
  <uuid>5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7a03</uuid>
  <forward mode='nat'/>
  <bridge name='heal0' stp='off' delay='0'/>
  <mac address='52:54:00:a9:03:01'/>
  <ip address='${address}' netmask='255.255.255.0'><dhcp><range start='192.168.203.2' end='192.168.203.${String(end)}'/></dhcp></ip>
</network>`;

const nic = `<interface type='network'><mac address='52:54:00:a9:03:10'/><source network='heal'/><model type='virtio'/></interface>`;

const libvirtRules = 19;

async function rules(): Promise<string[]> {
  const text = await must('iptables-save', []);
  return text.split('\n').filter((line) => /heal0|192\.168\.203\.0\/24/.test(line));
}

async function dnsmasqPids(): Promise<string> {
  return (await run('pgrep', ['-f', '/libvirt/dnsmasq/heal.conf'])).stdout.trim();
}

async function problems(): Promise<readonly string[]> {
  const { stdout } = await kvmnet(['net', 'list', '--json']);
  const networks = JSON.parse(stdout) as { name: string; problems: string[] }[];
  return networks.find(({ name }) => name === 'heal')?.problems ?? ['it is not listed'];
}

const heal = (...args: readonly string[]): Promise<Outcome> => kvmnet(['net', 'heal', ...args]);

onPrivateHost('net heal', () => {
  let guest: Guest;
  let address: string;

  /** The guest answers, libvirt has its port, and each rule stands once. */
  async function expectHealthy(): Promise<void> {
    await answers(address);
    expect(await problems()).toEqual([]);
    expect((await virsh('net-port-list', 'heal')).trim().split('\n')).toHaveLength(1);
    const found = await rules();
    expect(found).toHaveLength(libvirtRules);
    expect(new Set(found).size).toBe(libvirtRules);
    expect((await virsh('net-list', '--all', '--name')).trim()).toBe('heal');
    expect((await heal()).stdout).toBe('heal all networks: nothing to do\n');
  }

  beforeAll(async () => {
    await virshWith(network(), 'net-define', 'FILE');
    await virsh('net-start', 'heal');
    await virsh('net-autostart', 'heal');
    guest = await makeGuest('heal-guest', { nics: [nic] });
    address = await guest.lease();
    await answers(address);
  });

  afterAll(async () => {
    await guest.remove();
    await virsh('net-destroy', 'heal');
    await virsh('net-undefine', 'heal');
  });

  it('does nothing where nothing is broken', async () => {
    await expectHealthy();
  });

  it('reattaches guests after net-destroy and net-start of virsh, which net list and domiflist show (F20)', async () => {
    await virsh('net-destroy', 'heal');
    await virsh('net-start', 'heal');
    expect(await problems()).toEqual(['1 NIC is cut off: heal-guest']);
    expect((await kvmnet(['net', 'list'])).stdout).toMatch(/^heal +broken .*1 NIC is cut off: heal-guest$/m);
    expect((await kvmnet(['domiflist'])).stdout).toMatch(/^heal-guest .*lost its bridge heal0$/m);
    expect((await kvmnet(['vm', 'nics', 'heal-guest'])).stdout).toContain('lost its bridge heal0');
    const { status, stdout } = await heal('heal');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /heal-guest: NIC 52:54:00:a9:03:10 \(vnet\d+\) was cut off for \d+\.\d s, and is attached again/,
    );
    await expectHealthy();
  });

  it('reports the problems and the repairs with --dry-run, and changes nothing', async () => {
    await virsh('net-destroy', 'heal');
    await virsh('net-start', 'heal');
    const { status, stdout } = await heal('--dry-run');
    expect(status).toBe(0);
    expect(stdout).toContain('network heal: 1 NIC is cut off: heal-guest');
    expect(stdout).toContain('to network heal');
    expect(await problems()).toEqual(['1 NIC is cut off: heal-guest']);
    await heal();
    await expectHealthy();
  });

  it('has libvirt start a dnsmasq that died, without touching guests (F11)', async () => {
    const ports = await virsh('net-port-list', 'heal');
    await signalAll('KILL', await dnsmasqPids());
    await waitFor('dnsmasq to end', async () => (await dnsmasqPids()) === '');
    expect(await problems()).toEqual(['its dnsmasq has died: no DHCP, no DNS']);
    const xml = await virsh('net-dumpxml', 'heal', '--inactive');
    expect((await heal()).status).toBe(0);
    expect(await virsh('net-dumpxml', 'heal', '--inactive')).toBe(xml);
    expect(await virsh('net-dumpxml', 'heal')).not.toContain('<host');
    expect(await virsh('net-port-list', 'heal')).toBe(ports);
    await expectHealthy();
  });

  it('recreates a bridge that a user has deleted, and attaches guests to it (F18)', async () => {
    await must('ip', ['link', 'delete', 'dev', 'heal0']);
    expect(await problems()).toEqual(['its bridge heal0 is gone']);
    expect((await heal()).status).toBe(0);
    await expectHealthy();
  });

  it('has libvirt recreate rules that are missing from its chains', async () => {
    for (const chain of ['FWI', 'FWO', 'FWX', 'INP', 'OUT']) await must('iptables', ['-F', `LIBVIRT_${chain}`]);
    expect((await kvmnet(['net', 'show', 'heal'])).stdout).toContain('its firewall rules are gone');
    expect(await problems()).toEqual(['its firewall rules are gone']);
    expect((await heal()).status).toBe(0);
    await expectHealthy();
    await must('iptables', ['-t', 'nat', '-F', 'LIBVIRT_PRT']);
    expect((await kvmnet(['net', 'show', 'heal'])).stdout).toContain(
      'its NAT rules are missing: guests cannot reach other networks',
    );
    expect((await heal()).status).toBe(0);
    await expectHealthy();
  });

  it('reports that only a restart of the daemon restores flushed chains, and repairs the rest after that (F14)', async () => {
    await must('nft', ['flush', 'ruleset']);
    expect((await kvmnet(['net', 'show', 'heal'])).stdout).toContain("libvirt's own firewall chains are gone");
    expect(await problems()).toEqual([expect.stringContaining("libvirt's own firewall chains are gone")]);
    const { status, stdout } = await heal();
    expect(status).toBe(3);
    expect(stdout).toContain('only by a restart of its daemon, which leaves guests running: systemctl restart');
    await restartDaemon();
    await expectHealthy();
  });

  describe('after a crash of the daemon', () => {
    it('puts a network that lost its status file in order, asks before it does, and leaves no rule twice (F19)', async () => {
      await stopDaemon('KILL');
      await rm('/run/libvirt/network/heal.xml');
      await startDaemon();
      expect(await problems()).toEqual(['not active, but still there: its bridge heal0, dnsmasq']);
      const refused = await heal();
      expect(refused.status).toBe(2);
      expect(refused.stderr).toContain('cuts off heal-guest: NIC 52:54:00:a9:03:10');
      expect((await heal('--yes')).status).toBe(0);
      await expectHealthy();
    });

    it('deletes duplicate rules after a manual repair (F19)', async () => {
      await stopDaemon('KILL');
      await rm('/run/libvirt/network/heal.xml');
      await startDaemon();
      await signalAll('TERM', await dnsmasqPids());
      await must('ip', ['link', 'delete', 'dev', 'heal0']);
      await virsh('net-start', 'heal');
      expect(await rules()).toHaveLength(2 * libvirtRules);
      expect((await kvmnet(['net', 'show', 'heal'])).stdout).toContain('19 of its firewall rules stand twice');
      expect((await heal()).status).toBe(0);
      await expectHealthy();
    });

    it('removes what a start left in the middle of which it was killed, and starts the network with its guests (F4)', async () => {
      await virsh('net-destroy', 'heal');
      const script =
        'if [[ "$*" == *"--insert LIBVIRT_FWO"*heal0* ]]; then kill -9 $(pidof libvirtd); sleep 0.2; fi\nREAL "$@"';
      await withFake('/usr/sbin/iptables', { script }, async () => {
        await run('virsh', ['--connect', 'qemu:///system', 'net-start', 'heal']);
      });
      await startDaemon();
      const [said] = await problems();
      expect(said).toContain('not active, but still there: its bridge heal0');
      expect((await rules()).length).toBeGreaterThan(0);
      const { status } = await heal();
      expect(status).toBe(0);
      await expectHealthy();
    });

    it('leaves a bridge alone that has ports of others', async () => {
      await stopDaemon('KILL');
      await rm('/run/libvirt/network/heal.xml');
      await startDaemon();
      await must('ip', ['link', 'add', 'name', 'other0', 'type', 'veth', 'peer', 'name', 'other1']);
      await must('ip', ['link', 'set', 'dev', 'other0', 'master', 'heal0']);
      const { status, stdout } = await heal('--yes');
      const answered = await answers(address).then(() => true);
      await must('ip', ['link', 'delete', 'dev', 'other0']);
      expect({ status, answered }).toEqual({ status: 3, answered: true });
      expect(stdout).toContain('heal0 has ports that are not guests of libvirt, and is left alone: other0');
      expect((await heal('--yes')).status).toBe(0);
      await expectHealthy();
    });
  });

  describe('with a hook that fails once the network has started', () => {
    const hook = '/etc/libvirt/hooks/network';

    beforeEach(async () => {
      await must('mkdir', ['-p', '/etc/libvirt/hooks']);
      await writeFile(hook, '#!/bin/sh\n[ "$2" != started ]\n', { mode: 0o755 });
      await restartDaemon();
    });

    afterEach(async () => {
      await rm(hook, { force: true });
      await restartDaemon();
      await heal('--yes');
    });

    it('removes what libvirt and the repair itself leave behind, and reports why (F27)', async () => {
      await virsh('net-destroy', 'heal');
      await run('virsh', ['--connect', 'qemu:///system', 'net-start', 'heal']);
      expect(await problems()).toEqual(['not active, but still there: its bridge heal0, dnsmasq']);
      const { status, stderr } = await heal();
      expect(status).toBe(1);
      expect(stderr).toContain('/etc/libvirt/hooks/network');
      expect(await problems()).toEqual([]);
      expect(await rules()).toEqual([]);
      expect(await dnsmasqPids()).toBe('');
    });
  });

  it('starts it with its guests once the hook is gone', async () => {
    await virsh('net-start', 'heal').catch(() => undefined);
    await heal('--yes');
    await expectHealthy();
  });

  describe('when the disk of the host was full', () => {
    const definitions = '/etc/libvirt/qemu/networks';
    const small = '/run/kvmnet-test/small';

    beforeEach(async () => {
      await must('mkdir', ['-p', small]);
      await must('mount', ['-t', 'tmpfs', '-o', 'size=12k,mode=755', 'tmpfs', small]);
      await must('cp', ['-a', `${definitions}/.`, small]);
      await must('mount', ['--bind', small, definitions]);
      await run('dd', ['if=/dev/zero', `of=${small}/fill`, 'bs=1k', 'count=40']);
    });

    afterEach(async () => {
      await rm(`${small}/fill`, { force: true });
      await must('umount', [definitions]);
      await must('cp', ['-a', `${small}/.`, definitions]);
      await must('umount', [small]);
    });

    it('gives an active network its configuration back, which it would lose (F23)', async () => {
      await virshWith(network('192.168.203.1', 100), 'net-define', 'FILE').catch(() => undefined);
      expect((await virsh('net-list', '--all', '--transient', '--name')).trim()).toBe('heal');
      expect((await problems()).join()).toContain('libvirt has lost its configuration');
      const refused = await heal();
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain('the disk of the host is full');
      await rm(`${small}/fill`);
      expect((await heal()).status).toBe(0);
      expect((await virsh('net-list', '--all', '--persistent', '--autostart', '--name')).trim()).toBe('heal');
      await expectHealthy();
    });

    it('saves a change that libvirt has in mind only (F23)', async () => {
      const host = `<host mac='52:54:00:a9:03:77' ip='192.168.203.77'/>`;
      await virsh('net-update', 'heal', 'add', 'ip-dhcp-host', host, '--live', '--config').catch(() => undefined);
      expect(await readFile(`${definitions}/heal.xml`, 'utf8')).not.toContain('203.77');
      expect((await kvmnet(['net', 'show', 'heal'])).stdout).toContain('its configuration is not saved');
      await rm(`${small}/fill`);
      expect((await heal()).status).toBe(0);
      expect(await readFile(`${definitions}/heal.xml`, 'utf8')).toContain('203.77');
      await expectHealthy();
    });

    it('brings a network back that libvirt forgot, and its guests with it (F23)', async () => {
      await virsh('net-destroy', 'heal');
      await virshWith(network('192.168.203.1', 100), 'net-define', 'FILE').catch(() => undefined);
      expect((await virsh('net-list', '--all', '--name')).trim()).toBe('');
      expect((await kvmnet(['net', 'list'])).stderr).toContain('libvirt does not know network heal any more');
      await rm(`${small}/fill`);
      expect((await heal('heal')).status).toBe(0);
      expect((await virsh('net-list', '--all', '--persistent', '--name')).trim()).toBe('heal');
      await restartDaemon();
      expect((await virsh('net-list', '--all', '--autostart', '--name')).trim()).toBe('heal');
      await virsh('net-start', 'heal');
      expect((await heal()).status).toBe(0);
      await expectHealthy();
    });
  });
});
