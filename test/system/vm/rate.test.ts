import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';

const mac = '52:54:00:00:00:11';
const lateMac = '52:54:00:00:00:12';
const network = `<network><name>rate</name><bridge name='rate0' stp='off' delay='0'/></network>`;
const nic = (address: string): string => nicIn('rate', address);
const screen = `<graphics type='vnc' autoport='yes' passwd='secret42'/>`;

const name = 'rate-guest';

async function macsIn(...flags: readonly string[]): Promise<readonly string[]> {
  return [...(await virsh('domiflist', name, ...flags)).matchAll(/52:54:[0-9a-f:]+/g)].map(([found]) => found);
}

async function bandwidth(...flags: readonly string[]): Promise<string> {
  const xml = await virsh('dumpxml', name, ...flags);
  return /<bandwidth>[^]*?<\/bandwidth>/.exec(xml)?.[0].replaceAll(/\s*\n\s*/g, '') ?? '';
}

onPrivateHost('what NICs have and may have', () => {
  let guest: Guest;

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'rate');
    guest = await makeGuest(name, {
      nics: [nic(mac), screen],
      spareRootPorts: 2,
      kernelArguments: 'guest.ip=eth0=192.168.210.2/24',
    });
    await waitFor('the guest to run', async () => (await guest.console()).includes('STATIC eth0'));
  });

  afterAll(async () => {
    await guest.remove();
    await run('virsh', ['--quiet', 'net-destroy', 'rate']);
    await virsh('net-undefine', 'rate');
  });

  describe('vm rate', () => {
    it('shows that nothing is limited', async () => {
      const { stdout, status } = await kvmnet(['vm', 'rate', name, '0']);
      expect(stdout).toMatch(/live +unlimited +unlimited\n.*next boot +unlimited +unlimited\n$/);
      expect(status).toBe(0);
    });

    it("writes a limit into the configuration in libvirt's kilobytes, from the guest's point of view, and removes it again", async () => {
      const { status } = await kvmnet(['vm', 'rate', name, '0', '--in', '100mbit', '--out', '8mbit', '--config']);
      expect(status).toBe(0);
      expect(await bandwidth('--inactive')).toBe(
        "<bandwidth><inbound average='12500'/><outbound average='1000'/></bandwidth>",
      );
      expect(await bandwidth()).toBe('');
      expect((await kvmnet(['vm', 'rate', name, '0'])).stdout).toMatch(/next boot +100mbit +8mbit$/m);

      expect((await kvmnet(['vm', 'rate', name, '0', '--out', '16mbit', '--config'])).status).toBe(0);
      expect(await bandwidth('--inactive')).toBe(
        "<bandwidth><inbound average='12500'/><outbound average='2000'/></bandwidth>",
      );
      expect((await kvmnet(['vm', 'rate', name, '0', '--none', '--config'])).status).toBe(0);
      expect(await bandwidth('--inactive')).toBe('');
      expect((await kvmnet(['vm', 'rate', name, '0', '--none', '--config'])).stdout).toContain('nothing to do');
    });

    it('limits the running guest, or names the module that the kernel lacks and leaves both definitions unchanged', async () => {
      const { stderr, status } = await kvmnet(['vm', 'rate', name, '0', '--in', '100mbit']);
      if (status === 0) {
        expect(await bandwidth()).toContain("<inbound average='12500'/>");
        expect((await kvmnet(['vm', 'rate', name, '0', '--none'])).status).toBe(0);
      } else {
        expect(stderr).toMatch(/the kernel of the host has no (htb|sfq|ingress)/);
        expect(stderr).toContain('modprobe -a sch_htb sch_sfq sch_ingress');
        expect(await must('tc', ['qdisc', 'show'])).not.toContain('htb');
      }
      expect(await bandwidth()).toBe('');
      expect(await bandwidth('--inactive')).toBe('');
    });

    it('refuses an invalid rate before it changes anything', async () => {
      const { stderr, status } = await kvmnet(['vm', 'rate', name, '0', '--in', '100']);
      expect(stderr).toContain('--in 100: a rate is a number with kbit, mbit, gbit, kB/s or MB/s');
      expect(status).toBe(2);
    });
  });

  describe('vm slots', () => {
    it('counts the free ports, and adds some to the next boot without losing a password', async () => {
      const { stdout } = await kvmnet(['vm', 'slots', name]);
      const [, free] = /^rate-guest +next boot +pcie-root-port +virtio, e1000e +(\d+) +\d+$/m.exec(stdout) ?? [];
      expect(Number(free)).toBeGreaterThanOrEqual(2);
      const before = await virsh('dumpxml', name);

      const { status, stderr } = await kvmnet(['vm', 'slots', name, '--add', '3']);
      expect(stderr).toContain('shut down and started');
      expect(status).toBe(0);
      expect((await kvmnet(['vm', 'slots', name])).stdout).toMatch(
        new RegExp(`^rate-guest +next boot +pcie-root-port +virtio, e1000e +${Number(free) + 3} `, 'm'),
      );
      expect(await virsh('dumpxml', name, '--inactive', '--security-info')).toContain("passwd='secret42'");
      expect(await virsh('dumpxml', name)).toBe(before);
    });

    it('is undone to the previous definition', async () => {
      const before = await virsh('dumpxml', name, '--inactive', '--security-info');
      expect((await kvmnet(['vm', 'slots', name, '--add', '2'])).status).toBe(0);
      expect(await virsh('dumpxml', name, '--inactive', '--security-info')).not.toBe(before);
      expect((await kvmnet(['undo', '--yes'])).status).toBe(0);
      expect(await virsh('dumpxml', name, '--inactive', '--security-info')).toBe(before);
    });

    it('prints no password with --dry-run', async () => {
      const { stdout } = await kvmnet(['vm', 'slots', name, '--add', '1', '--dry-run']);
      expect(stdout).toContain('pcie-root-port');
      expect(stdout).not.toContain('secret42');
    });

    it.each(['0', '-1', 'many', '65'])('refuses to add %s', async (count) => {
      expect((await kvmnet(['vm', 'slots', name, `--add=${count}`])).status).toBe(2);
    });
  });

  describe('vm nics --sync', () => {
    it('gives the next boot a NIC that only the running guest has, with its MAC, and then has nothing to do', async () => {
      await virshWith(nic(lateMac), 'attach-device', name, 'FILE', '--live');
      await virsh('domif-setlink', name, mac, 'down', '--config');
      const shown = await kvmnet(['vm', 'nics', name, '--sync', 'config', '--dry-run']);
      expect(shown.stdout).toMatch(/attach NIC 52:54:00:00:00:12 of rate-guest to rate/);
      expect(await macsIn('--inactive')).toEqual([mac]);

      expect((await kvmnet(['vm', 'nics', name, '--sync', 'config'])).status).toBe(0);
      expect(await macsIn('--inactive')).toEqual([mac, lateMac]);
      expect(await virsh('domif-getlink', name, mac, '--config')).toContain('up');
      const config = await virsh('dumpxml', name, '--inactive');
      expect(config).not.toMatch(/vnet\d|portid|<alias name='net/);
      expect((await kvmnet(['vm', 'nics', name, '--sync', 'config'])).stdout).toContain('nothing to do');
      expect((await kvmnet(['vm', 'nics', name, '--sync', 'live'])).stdout).toContain('nothing to do');
    });

    it('takes from the running guest what its next boot does not have, with consent', async () => {
      await virshWith(nic(lateMac), 'detach-device', name, 'FILE', '--config');
      const asked = await kvmnet(['vm', 'nics', name, '--sync', 'live']);
      expect(asked.stderr).toContain(`rate-guest loses NIC ${lateMac} (rate)`);
      expect(asked.status).toBe(2);
      expect(await macsIn()).toEqual([mac, lateMac]);
      expect((await kvmnet(['vm', 'nics', name, '--sync', 'live', '--yes'])).status).toBe(0);
      expect(await macsIn()).toEqual([mac]);
    });

    it('attaches now what only the next boot has', async () => {
      await virshWith(nic(lateMac), 'attach-device', name, 'FILE', '--config');
      expect((await kvmnet(['vm', 'nics', name, '--sync', 'live'])).status).toBe(0);
      expect(await macsIn()).toEqual([mac, lateMac]);
      expect((await kvmnet(['vm', 'nics', name, '--sync', 'live'])).stdout).toContain('nothing to do');
    });

    it('explains which definitions exist if the word names neither', async () => {
      const { stderr, status } = await kvmnet(['vm', 'nics', name, '--sync', 'boot']);
      expect(stderr).toContain('--sync boot: specify the definition to change: live or config');
      expect(status).toBe(2);
    });
  });
});
