import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { said, startWithFault } from '../../helpers/fault/fault.ts';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { kvmnetJson, nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const macs = ['52:54:00:00:0d:01', '52:54:00:00:0d:02', '52:54:00:00:0d:03'] as const;
const nic = (mac: string) =>
  `<interface type='bridge'><mac address='${mac}'/><source bridge='br0'/><model type='virtio'/></interface>`;

onPrivateHost('a VM without a system', () => {
  const name = 'deaf';
  let guest: Guest;

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    guest = await makeGuestWithoutSystem(name, { nics: macs.map(nic) });
  });

  afterAll(async () => {
    await guest.remove();
    await must('ip', ['link', 'delete', 'dev', 'br0']);
  });

  const macsNow = async (...flags: readonly '--inactive'[]) => (await nicsOf(name, ...flags)).map(({ mac }) => mac);

  describe('vm detach', () => {
    it('fails if the guest does not release the NIC, names the alternatives, and leaves both scopes unchanged', async () => {
      const before = [await virsh('dumpxml', name), await virsh('dumpxml', name, '--inactive')];
      const { stdout, stderr, status } = await kvmnet(['vm', 'detach', name, macs[0], '--timeout', '20']);
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(stderr).toMatch(`NIC ${macs[0]} of deaf: the guest has not released it`);
      expect(stderr).toMatch(`hint: kvmnet vm link deaf ${macs[0]} down`);
      expect(stderr).toMatch(`kvmnet vm detach deaf ${macs[0]} --config`);
      expect([await virsh('dumpxml', name), await virsh('dumpxml', name, '--inactive')]).toEqual(before);
    });

    it('can be interrupted while it waits: it reports that, and the configuration is unchanged', async () => {
      const fault = { line: 'virDomainDetachDeviceFlags ', signal: 'SIGINT' } as const;
      const outcome = await startWithFault(fault, ['vm', 'detach', name, macs[1]]).outcome;
      expect(outcome).toMatchObject({ stdout: '', status: 130 });
      expect(said(outcome)).toMatch(/^interrupted: rolling back\n(.*\n)*error: interrupted: detach NIC \S+ of deaf;/m);
      expect([await macsNow(), await macsNow('--inactive')]).toEqual([macs, macs]);
    });

    it('works as its hints promise: the link is cut now, and the NIC is gone at the next boot', async () => {
      expect(await kvmnet(['vm', 'link', name, macs[0], 'down'])).toEqual({
        stdout: `deaf: link down on NIC ${macs[0]}\n`,
        stderr: '',
        status: 0,
      });
      expect(await virsh('domif-getlink', name, macs[0])).toMatch(/ down\s*$/);
      expect(await kvmnet(['vm', 'detach', name, macs[0], '--config'])).toMatchObject({ stderr: '', status: 0 });
      expect([await macsNow(), await macsNow('--inactive')]).toEqual([macs, macs.slice(1)]);
      expect(await kvmnetJson(['vm', 'nics', name])).toMatchObject([
        { mac: macs[0], link: 'down', live: 'br0', problems: ['not at the next boot'] },
        { mac: macs[1], link: 'up', problems: [] },
        { mac: macs[2], link: 'up', problems: [] },
      ]);
    });

    it('asks which life is meant where the NIC has one only', async () => {
      const { stderr, status } = await kvmnet(['vm', 'detach', name, macs[0], '--config']);
      expect(status).toBe(2);
      expect(stderr).toBe('error: NIC 0 of deaf is only in its live definition\nhint: use --live\n');
    });
  });

  describe('of two NICs with one MAC', () => {
    it('the named one is switched and detached', async () => {
      // libvirt accepts a MAC that already exists.
      await virshWith(nic(macs[1]), 'attach-device', name, 'FILE', '--live', '--config');
      const [, first, , second] = await nicsOf(name);
      expect(second).toMatchObject({ mac: macs[1] });
      expect(second!.slot).not.toBe(first!.slot);

      const ambiguous = await kvmnet(['vm', 'link', name, macs[1], 'down']);
      expect(ambiguous.status).toBe(2);
      expect(ambiguous.stderr).toMatch(`${macs[1]} is 2 NICs of deaf: 1 (${macs[1]}, br0), 3 (${macs[1]}, br0)\n`);
      expect(await kvmnet(['vm', 'link', name, '3', 'down'])).toMatchObject({ stderr: '', status: 0 });
      expect((await nicsOf(name)).map(({ link }) => link)).toEqual(['down', undefined, undefined, 'down']);
      expect((await nicsOf(name, '--inactive')).map(({ link }) => link)).toEqual([undefined, undefined, 'down']);

      expect(await kvmnet(['vm', 'detach', name, '3', '--config'])).toMatchObject({ stderr: '', status: 0 });
      expect((await nicsOf(name, '--inactive')).map(({ slot }) => slot)).toEqual([first!.slot, expect.any(String)]);
      const late = await kvmnet(['vm', 'detach', name, '3', '--live', '--timeout', '20']);
      expect(late.stderr).toMatch('the guest has not released it');
      expect(late.status).toBe(1);
    });
  });

  describe('vm stop', () => {
    it('fails if the guest keeps running, and offers --force', async () => {
      const { stdout, stderr, status } = await kvmnet(['vm', 'stop', name, '--timeout', '15']);
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(stderr).toMatch(/^error: deaf was asked to shut down, and is still running/);
      expect(stderr).toMatch(/^hint: .*kvmnet vm stop deaf --force powers it off$/m);
    });

    it('powers the guest off with --force, and then has nothing to do', async () => {
      expect(await kvmnet(['vm', 'stop', name, '--force'])).toEqual({
        stdout: 'stopped deaf\n',
        stderr: '',
        status: 0,
      });
      expect((await virsh('domstate', name)).trim()).toBe('shut off');
      expect((await kvmnet(['vm', 'stop', name])).stdout).toBe('shut down deaf: nothing to do\n');
    });
  });
});
