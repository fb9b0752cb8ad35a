import { afterEach, expect, it } from '@jest/globals';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { kvmnet, startKvmnet, must } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { sharedForAMinute, sshUri, startSshServer, type SshServer } from '../../helpers/ssh-server.ts';
import { waitFor } from '../../helpers/wait.ts';

/** Where kvmnet has its sockets. */
const runtime = '/run/kvmnet-logins';
/** ssh's setting for a login that takes more than six seconds. */
const slowLogin = `ProxyCommand bash -c 'sleep 6; exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3; kill $!'`;

const env = { XDG_RUNTIME_DIR: runtime };

const signalDaemon = (signal: string): Promise<string> =>
  must('bash', ['-c', `kill -${signal} $(cat /run/libvirtd.pid)`]);

onPrivateHost('a command about another host', () => {
  let server: SshServer;

  afterEach(() => server.stop());

  async function remote(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, status } = await kvmnet(['-c', sshUri, '--timeout', '60', ...args], { env });
    expect({ args, stderr, status }).toEqual({ args, stderr: '', status: 0 });
    return stdout;
  }

  async function loginsOf(...args: readonly string[]): Promise<number> {
    const before = server.logins();
    await remote(...args);
    return server.logins() - before;
  }

  it('logs in there once, for libvirt and all programs, and leaves nothing', async () => {
    await mkdir(runtime, { recursive: true, mode: 0o700 });
    server = await startSshServer();
    const lines = [
      'vm list',
      'net list',
      'net create lab --isolated 192.168.81.0/24',
      'net delete lab --yes',
      'bridge create br0',
      'bridge list',
      'bridge delete br0',
      'host show',
      'topology',
      'forward list',
    ];
    const logins: [string, number][] = [];
    for (const line of lines) logins.push([line, await loginsOf(...line.split(' '))]);
    expect(logins).toEqual(lines.map((line) => [line, 1]));
    expect(await readdir(runtime)).toEqual([]);
    await waitFor('the logins to end', async () => (await server.open()) === 0);
  });

  it('has its socket in a private folder, and its login ends even when it is killed', async () => {
    server = await startSshServer();
    // Its first line is about libvirt's connection, which has joined the login.
    const killed = startKvmnet(['-v', '-c', sshUri, 'topology'], { env });
    killed.process.stderr!.once('data', () => killed.process.kill('SIGKILL'));
    expect((await killed.outcome).status).toBe(137);
    const [name = ''] = await readdir(runtime);
    const folder = `${runtime}/${name}`;
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await waitFor('the login to end', async () => (await server.open()) === 0);
    expect(await readdir(folder)).toEqual(['1.sh']);
    await must('rm', ['-r', folder]);
  });

  it('leaves nothing when it is interrupted', async () => {
    server = await startSshServer();
    const interrupted = startKvmnet(['-v', '-c', sshUri, 'topology'], { env });
    interrupted.process.stderr!.once('data', () => interrupted.process.kill('SIGINT'));
    expect((await interrupted.outcome).status).toBe(130);
    expect(await readdir(runtime)).toEqual([]);
    await waitFor('the login to end', async () => (await server.open()) === 0);
  });

  it('logs in more often where the server allows one program for each login', async () => {
    server = await startSshServer('', { MaxSessions: '1' });
    expect(await remote('bridge', 'list', '-o', 'name')).toBe('');
    expect(server.logins()).toBeGreaterThan(1);
    const { stderr, status } = await kvmnet(['-c', sshUri, '--timeout', '60', 'bridge', 'show', 'nosuch0'], { env });
    expect({ stderr, status }).toEqual({ stderr: expect.stringMatching(/^error: no bridge/) as unknown, status: 2 });
  });

  it("uses the login that ssh's configuration keeps", async () => {
    server = await startSshServer(sharedForAMinute);
    expect(await loginsOf('topology')).toBe(1);
    expect(await loginsOf('topology')).toBe(0);
    expect(await server.open()).toBe(1);
    expect(await readdir(runtime)).toEqual([]);
  });

  it('waits for libvirt from the login on, however long that took', async () => {
    server = await startSshServer(slowLogin);
    const { stderr, status } = await kvmnet(['-c', sshUri, 'bridge', 'list'], { env });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(await readdir(runtime)).toEqual([]);
  });

  it('leaves nothing where libvirt hangs', async () => {
    server = await startSshServer();
    const hung = startKvmnet(['-v', '-c', sshUri, '--timeout', '10', 'vm', 'list'], { env });
    hung.process.stderr!.once('data', () => void signalDaemon('STOP'));
    const { status } = await hung.outcome;
    await signalDaemon('CONT');
    expect(status).toBe(1);
    expect(await readdir(runtime)).toEqual([]);
  });

  it('ends with an error where the login takes longer than --timeout', async () => {
    server = await startSshServer(slowLogin);
    const { stderr, status } = await kvmnet(['-c', sshUri, '--timeout', '1', 'net', 'list'], { env });
    expect(stderr.split('\n')[0]).toBe(`error: ${sshUri} did not answer within 1 s`);
    expect(status).not.toBe(0);
    expect(await readdir(runtime)).toEqual([]);
    await waitFor('the login to end', async () => (await server.open()) === 0);
  });
});
