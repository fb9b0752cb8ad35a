import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Topology } from 'kvmnet';
import { makeGuest } from '../../helpers/guest.ts';
import { kvmnet, must, root, run, start, startKvmnet, virsh, virshWith } from '../../helpers/host.ts';
import { makeNamespace, removeNamespace } from '../../helpers/namespace.ts';
import { nicIn } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { sshUri as uri, startSshServer, type SshServer } from '../../helpers/ssh-server.ts';
import { waitFor } from '../../helpers/wait.ts';

onPrivateHost('a host that is reached by ssh', () => {
  let server: SshServer;

  beforeAll(async () => {
    server = await startSshServer();
    await must('ip', ['link', 'add', 'name', 'eno1', 'type', 'veth', 'peer', 'name', 'eno1-wire']);
    await must('ip', ['link', 'set', 'dev', 'eno1-wire', 'up']);
  });

  afterAll(async () => {
    await server.stop();
    await must('ip', ['link', 'delete', 'dev', 'eno1']);
  });

  async function remote(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, status } = await kvmnet(['-c', uri, '--timeout', '60', ...args]);
    expect({ args, stderr, status }).toEqual({ args, stderr: '', status: 0 });
    return stdout;
  }

  it('has bridges made, listed, shown and deleted there', async () => {
    await remote('bridge', 'create', 'br0', '--port', 'eno1', '--address', '192.168.77.1/24');
    expect(await must('ip', ['-j', 'address', 'show', 'dev', 'br0'])).toContain('192.168.77.1');
    expect(await remote('bridge', 'list')).toMatch(/^br0 +up +eno1 +off .* 192\.168\.77\.1\/24 /m);
    expect(await remote('bridge', 'show', 'br0')).toMatch(/^Port +eno1: forwarding/m);
    expect(JSON.parse(await remote('bridge', 'macs', 'br0', '--all', '--json')).length).toBeGreaterThan(0);
    expect(await remote('host', 'show')).toMatch(/^Forwarding +IPv4 (on|off)/m);
    expect(await remote('topology')).toMatch(/│ br0 +│[^]*│ 192\.168\.77\.1\/24 │[^]*│ eno1 │/);
  });

  it('has ports for network namespaces made there, and what was done undone', async () => {
    await remote('port', 'create', 'br0', 'probe0', '--address', '192.168.77.9/24');
    await must('ip', ['netns', 'exec', 'probe0', 'ping', '-q', '-c', '1', '-W', '5', '192.168.77.1']);
    await remote('undo');
    await remote('bridge', 'delete', 'br0', '--yes');
    expect((await run('ip', ['link', 'show', 'dev', 'br0'])).status).toBe(1);
  });

  it('gets a name with quotes and blanks unchanged: no shell splits it there', async () => {
    await virshWith(
      "<network><name>it's; $(id >pwned) `id`</name><bridge name='own0'/></network>",
      'net-define',
      'FILE',
    );
    await must('ip', ['link', 'add', 'name', "it's;$(id)&x", 'type', 'veth', 'peer', 'name', 'wire9']);
    try {
      await remote('bridge', 'create', 'br0');
      const { stderr, status } = await kvmnet(['-c', uri, 'bridge', 'add-port', 'br0', "it's;$(id)&x"]);
      // ip(8) takes the name by ssh, but not in a batch: it would read the quote.
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringContaining('ip(8) does not accept') as unknown,
      });
      expect(await remote('bridge', 'list', '-o', 'name')).toBe('br0\n');
      await remote('bridge', 'delete', 'br0');
    } finally {
      await must('ip', ['link', 'delete', 'dev', 'wire9']);
      await virsh('net-undefine', "it's; $(id >pwned) `id`");
    }
  });

  it('leads a local port to a guest there, until Ctrl-C, and leaves neither the port nor a login behind', async () => {
    await virshWith(
      `<network><name>far</name><bridge name='far0' stp='off' delay='0'/><ip address='192.168.80.1' prefix='24'>
        <dhcp><range start='192.168.80.100' end='192.168.80.199'/></dhcp></ip></network>`,
      'net-define',
      'FILE',
    );
    await virsh('net-start', 'far');
    const guest = await makeGuest('far', { nics: [nicIn('far', '52:54:00:00:80:01')] });
    try {
      const address = await guest.lease();
      const next = await kvmnet(['-c', uri, 'net', 'next-ip', 'far']);
      expect(next).toMatchObject({ stdout: '192.168.80.2\n', status: 0 });
      expect(next.stderr).toContain('warning: the neighbors of another host cannot be read');
      const before = await server.open();
      const tunnel = startKvmnet(['-c', uri, 'vm', 'tunnel', 'far', '80', '8080']);
      await new Promise((resolve, reject) => {
        tunnel.process.stdout!.once('data', resolve);
        void tunnel.outcome.then(({ stderr }) => {
          reject(new Error(`it ended: ${stderr}`));
        }, reject);
      });
      const page = await must('curl', ['--silent', '--max-time', '30', `http://${address}/`]);
      const answers = Promise.all(
        Array.from({ length: 5 }, () => must('curl', ['--silent', '--max-time', '60', 'http://127.0.0.1:8080/'])),
      );
      expect(await answers).toEqual([page, page, page, page, page]);
      tunnel.process.kill('SIGINT');
      expect(await tunnel.outcome).toEqual({
        ...{ stdout: `127.0.0.1:8080 leads to far (${address}:80); Ctrl-C ends it\n`, stderr: '\n', status: 0 },
      });
      await waitFor('the port to be closed', async () => (await run('ss', ['-Hltn', 'sport = :8080'])).stdout === '');
      await waitFor('the login to end', async () => (await server.open()) <= before);
    } finally {
      await guest.remove();
      await kvmnet(['net', 'delete', 'far', '--yes']);
    }
  });

  it('is watched with its links, until Ctrl-C or a kill, and keeps no program of it', async () => {
    const monitors = async (): Promise<string> => (await run('pgrep', ['-f', '[i]p -o monitor'])).stdout;
    for (const [signal, mtu, before] of [
      ['SIGINT', 1400, 1500],
      ['SIGKILL', 1500, 1400],
    ] as const) {
      const watching = startKvmnet(['-c', uri, 'watch', 'eno1']);
      let [text, notes] = ['', ''];
      watching.process.stdout!.on('data', (part: string) => (text += part));
      watching.process.stderr!.on('data', (part: string) => (notes += part));
      await waitFor('the watch to begin', () => notes.includes('Ctrl-C ends it'));
      expect(notes).toContain(`watching ${uri}; Ctrl-C ends it`);
      expect(await monitors()).not.toBe('');
      await must('ip', ['link', 'set', 'dev', 'eno1', 'mtu', `${mtu}`]);
      await waitFor('the change', () => text.includes(`eno1 changed its MTU from ${before} to ${mtu}`));
      watching.process.kill(signal);
      await watching.outcome;
      await waitFor('no program to be left', async () => (await monitors()) === '');
    }
  });

  it('gets port forwards there, which are checked from there', async () => {
    await virshWith(
      `<network><name>far</name><forward mode='nat'/><bridge name='far0' stp='off' delay='0'/>
        <ip address='192.168.80.1' prefix='24'/></network>`,
      'net-define',
      'FILE',
    );
    await virsh('net-start', 'far');
    await makeNamespace('web', { bridge: 'far0', addresses: ['192.168.80.10/24'], gateways: ['192.168.80.1'] });
    const web = start('ip', ['netns', 'exec', 'web', process.execPath, `${root}test/lab/forward/server.js`]);
    let printed = '';
    web.process.stdout!.on('data', (text: string) => (printed += text));
    try {
      await remote('forward', 'add', '8080', '192.168.80.10:80');
      await waitFor('the server to listen', () => printed.includes('ready'));
      const rows = JSON.parse(await remote('forward', 'check', '--json')) as readonly Readonly<
        Record<string, string>
      >[];
      expect(rows.map(({ from, result }) => `${from} ${result}`)).toEqual(['outside ok', 'host ok', 'network ok']);
      await remote('forward', 'add', 'eno1:8081', '192.168.80.10:80');
      const { edges } = JSON.parse(await remote('topology', '--json')) as Topology;
      const forwards = edges.filter(({ kind }) => kind === 'forward');
      expect(forwards.map(({ from, to, facts }) => [from, to, ...facts])).toEqual([
        ['nic:eno1', 'network:far', 'eno1:8081/tcp to 192.168.80.10:80'],
      ]);
      await remote('forward', 'remove', '--all');
      expect((await run('ip', ['netns', 'list'])).stdout).not.toContain('kvmnet-check');
    } finally {
      web.process.kill();
      await removeNamespace('web');
      await kvmnet(['net', 'delete', 'far', '--yes']);
    }
  });

  it('that does not answer is reported, and nothing is changed', async () => {
    const { stderr, status } = await kvmnet(['-c', uri.replace('2022', '2023'), 'bridge', 'create', 'br0']);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^error: ssh to 127\.0\.0\.1 failed/m) as unknown,
    });
  });
});
