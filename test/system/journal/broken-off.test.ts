import { describe, expect, it } from '@jest/globals';
import { kvmnetWithFault, said, startWithFault } from '../../helpers/fault/fault.ts';
import { kvmnet, must, startKvmnet, virsh, virshWith, type Outcome } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged } from '../../helpers/snapshot.ts';
import { waitFor } from '../../helpers/wait.ts';
import { asked, breakOff, brokeOff, comparedAfterEach, deleteNetwork } from './broken-off.ts';

/** The moments of `net create` at which it is killed: before, in and after each call that changes something. */
const moments: readonly (readonly [moment: string, line: string, later: number])[] = [
  ['before the definition', 'begin: define network keennet', 0],
  ['when libvirt has defined it', 'virNetworkDefineXML ', 0],
  ['before autostart', 'begin: enable autostart of network keennet', 0],
  ['when libvirt has turned autostart on', 'virNetworkSetAutostart ', 0],
  ['before the start', 'begin: start network keennet', 0],
  ['while libvirt starts it', 'begin: start network keennet', 15],
  ['when libvirt has started it', 'virNetworkCreate ', 0],
];

onPrivateHost('a run that breaks off', () => {
  const before = comparedAfterEach();

  async function expectWhole(): Promise<void> {
    const info = await virsh('net-info', 'keennet');
    expect(info).toMatch(/Active: +yes\nPersistent: +yes\nAutostart: +yes\nBridge: +keenbr0/);
    expect(await must('ip', ['-br', 'address', 'show', 'dev', 'keenbr0', 'up'])).toContain('192.168.132.1/24');
  }

  it.each(moments)('by a kill %s is finished by the same command', async (_, line, later) => {
    await breakOff(line, later);
    const list = await kvmnet(['net', 'list']);
    expect(list.status).toBe(0);
    expect(list.stderr).toBe(
      `warning: a run broke off in the middle of "create network keennet"; kvmnet ${[...asked.slice(0, 3), '--bridge-name=keenbr0', '--nat=192.168.132.0/24'].join(' ')} finishes it, any other change undoes it first\n`,
    );

    const next = await kvmnet(asked);
    expect(next.status).toBe(0);
    expect(next.stderr).toMatch(new RegExp(`^${brokeOff}: (finishing it|all of it was done, and stays)\n$`));
    expect(next.stdout).toContain('finished what an earlier run began: create network keennet');
    await expectWhole();
    await deleteNetwork('keennet');
  });

  it.each(moments.filter(([, line]) => line !== 'virNetworkCreate '))(
    'by a kill %s is undone by another command that changes something',
    async (moment, line, later) => {
      await breakOff(line, later);
      const next = await kvmnet(['net', 'create', 'other', '--isolated', '--no-start']);
      expect(next.status).toBe(0);
      // libvirt may have come to the end without us: then all of it was done.
      const isWhole = later > 0 && next.stderr.includes('all of it was done');
      expect({ moment, said: next.stderr }).toEqual({
        moment,
        said: `${brokeOff}: ${isWhole ? 'all of it was done, and stays' : 'undoing it'}\n`,
      });
      const names = (await virsh('net-list', '--all', '--name')).trim().split('\n').sort();
      expect(names).toEqual(isWhole ? ['keennet', 'other'] : ['other']);
      for (const name of names) await deleteNetwork(name);
    },
  );

  it('after its last change was complete, and stays whatever the next command is', async () => {
    await breakOff('done: start network keennet');
    const next = await kvmnet(['net', 'stop', 'keennet']);
    expect(next).toMatchObject({ status: 0, stderr: `${brokeOff}: all of it was done, and stays\n` });
    await deleteNetwork('keennet');
  });

  it('while it only read has left nothing, and nothing is reported', async () => {
    await breakOff('virConnectListAllNetworks ');
    expect(await kvmnet(['net', 'list'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('in the middle of deleting a network gets that back, or is finished', async () => {
    await kvmnet(asked);
    const line = 'begin: undefine network keennet';
    await kvmnetWithFault({ line, signal: 'SIGKILL' }, ['net', 'delete', 'keennet']);
    const other = await kvmnet(['net', 'autostart', 'keennet']);
    expect(other.stderr).toBe('an earlier run broke off in the middle of "delete network keennet": undoing it\n');
    expect(other.stdout).toBe('enable autostart of network keennet: nothing to do\n');
    await expectWhole();

    await kvmnetWithFault({ line, signal: 'SIGKILL' }, ['net', 'delete', 'keennet']);
    const same = await kvmnet(['net', 'delete', 'keennet']);
    expect(same).toMatchObject({ status: 0, stderr: expect.stringContaining('finishing it') });
  });

  it('is another run than the same command with another document', async () => {
    const xml = (domain: string): string =>
      `<network><name>doc</name><bridge name='doc0'/><domain name='${domain}.example'/></network>`;
    const define = ['net', 'define', '-'];
    const line = 'virNetworkDefineXML ';
    await kvmnetWithFault({ line, signal: 'SIGKILL' }, define, { stdin: xml('one') });
    const next = await kvmnet(define, { stdin: xml('two') });
    expect(next).toMatchObject({ status: 2, stdout: '' });
    expect(next.stderr).toContain(
      'an earlier run broke off in the middle of "define network doc": all of it was done, and stays\n',
    );
    expect(next.stderr).toMatch(/^ {2}network doc already exists$/m);
    await deleteNetwork('doc');
  });

  describe('by Ctrl-C', () => {
    it.each(['begin: define network keennet', 'begin: enable autostart', 'begin: start network keennet'])(
      'rolls back and reports it: at "%s"',
      async (line) => {
        const outcome = await kvmnetWithFault({ line, signal: 'SIGINT' }, asked);
        expect(outcome).toMatchObject({ stdout: '', status: 130 });
        expect(said(outcome)).toBe(
          '\ninterrupted: rolling back\nerror: interrupted: create network keennet; everything is as before\n',
        );
        await expectUnchanged(before());
        expect((await kvmnet(['net', 'list'])).stderr).toBe('');
      },
    );

    it('pressed twice stops at once, explains what that means, and the next run undoes the change', async () => {
      const fault = { line: 'begin: start network keennet', signal: 'SIGINT', again: 40 } as const;
      const outcome = await kvmnetWithFault(fault, asked);
      expect(outcome).toMatchObject({ stdout: '', status: 130 });
      expect(said(outcome)).toContain('interrupted again, and stopped at once: the same command finishes it');
      const next = await kvmnet(['net', 'delete', 'keennet']);
      // Undone, or complete by then and deleted.
      expect(next.stderr).toContain(brokeOff);
      expect([0, 2]).toContain(next.status);
    });

    // A change of the host itself has no connection that could be opened later than the lock is waited for.
    it.each([
      [
        'net create other --isolated',
        /^(error: )?interrupted( while another run is changing this host)?; nothing was changed$/m,
      ],
      ['bridge create br-other', /^error: interrupted while another run is changing this host; nothing was changed$/m],
    ])('stops waiting for another run, which continues: %s', async (line, message) => {
      const holder = startWithFault({ line: 'begin: define network keennet', signal: 'SIGSTOP' }, asked);
      const lockWaiters = async (): Promise<boolean> => (await must('cat', ['/proc/locks'])).includes('-> FLOCK');
      const status = `/proc/${holder.process.pid!}/stat`;
      await waitFor('the run to stop in the middle', async () => (await must('cat', [status])).includes(' T '));
      const waiting = startKvmnet(line.split(' '));
      await waitFor('another run to wait for the lock', lockWaiters);
      waiting.process.kill('SIGINT');
      const outcome = await waiting.outcome;
      expect(outcome.status).toBe(130);
      expect(outcome.stderr).toMatch(message);
      holder.process.kill('SIGCONT');
      expect(await holder.outcome).toMatchObject({ status: 0 });
      await deleteNetwork('keennet');
    });
  });

  describe('at the same time as others', () => {
    /** Runs all at once, each ready to wait for all others; the outcomes, winners first. */
    async function race(commands: readonly (readonly string[])[]): Promise<readonly Outcome[]> {
      const outcomes = await Promise.all(commands.map((command) => kvmnet([...command, '--timeout', '300'])));
      return outcomes.sort((a, b) => a.status - b.status);
    }

    it.each([2, 10])('one of %i that make the same network wins, and the others name it', async (count) => {
      const [winner, ...losers] = await race(Array.from({ length: count }, () => asked));
      expect(winner).toMatchObject({ status: 0, stderr: '' });
      for (const loser of losers) {
        expect(loser).toMatchObject({ status: 2, stdout: '' });
        expect(loser.stderr).toContain('network keennet already exists with the same addresses, 192.168.132.0/24');
      }
      await expectWhole();
      await deleteNetwork('keennet');
    });

    it('one of ten that want the same subnet under different names wins, and the others name it', async () => {
      const names = Array.from({ length: 10 }, (_, index) => `net${index}`);
      const [winner, ...losers] = await race(names.map((name) => ['net', 'create', name, '--nat', '192.168.132.0/24']));
      expect(winner).toMatchObject({ status: 0, stderr: '' });
      const name = (await virsh('net-list', '--all', '--name')).trim();
      expect(names).toContain(name);
      for (const loser of losers) {
        expect(loser).toMatchObject({ status: 2, stdout: '' });
        expect(loser.stderr).toContain(`192.168.132.0/24 overlaps network ${name} (192.168.132.0/24)`);
      }
      await deleteNetwork(name);
    });

    it('all of six that want any subnet get one of their own', async () => {
      const names = Array.from({ length: 6 }, (_, index) => `net${index}`);
      const outcomes = await race(names.map((name) => ['net', 'create', name, '--nat', 'auto', '--no-start']));
      expect(outcomes.map(({ status }) => status)).toEqual(names.map(() => 0));
      const subnets = outcomes.map(({ stdout }) => /subnet +(\S+)/.exec(stdout)?.[1]);
      expect(new Set(subnets).size).toBe(6);
      await kvmnet(['net', 'delete', ...names]);
    });

    it('reports which process it is waiting for, and proceeds at once when that is killed', async () => {
      const holder = startWithFault({ line: 'begin: define network keennet', signal: 'SIGSTOP' }, asked);
      const status = `/proc/${holder.process.pid!}/stat`;
      await waitFor('the run to stop in the middle', async () => (await must('cat', [status])).includes(' T '));
      const other = ['net', 'create', 'other', '--isolated', '--no-start'];
      const outcome = await kvmnet([...other, '--timeout', '15']);
      expect(outcome).toMatchObject({ status: 2, stdout: '' });
      expect(outcome.stderr).toMatch(
        new RegExp(
          `^error: another run \\(process ${holder.process.pid}: .*net create keennet --nat .*\\) is changing this host; waited 15 s`,
        ),
      );
      expect(outcome.stderr).toMatch(/^hint: .*--timeout/m);

      // A read-only command does not wait, and gets no report: the other run is still working.
      expect(await kvmnet(['net', 'list'])).toMatchObject({ status: 0, stderr: '' });

      holder.process.kill('SIGKILL');
      await holder.outcome;
      expect(await kvmnet([...other, '--timeout', '60'])).toMatchObject({
        status: 0,
        stderr: `${brokeOff}: undoing it\n`,
      });
      await deleteNetwork('other');
    });
  });

  it('counts a change that another program made in the meantime as done, and does not undo it', async () => {
    await virshWith(`<network><name>theirs</name><bridge name='theirs0'/></network>`, 'net-define', 'FILE');
    const rival = ['virsh', '-q', '-c', 'qemu:///system', 'net-start', 'theirs'];
    const line = 'begin: start network theirs';
    expect(await kvmnetWithFault({ line, run: rival }, ['net', 'start', 'theirs'])).toMatchObject({ status: 0 });
    expect(await virsh('net-info', 'theirs')).toMatch(/Active: +yes/);
    await deleteNetwork('theirs');
  });
});
