import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { kvmnetWithFault, said, startWithFault } from '../../helpers/fault/fault.ts';
import { makeGuest, makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, virsh, virshWith } from '../../helpers/host.ts';
import { nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';

const idle = `<network><name>idle</name><bridge name='idlebr0' stp='off'/></network>`;
const asked = ['vm', 'attach', 'VM1', 'idle', '--yes'];

onPrivateHost('vm attach that fails halfway', () => {
  let guest: Guest;
  let before: string;

  const definitions = (): Promise<string> => virsh('dumpxml VM1; dumpxml VM1 --inactive; net-list --all');

  beforeAll(async () => {
    await virshWith(idle, 'net-define', 'FILE');
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    guest = await makeGuest('VM1');
    // A guest that still boots does not let go of a NIC.
    await waitFor('the guest to be up', async () => (await guest.console()).includes('GUEST UP'));
    before = await definitions();
  });

  afterAll(async () => {
    await guest.remove();
    await virsh('net-undefine', 'idle');
    await must('ip', ['link', 'delete', 'dev', 'br0']);
  });

  afterEach(async () => {
    expect(await definitions()).toBe(before);
    // And no later run has anything to deal with.
    expect((await kvmnet(['net', 'list'])).stderr).toBe('');
  });

  it('leaves everything as it was when the network cannot be started', async () => {
    const add = ['ip', 'link', 'add', 'name', 'idlebr0', 'type', 'bridge'];
    const outcome = await kvmnetWithFault({ line: 'begin: start network idle', run: add }, asked);
    await must('ip', ['link', 'delete', 'dev', 'idlebr0']);
    expect(outcome).toMatchObject({ stdout: '', status: 1 });
    expect(said(outcome)).toMatch(/^error: start network idle: .*idlebr0/m);
  });

  it('stops the network again if the NIC cannot be attached', async () => {
    await virshWith(`<filter name='passing-filter'/>`, 'nwfilter-define', 'FILE');
    const run = ['virsh', '-q', '-c', 'qemu:///system', 'nwfilter-undefine', 'passing-filter'];
    const outcome = await kvmnetWithFault({ line: 'begin: attach NIC', run }, [...asked, '--filter', 'passing-filter']);
    expect(outcome).toMatchObject({ stdout: '', status: 1 });
    expect(said(outcome)).toMatch(
      /^error: attach NIC .* of VM1 to idle: .*passing-filter.*; what was done is undone$/m,
    );
    expect(await virsh('net-list', '--name')).not.toMatch('idle');
  });

  it('detaches the NIC and stops the network when it is interrupted', async () => {
    const outcome = await startWithFault({ line: 'virDomainAttachDeviceFlags ', signal: 'SIGINT' }, asked).outcome;
    expect(outcome).toMatchObject({ stdout: '', status: 130 });
    expect(said(outcome)).toMatch(/^interrupted: rolling back\n(.*\n)*error: interrupted: attach VM1 to idle; /m);
  });

  describe('when it is killed', () => {
    const moments = [
      'begin: start network idle',
      'virNetworkCreate ',
      'done: start network idle',
      'begin: attach NIC',
      'virDomainAttachDeviceFlags ',
      'done: attach NIC',
    ];

    it.each(moments)('at "%s" the same command finishes it, with one NIC', async (line) => {
      expect(await startWithFault({ line, signal: 'SIGKILL' }, asked).outcome).toMatchObject({
        stdout: '',
        status: 137,
      });
      const { stdout, stderr, status } = await kvmnet(asked);
      const [live, ...more] = await nicsOf('VM1');
      const configured = await nicsOf('VM1', '--inactive');
      // Out again before anything is expected: the next test starts where this one did.
      if (live) await kvmnet(['vm', 'detach', 'VM1', live.mac]);
      await virsh('net-destroy', 'idle');
      expect(status).toBe(0);
      expect(stderr).toMatch(/^an earlier run .*"attach VM1 to idle"/);
      expect(stdout).toMatch(new RegExp(`VM1: NIC ${live!.mac} attached to idle\n$`));
      expect(more).toEqual([]);
      expect(configured.map(({ mac }) => mac)).toEqual([live!.mac]);
    });

    it.each(moments.slice(0, -2))('at "%s" any other command undoes it first', async (line) => {
      expect(await startWithFault({ line, signal: 'SIGKILL' }, asked).outcome).toMatchObject({ status: 137 });
      const { stderr, status } = await kvmnet(['vm', 'stop', 'VM1', '--dry-run']);
      expect(status).toBe(0);
      expect(stderr).toMatch(/"attach VM1 to idle"/);
      const other = await kvmnet(['net', 'autostart', 'idle', '--disable']);
      expect(other.stderr).toMatch(/^an earlier run .*"attach VM1 to idle".*: undoing it\n$/);
      expect(other.status).toBe(0);
    });
  });
});

onPrivateHost('vm attach to a VM without a system', () => {
  let guest: Guest;

  beforeAll(async () => {
    await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    guest = await makeGuestWithoutSystem('deaf');
  });

  afterAll(async () => {
    await guest.remove();
    await must('ip', ['link', 'delete', 'dev', 'br0']);
  });

  it('does not report an undo as complete while the guest keeps the NIC', async () => {
    const fault = { line: 'virDomainAttachDeviceFlags ', signal: 'SIGINT' } as const;
    const outcome = await startWithFault(fault, ['vm', 'attach', 'deaf', 'br0']).outcome;
    const [nic] = await nicsOf('deaf');
    expect(said(outcome)).toMatch(`the NIC ${nic!.mac} is still in the running domain: the guest has not released it`);
    expect(outcome).toMatchObject({ stdout: '', status: 1 });
    expect(await nicsOf('deaf', '--inactive')).toEqual([]);

    // The next change looks once more: the NIC went with the guest.
    await virsh('destroy', 'deaf');
    const next = await kvmnet(['vm', 'stop', 'deaf']);
    expect(next.stderr).toMatch(/^an earlier run .*"attach deaf to br0"/);
    expect(next).toMatchObject({ stdout: 'shut down deaf: nothing to do\n', status: 0 });
  });
});
