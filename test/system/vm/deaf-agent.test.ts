import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { expectWithin } from '../../helpers/figure.ts';
import { makeGuest, type Guest } from '../../helpers/guest.ts';
import { kvmnet, startKvmnet, virsh } from '../../helpers/host.ts';
import { agentChannel, nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';

onPrivateHost('a guest agent that holds its channel and never answers', () => {
  let guest: Guest;

  beforeAll(async () => {
    for (const name of ['with', 'without']) {
      const subnet = name === 'with' ? ['192.168.61.0/24'] : [];
      expect(await kvmnet(['net', 'create', name, '--isolated', ...subnet])).toMatchObject({ status: 0 });
    }
    guest = await makeGuest('deaf', {
      nics: [nicIn('with', '52:54:00:00:61:01'), nicIn('without', '52:54:00:00:61:02'), agentChannel],
      kernelArguments: 'guest.agent=deaf',
    });
    await guest.lease();
    const opened = async (): Promise<boolean> => (await virsh('dumpxml', 'deaf')).includes("state='connected'");
    await waitFor('the channel to be held', opened);
  });
  afterAll(async () => {
    await guest.remove();
    await kvmnet(['net', 'delete', 'with', 'without', '--yes']);
  });

  it('is named by vm ip where nothing else knows an address, and hides nothing of what others know', async () => {
    const { stdout, stderr, status } = await kvmnet(['vm', 'ip', 'deaf', '--json']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(JSON.parse(stdout)).toMatchObject([
      { nic: 0, address: await guest.lease(), sources: expect.arrayContaining(['lease']) },
      { nic: 1, sources: [], reason: expect.stringContaining('its agent does not answer') },
    ]);
  });

  it('is reported by domifaddr, with other sources to ask', async () => {
    const { stdout, stderr, status } = await kvmnet(['domifaddr', 'deaf', '--source', 'agent']);
    expect({ stdout, status }).toEqual({ stdout: '\n', status: 1 });
    expect(stderr).toMatch(/^error: .*the guest agent of deaf did not answer\n/);
    expect(stderr).toContain('hint: check qemu-guest-agent in the guest; kvmnet vm ip deaf shows');
  });

  it('delays no command that needs nothing of it, while another waits for it', async () => {
    const waiting = startKvmnet(['domifaddr', 'deaf', '--source', 'agent']);
    for (const line of ['net list', 'domiflist', 'vm list', 'vm nics deaf', 'net leases']) {
      const started = performance.now();
      const { status, stderr } = await kvmnet(line.split(' '));
      expect({ line, status, stderr }).toEqual({ line, status: 0, stderr: '' });
      expectWithin(`${line} beside a hung agent`, (performance.now() - started) / 1000, 2);
    }
    expect((await waiting.outcome).status).toBe(1);
  });

  it('does not hold up a change of the guest', async () => {
    expect(await kvmnet(['vm', 'link', 'deaf', '0', 'down'])).toMatchObject({ status: 0 });
    expect(await kvmnet(['undo', '--yes'])).toMatchObject({ status: 0 });
  });
});
