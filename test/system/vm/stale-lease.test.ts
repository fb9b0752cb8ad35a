import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { labCache } from '../../helpers/lab.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';
import { otherMac, unknownMac, network, json, reservations, printer } from './addresses.ts';

onPrivateHost('addresses', () => {
  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'addr');
  });

  afterAll(async () => {
    await run('virsh', ['--quiet', 'net-destroy', 'addr']);
    await virsh('net-undefine', 'addr');
  });

  describe('net leases', () => {
    it('marks a lease as stale if no domain has its MAC; reserves its address for another only with --replace', async () => {
      await must('ip', ['netns', 'add', 'stale']);
      try {
        await must('ip', ['link', 'add', 'stale0', 'type', 'veth', 'peer', 'name', 'stale1', 'netns', 'stale']);
        await must('ip', ['link', 'set', 'dev', 'stale0', 'up', 'master', 'addr0']);
        await must('ip', ['-n', 'stale', 'link', 'set', 'dev', 'stale1', 'up', 'address', unknownMac]);
        const client = ['udhcpc', '-i', 'stale1', '-n', '-q', '-f', '-s', '/bin/true', '-x', 'hostname:gone'];
        await must('ip', ['netns', 'exec', 'stale', `${labCache}/busybox`, ...client]);
      } finally {
        await must('ip', ['netns', 'delete', 'stale']);
      }
      const stale = await waitFor('the lease of the client that is gone', async () => {
        const leases = await json<readonly { mac: string; state: string; hostname: string; address: string }[]>(
          'net',
          'leases',
        );
        return leases.find((lease) => lease.mac === unknownMac);
      });
      expect(stale).toMatchObject({ state: 'stale', hostname: 'gone' });
      expect((await kvmnet(['net', 'show', 'addr'])).stdout).toContain(
        `${stale.address} for ${unknownMac} (gone), stale`,
      );

      const refused = await kvmnet(['net', 'reserve', 'addr', otherMac, stale.address]);
      expect(refused.stderr).toContain(
        `${stale.address} of network addr is leased to ${unknownMac}, which does not belong to any domain`,
      );
      expect(refused.status).toBe(2);
      const taken = await kvmnet(['net', 'reserve', 'addr', otherMac, stale.address, '--replace']);
      expect(taken.stderr).toContain('gets it after that');
      expect(taken.stdout).toContain(`gets ${stale.address} once the lease of ${unknownMac} has ended`);
      expect(taken.status).toBe(0);
      const release = `net release addr ${unknownMac}`;
      for (const { stderr } of [refused, taken]) expect(stderr).toContain(`kvmnet ${release}`);
      const ended = await kvmnet(release.split(' '));
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      expect(ended.stdout).toContain(`the lease of ${stale.address} has ended`);
      expect((await kvmnet(['net', 'leases', 'addr'])).stdout).not.toContain(unknownMac);
      expect((await kvmnet(release.split(' '))).stdout).toContain('nothing to do');
      expect((await kvmnet(['net', 'release', 'addr', stale.address])).status).toBe(0);
      expect(await reservations()).toEqual([printer]);
    });
  });
});
