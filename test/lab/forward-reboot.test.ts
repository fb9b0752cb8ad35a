/** Port forwards after a reboot: without a command of kvmnet, by libvirt's hook and by systemd's unit. */
import { describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { must, root } from '../helpers/host.ts';
import { labLimit, runInLab } from '../helpers/lab.ts';

jest.setTimeout(labLimit * 1000);

const everything = {
  'outside tcp 10.9.0.1': 'from 10.9.0.2',
  'outside udp 10.9.0.1': 'from 10.9.0.2',
  'outside tcp fd09::1': 'from fd09::2',
  'host tcp 127.0.0.1': 'from 192.168.77.1',
};

const asBefore = {
  wanted: '/etc/systemd/system/kvmnet-nat.service',
  booted: everything,
  lost: { 'outside tcp 10.9.0.1': 'ECONNREFUSED' },
  unit: everything,
};

describe('port forwards after a reboot', () => {
  it('work on a machine with a kernel of its own, from its files alone', async () => {
    const script = 'test/lab/forward/reboot.js';
    const first = await runInLab(
      `test/lab/enter node ${script} before /tmp/files && echo "files $(base64 -w 0 /tmp/files)"`,
      { iptables: true },
    );
    const [, files] = /^\{\}\nfiles (\S+)\n$/m.exec(first.stdout) ?? [];
    expect({ ...first, files: typeof files }).toMatchObject({ status: 0, files: 'string' });
    const second = await runInLab(
      `base64 -d >/tmp/files <<'FILES'\n${files}\nFILES\ntest/lab/enter node ${script} after /tmp/files`,
      { iptables: true },
    );
    expect(second.status).toBe(0);
    expect(JSON.parse(second.stdout)).toEqual(asBefore);
  });

  // The machines have no nftables: here only the network part of the kernel is a new one.
  it.each(['trixie', 'forky'])("work with libvirt's nftables backend on Debian %s", async (release) => {
    const folder = await mkdtemp('/tmp/kvmnet-reboot-');
    try {
      const boot = async (...args: readonly string[]): Promise<unknown> =>
        JSON.parse(
          await must(`${root}test/lab/release`, [release, 'node', `${root}test/lab/forward/reboot.js`, ...args]),
        );
      expect(await boot('before', `${folder}/files`, 'nftables')).toEqual({});
      expect(await boot('after', `${folder}/files`)).toEqual(asBefore);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
