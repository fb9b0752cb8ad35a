import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeNetworks } from '../../helpers/fault/fault.ts';
import { kvmnet, must, root, start, virsh, virshWith, type Running } from '../../helpers/host.ts';
import { makeNamespace, removeNamespace } from '../../helpers/namespace.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { difference, snapshot } from '../../helpers/snapshot.ts';
import { waitFor } from '../../helpers/wait.ts';

const network = `<network><name>chk</name><forward mode='nat'/><bridge name='chk0' stp='off' delay='0'/>
  <ip address='192.168.78.1' prefix='24'/></network>`;
const words = (line: string): readonly string[] => line.split(' ');

interface Row {
  readonly from: string;
  readonly result: string;
  readonly reason?: string;
}

onPrivateHost('forward check', () => {
  let server: Running | undefined;

  const serve = async (): Promise<void> => {
    server = start('ip', ['netns', 'exec', 'web', process.execPath, `${root}test/lab/forward/server.js`]);
    let printed = '';
    server.process.stdout?.on('data', (text: string) => (printed += text));
    await waitFor('the server to listen', () => printed.includes('ready'));
  };

  const stop = async (): Promise<void> => {
    server?.process.kill();
    await server?.outcome;
    server = undefined;
  };

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'chk');
    await makeNamespace('web', { bridge: 'chk0', addresses: ['192.168.78.10/24'], gateways: ['192.168.78.1'] });
    await serve();
    for (const line of ['forward add 8080 192.168.78.10:80 --proto both', 'forward add chk0:8081 192.168.78.10:80']) {
      expect(await kvmnet(words(line))).toMatchObject({ status: 0 });
    }
  });

  afterAll(async () => {
    await stop();
    await kvmnet(words('forward remove --all'));
    await removeNamespace('web');
    await removeNetworks();
  });

  const check = async (port: string): Promise<{ readonly status: number; readonly rows: readonly Row[] }> => {
    const { status, stdout, stderr } = await kvmnet(words(`forward check ${port} --json`));
    if (stdout === '') throw new Error(stderr);
    return { status, rows: JSON.parse(stdout) as readonly Row[] };
  };

  it('connects from outside, from the host and from the network, and leaves nothing of that', async () => {
    const before = await snapshot();
    for (const port of ['8080/tcp', '8080/udp']) {
      expect(await check(port)).toMatchObject({
        status: 0,
        rows: ['outside', 'host', 'network'].map((from) => ({ from, result: 'ok' })),
      });
    }
    expect(difference(before, await snapshot())).toBe('');
  });

  it('does not try a forward of one device', async () => {
    const { status, rows } = await check('8081');
    expect(status).toBe(0);
    expect(rows.map(({ from, result, reason }) => [from, result, reason])).toEqual(
      ['outside', 'host', 'network'].map((from) => [
        from,
        'not tried',
        'it applies only to what arrives at chk0: try it from there',
      ]),
    );
  });

  it('replaces the namespace that an interrupted check left', async () => {
    await must('ip', ['netns', 'add', 'kvmnet-check']);
    expect(await check('8080/tcp')).toMatchObject({ status: 0 });
    expect(await must('ip', ['netns', 'list'])).not.toContain('kvmnet-check');
  });

  describe('of a forward that fails', () => {
    it('names the rule that stops it, and where it comes from', async () => {
      await must('nft', [
        'table inet hostfw {\n chain forward {\n type filter hook forward priority 10\n iifname "kvmnet-check" drop\n }\n }',
      ]);
      const { status, rows } = await check('8080/tcp');
      expect({ status, rows }).toMatchObject({
        status: 3,
        rows: [
          {
            from: 'outside',
            result: 'fails',
            reason: expect.stringContaining('nft table inet hostfw, chain forward, rule'),
          },
          { from: 'host', result: 'ok' },
          { from: 'network', result: 'ok' },
        ],
      });
      await must('nft', ['delete', 'table', 'inet', 'hostfw']);
    });

    it('reports a target that refuses', async () => {
      await stop();
      const { status, rows } = await check('8080/tcp');
      expect(status).toBe(3);
      expect(rows.map(({ result, reason }) => [result, reason])).toEqual(
        rows.map(() => ['fails', 'the target refuses port 80/tcp']),
      );
      await serve();
    });

    it('names the existing forwards where none is meant', async () => {
      const { status, stderr } = await kvmnet(words('forward check 9999'));
      expect(status).toBe(2);
      expect(stderr).toContain('no forward 9999');
    });
  });
});
