import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { connect, createServer, type Server } from 'node:net';
import { makeGuest, makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, run, startKvmnet, virsh, virshWith, type Running } from '../../helpers/host.ts';
import { nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { expectUnchanged, snapshot } from '../../helpers/snapshot.ts';

const network = `<network><name>tunnel</name><forward mode='nat'/><bridge name='tunnel0' stp='off' delay='0'/>
  <ip address='192.168.79.1' prefix='24'><dhcp><range start='192.168.79.100' end='192.168.79.199'/></dhcp></ip></network>`;

onPrivateHost('vm tunnel', () => {
  const guests: Guest[] = [];
  let address = '';
  let page = '';

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'tunnel');
    guests.push(await makeGuest('far', { nics: [nicIn('tunnel', '52:54:00:00:79:01')] }));
    guests.push(await makeGuestWithoutSystem('off', { nics: [nicIn('tunnel', '52:54:00:00:79:02')], start: false }));
    guests.push(await makeGuestWithoutSystem('mute', { nics: [nicIn('tunnel', '52:54:00:00:79:03')] }));
    address = await guests[0]!.lease();
    page = await must('curl', ['--silent', '--max-time', '30', `http://${address}/`]);
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    await kvmnet(['net', 'delete', 'tunnel', '--yes']);
  });

  interface Tunnel {
    readonly port: string;
    readonly running: Running;
  }

  /** Starts a tunnel, and waits until it is open. */
  const open = (...words: readonly string[]): Promise<Tunnel> => {
    const running = startKvmnet(['vm', 'tunnel', ...words]);
    return new Promise((resolve, reject) => {
      let text = '';
      running.process.stdout!.on('data', (part: string) => {
        text += part;
        const [, port] = /^127\.0\.0\.1:(\d+) leads to far \([\d.]+:\d+\); Ctrl-C ends it\n$/.exec(text) ?? [];
        if (port !== undefined) resolve({ port, running });
      });
      void running.outcome.then(({ stdout, stderr }) => {
        reject(new Error(`it ended: ${stdout}${stderr}`));
      }, reject);
    });
  };

  const end = async ({ running }: Tunnel): Promise<void> => {
    running.process.kill('SIGINT');
    expect(await running.outcome).toMatchObject({ status: 0, stderr: '\n' });
  };

  const get = (port: string) =>
    run('curl', ['--silent', '--show-error', '--max-time', '60', `http://127.0.0.1:${port}/`]);

  const occupied = (port: number): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer().listen(port, '127.0.0.1', () => {
        resolve(server);
      });
    });

  it('leads connections to the guest, many at a time, until Ctrl-C, and changes nothing on the host', async () => {
    const before = await snapshot();
    const tunnel = await open('far', '80', '8080');
    expect(tunnel.port).toBe('8080');
    const answers = await Promise.all(Array.from({ length: 20 }, () => get('8080')));
    expect(answers).toEqual(answers.map(() => ({ stdout: page, stderr: '', status: 0 })));
    await expectUnchanged(before);
    await end(tunnel);
    expect((await get('8080')).stderr).toContain('connect');
    await expectUnchanged(before);
  });

  it('closes open connections with the tunnel', async () => {
    const tunnel = await open('far', '80', '8080');
    const socket = connect(8080, '127.0.0.1');
    const closed = new Promise<string>((resolve) => {
      socket
        .on('error', () => undefined)
        .once('close', () => {
          resolve('closed');
        });
    });
    await new Promise((resolve) => socket.once('connect', resolve));
    await end(tunnel);
    expect(await closed).toBe('closed');
  });

  it('has the port of the guest, or a free one if that port is in use', async () => {
    const same = await open('far', '80');
    expect(same.port).toBe('80');
    await end(same);
    const server = await occupied(80);
    const other = await open('far', '80');
    expect(Number(other.port)).toBeGreaterThan(1023);
    expect((await get(other.port)).stdout).toBe(page);
    await end(other);
    server.close();
  });

  it('closes the connection if no program of the guest listens', async () => {
    const tunnel = await open('far', '81', '8081');
    const { stdout, stderr, status } = await get('8081');
    expect({ stdout, failed: status !== 0 }).toEqual({ stdout: '', failed: true });
    expect(stderr).toMatch(/Empty reply|reset by peer/);
    await end(tunnel);
  });

  it('refuses what cannot work, and names the next command', async () => {
    const refused = async (...words: readonly string[]): Promise<string> => {
      const { stdout, stderr, status } = await kvmnet(['vm', 'tunnel', ...words]);
      expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
      return stderr;
    };
    expect(await refused('off', '80')).toMatch(
      /off is not running[^]*kvmnet vm start off; then kvmnet vm ip off --wait 60s/,
    );
    expect(await refused('mute', '80')).toMatch(/no address of mute is known[^]*kvmnet vm ip mute --wait 60s/);
    expect(await refused('nosuch', '80')).toContain('no domain');
    for (const port of ['0', '70000', '-1', 'http']) expect(await refused('far', '--', port)).toContain('a port');
    expect(await refused('far', '80', '70000')).toContain('LOCAL');
    const server = await occupied(8082);
    expect(await refused('far', '80', '8082')).toContain('port 8082 of 127.0.0.1 is in use by another program');
    server.close();
  });

  it('shows with --dry-run where it would lead', async () => {
    const { stdout, status } = await kvmnet(['vm', 'tunnel', 'far', '80', '8083', '--dry-run']);
    expect({ stdout, status }).toEqual({ stdout: `127.0.0.1:8083 would lead to far (${address}:80)\n`, status: 0 });
  });
});
