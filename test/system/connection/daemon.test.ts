import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, chown, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { signalDaemon, startDaemon, stopDaemon } from '../../helpers/daemon.ts';
import { kvmnetWithFault, said } from '../../helpers/fault/fault.ts';
import { command, must, run, startKvmnet, virsh, type Outcome } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';

const nobody = 65534;

/** kvmnet as a user without any rights, with a home and a runtime directory of its own. */
const asNobody = (home: string, ...args: readonly string[]): Promise<Outcome> =>
  run('setpriv', [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', ...command, ...args], {
    env: { HOME: home, XDG_RUNTIME_DIR: home, XDG_CONFIG_HOME: undefined, KVMNET_STATE_DIR: undefined },
  });

/** One sentence and one hint on stderr, nothing on stdout. */
function expectRefusal({ stdout, stderr, status }: Outcome, sentence: RegExp, hint: RegExp, expected: 1 | 2 = 1): void {
  expect(stderr).toMatch(/^error: [^\n]+\nhint: [^\n]+\n$/);
  expect(stderr.split('\n')[0]).toMatch(sentence);
  expect(stderr.split('\n')[1]).toMatch(hint);
  expect({ stdout, status }).toEqual({ stdout: '', status: expected });
}

const reading = ['net list', 'vm list', 'domiflist', 'net show x', 'net leases'];
const changing = ['net create x --nat 192.168.150.0/24', 'net start x', 'net delete x --yes', 'vm start x'];
const all = [...reading, ...changing];
const words = (line: string): readonly string[] => line.split(' ');

/** Always a process of its own: where libvirt hangs, the end of the process is the point. */
const kvmnet = (args: readonly string[]): Promise<Outcome> => startKvmnet(args).outcome;

onPrivateHost('kvmnet', () => {
  describe('while the daemon is stopped', () => {
    beforeAll(() => stopDaemon());
    afterAll(() => startDaemon());

    it.each(all)('reports for %s that the daemon does not answer, and how to start it', async (line) => {
      expectRefusal(
        await kvmnet(words(line)),
        /^error: no daemon answers at qemu:\/\/\/system: /,
        /systemctl start libvirtd/,
      );
    });

    it('reports it as one JSON object with --json', async () => {
      const { stdout, stderr, status } = await kvmnet(['--json', 'net', 'list']);
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(JSON.parse(stderr)).toMatchObject({
        error: { code: 'CONNECT', details: { libvirt: { code: 38, int1: 2 } } },
      });
    });
  });

  describe('while the daemon hangs', () => {
    beforeAll(() => signalDaemon('STOP'));
    afterAll(async () => {
      await signalDaemon('CONT');
      expect((await kvmnet(['net', 'list'])).status).toBe(0);
    });

    it.each(all)('ends %s at its deadline, and names the log to read', async (line) => {
      const outcome = await kvmnet(['--timeout', '1', ...words(line)]);
      expectRefusal(outcome, /^error: qemu:\/\/\/system did not answer within 1 s$/, /systemctl status libvirtd/);
    });

    it.each(['net list', 'net start x'])('reports the deadline of %s as one JSON object with --json', async (line) => {
      const { stdout, stderr, status } = await kvmnet(['--timeout', '1', '--json', ...words(line)]);
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'TIMEOUT' } });
    });

    it.each([
      ['net list', 0, /virInitialize +\S+ ms\n$/],
      ['net start x', 1, /\n\ninterrupted; nothing was changed\n$/],
    ])('lets Ctrl-C end %s at once', async (line, locks, end) => {
      const { process: child, outcome } = startKvmnet(['--verbose', ...words(line)]);
      let said = '';
      child.stderr?.on('data', (text: string) => (said += text));
      await waitFor('the last line before it opens the connection', () => said.includes('virInitialize'));
      const lockCount = async (): Promise<number> => (await must('cat', ['/proc/locks'])).split(' FLOCK ').length - 1;
      await waitFor('its lock', async () => (await lockCount()) === locks);
      child.kill('SIGINT');
      expect((await outcome).status).toBe(130);
      expect(said).toMatch(end);
    });
  });

  describe('when the daemon begins to hang', () => {
    const stop = ['bash', '-c', 'kill -STOP $(cat /run/libvirtd.pid)'];
    afterEach(() => signalDaemon('CONT'));

    it('in the middle of a look, ends at the deadline and names the daemon', async () => {
      const fault = { line: 'virConnectGetLibVersion ', run: stop };
      const outcome = await kvmnetWithFault(fault, ['--timeout', '10', 'net', 'list']);
      expectRefusal(
        { ...outcome, stderr: said(outcome) },
        /^error: qemu:\/\/\/system did not answer within 10 s$/,
        /systemctl status libvirtd/,
      );
    });

    it('in the middle of a change, reports that it may still be running, and the next run finishes it', async () => {
      const fault = { line: 'virNetworkDefineXML', run: stop };
      const create = ['net', 'create', 'x', '--isolated'];
      const { stdout, stderr, status } = await kvmnetWithFault(fault, ['--timeout', '10', ...create]);
      expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
      expect(stderr).toMatch(/within 10 s/);
      expect(stderr).not.toMatch(/^\s+at /m);
      await signalDaemon('CONT');
      const next = await kvmnet(create);
      expect(next).toMatchObject({ status: 0 });
      expect(await virsh('net-list', '--name')).toContain('x');
      expect((await kvmnet(['net', 'delete', 'x', '--yes'])).status).toBe(0);
    });
  });

  describe('as a user who may not open the socket', () => {
    const home = '/run/kvmnet-test/nobody';
    const sockets = ['/run/libvirt/libvirt-sock', '/run/libvirt/libvirt-sock-ro'];
    beforeAll(async () => {
      await mkdir(home, { recursive: true });
      await chown(home, nobody, nobody);
      for (const socket of sockets) await chmod(socket, 0o700);
    });
    afterAll(async () => {
      await chmod('/run/libvirt/libvirt-sock', 0o770);
      await chmod('/run/libvirt/libvirt-sock-ro', 0o777);
      await rm(home, { recursive: true });
    });

    it.each(all)('reports for %s that the user lacks permission, and which group has it', async (line) => {
      const outcome = await asNobody(home, ...words(line));
      expectRefusal(outcome, /^error: you may not connect to qemu:\/\/\/system: /, /group libvirt.*sudo/);
    });

    it('leaves nothing behind', async () => {
      expect(await readdir(home)).toEqual([]);
    });
  });

  describe("with a user's own daemon", () => {
    const home = '/run/kvmnet-test/session';
    const session = (...args: readonly string[]): Promise<Outcome> => asNobody(home, '-c', 'qemu:///session', ...args);
    beforeAll(async () => {
      await mkdir(home, { recursive: true });
      await chown(home, nobody, nobody);
      await must('ip', ['link', 'add', 'name', 'br0', 'type', 'bridge']);
    });
    afterAll(async () => {
      await run('pkill', ['-u', String(nobody), 'libvirtd']);
      await waitFor(
        'the daemon to end',
        async () => (await run('pgrep', ['-u', String(nobody), 'libvirtd'])).status !== 0,
      );
      await rm(home, { recursive: true });
      await must('ip', ['link', 'delete', 'dev', 'br0']);
    });

    it.each(['--nat 192.168.151.0/24', '--route 192.168.151.0/24', '--open 192.168.151.0/24', '--isolated'])(
      'refuses a network with %s, whose bridge only root may make, and names the other daemon',
      async (kind) => {
        const outcome = await session('net', 'create', 'mine', ...words(kind));
        expectRefusal(outcome, /^error: qemu:\/\/\/session is a daemon of one user/, /qemu:\/\/\/system.*--bridge/, 2);
        expect((await session('net', 'list', '-o', 'name')).stdout).toBe('');
      },
    );

    it('warns before the start of such a network that was defined by other means', async () => {
      const file = `${home}/mine.xml`;
      await writeFile(file, "<network><name>mine</name><ip address='192.168.151.1' prefix='24'/></network>");
      const virshThere = ['-q', '-c', 'qemu:///session'];
      const other = (...args: readonly string[]): Promise<Outcome> =>
        run('setpriv', [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', 'virsh', ...virshThere, ...args], {
          env: { HOME: home, XDG_RUNTIME_DIR: home },
        });
      expect((await other('net-define', file)).status).toBe(0);
      const { stderr, status } = await session('net', 'start', 'mine');
      expect(status).toBe(1);
      expect(stderr).toMatch(/^warning: qemu:\/\/\/session is a daemon of one user/);
      expect((await session('net', 'delete', 'mine', '--yes')).status).toBe(0);
    });

    it('makes a network of a bridge that the host has', async () => {
      expect(await session('net', 'create', 'lan', '--bridge', 'br0')).toMatchObject({ status: 0, stderr: '' });
      expect((await session('net', 'list', '-o', 'name')).stdout).toBe('lan\n');
      expect((await session('net', 'delete', 'lan', '--yes')).status).toBe(0);
    });
  });
});
