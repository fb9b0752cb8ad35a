import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { removeNetworks } from '../../helpers/fault/fault.ts';
import { makeGuestWithoutSystem, type Guest } from '../../helpers/guest.ts';
import { kvmnet, must, startKvmnet, virsh, virshWith } from '../../helpers/host.ts';
import { makeNamespace, removeNamespace } from '../../helpers/namespace.ts';
import { nicIn, nicsOf } from '../../helpers/nics.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';
import { waitFor } from '../../helpers/wait.ts';

const network = (name: string, mode: string, subnet: string): string =>
  `<network><name>${name}</name><forward mode='${mode}'/><bridge name='${name}0' stp='off' delay='0'/>
  <ip address='${subnet}.1' prefix='24'/></network>`;

const isolated = (mac: string): string => nicIn('inner', mac).replace('<model', "<port isolated='yes'/><model");

interface Told {
  readonly verdict: string;
  readonly reason: string;
  readonly hops: readonly { readonly kind: string; readonly device?: string }[];
  readonly probe: { readonly answer: string; readonly agrees?: boolean; readonly address?: string };
}

/** The answer of the command, and its exit status. */
async function pathOf(...args: readonly string[]): Promise<Told & { readonly status: number | null }> {
  const { stdout, stderr, status } = await kvmnet(['path', ...args, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { ...(JSON.parse(stdout) as Told), status };
}

const namespaces = async (): Promise<readonly string[]> =>
  (await must('ip', ['netns', 'list'])).match(/kvmnet-check\d*/g) ?? [];

onPrivateHost('paths', () => {
  const guests: Guest[] = [];
  /** Text that turns the direction of writing. */
  const hostile = 'evil\u202e';

  beforeAll(async () => {
    await virshWith(network('inner', 'nat', '10.77.0'), 'net-define', 'FILE');
    await virshWith(network('routed', 'route', '10.78.0'), 'net-define', 'FILE');
    for (const name of ['inner', 'routed']) await virsh('net-start', name);
    guests.push(await makeGuestWithoutSystem('VM1', { nics: [nicIn('inner', '52:54:00:00:77:01')] }));
    guests.push(
      await makeGuestWithoutSystem('VM2', {
        nics: [isolated('52:54:00:00:77:02'), nicIn('routed', '52:54:00:00:78:02')],
      }),
    );
    guests.push(await makeGuestWithoutSystem('VM3', { nics: [isolated('52:54:00:00:77:03')] }));
    guests.push(await makeGuestWithoutSystem(hostile, { nics: [nicIn('inner', '52:54:00:00:77:04')], start: false }));
    await makeNamespace('web', { bridge: 'inner0', addresses: ['10.77.0.50/24'], gateways: ['10.77.0.1'] });
  });

  afterAll(async () => {
    for (const guest of guests) await guest.remove();
    await removeNamespace('web');
    await removeNetworks();
  });

  it('lead through bridge and taps, and packets prove it', async () => {
    const path = await pathOf('VM1', 'VM2', '--probe');
    expect(path).toMatchObject({ verdict: 'reachable', status: 0, probe: { answer: 'answered', agrees: true } });
    const taps = [(await nicsOf('VM1'))[0]?.tap, (await nicsOf('VM2'))[0]?.tap];
    expect(path.hops.flatMap(({ device }) => device ?? [])).toEqual([taps[0], 'inner0', taps[1]]);
  });

  it('do not exist between isolated ports, and packets prove it', async () => {
    expect(await pathOf('VM2:0', 'VM3', '--probe')).toMatchObject({
      ...{
        verdict: 'unreachable',
        status: 3,
        reason: expect.stringMatching(/are isolated ports of inner0$/) as unknown,
      },
      probe: { answer: 'silent', agrees: true },
    });
  });

  it('lead to a real neighbor, to the host, and through the host to a routed network', async () => {
    expect(await pathOf('VM1', '10.77.0.50', '--probe')).toMatchObject({
      verdict: 'unknown',
      probe: { answer: 'answered', address: '10.77.0.50' },
    });
    expect(await pathOf('VM1', 'namespace', '--probe').catch(String)).toContain('no VM or network namespace');
    expect(await pathOf('VM1', 'host', '--probe')).toMatchObject({ verdict: 'reachable', probe: { agrees: true } });
    expect(await pathOf('VM1', 'VM2:net=routed', '--probe')).toMatchObject({
      ...{ verdict: 'reachable', status: 0, probe: { answer: 'answered', agrees: true } },
    });
    expect(await pathOf('VM2:net=routed', 'VM1', '--probe')).toMatchObject({
      ...{ verdict: 'unreachable', status: 3, probe: { answer: 'silent', agrees: true } },
    });
  });

  it('are unknown where a rule of policy routing may choose other routes', async () => {
    const rule = ['from', '10.77.0.0/24', 'lookup', '177'];
    expect((await pathOf('VM1', 'VM2:net=routed')).verdict).toBe('reachable');
    await must('ip', ['route', 'add', '10.78.0.0/24', 'dev', 'inner0', 'table', '177']);
    await must('ip', ['rule', 'add', ...rule]);
    try {
      const { verdict, reason } = await pathOf('VM1', 'VM2:net=routed');
      expect(verdict).toBe('unknown');
      expect(reason).toContain("unless the rule 'from 10.77.0.0/24 lookup 177' (ip rule) routes them by other routes");
    } finally {
      await must('ip', ['rule', 'delete', ...rule]);
      await must('ip', ['route', 'flush', 'table', '177']);
    }
  });

  it('are unknown to a NIC in user mode, which has no device on the host', async () => {
    const nic = "<interface type='user'><mac address='52:54:00:00:77:05'/><model type='virtio'/></interface>";
    const guest = await makeGuestWithoutSystem('VM4', { nics: [nic] });
    try {
      const { verdict, reason } = await pathOf('VM4', 'VM1');
      expect({ verdict, reason }).toEqual({
        verdict: 'unknown',
        reason:
          'VM4: its NIC 52:54:00:00:77:05 is connected by a program without devices of the host (user mode): only the guest can open connections',
      });
    } finally {
      await guest.remove();
    }
  });

  it('stop at the rule of an administrator, and packets prove it', async () => {
    const rule = ['FORWARD', '-o', 'routed0', '-m', 'comment', '--comment', 'no way', '-j', 'DROP'];
    await must('iptables', ['-I', ...rule]);
    try {
      const path = await pathOf('VM1', 'VM2:net=routed', '--probe');
      expect(path).toMatchObject({ verdict: 'unreachable', probe: { answer: 'silent', agrees: true } });
      expect(path.reason).toMatch(/^packets from VM1 to VM2 are dropped by iptables table ip filter, chain FORWARD/);
    } finally {
      await must('iptables', ['-D', ...rule]);
    }
  });

  it('stop at a tap without its bridge, and at a guest that is off, whose name is escaped', async () => {
    const tap = (await nicsOf('VM1'))[0]?.tap ?? '';
    await must('ip', ['link', 'set', 'dev', tap, 'nomaster']);
    expect((await pathOf('VM1', 'VM3')).reason).toContain('lost its bridge inner0');
    await must('ip', ['link', 'set', 'dev', tap, 'master', 'inner0']);
    const { stdout } = await kvmnet(['path', 'VM1', hostile]);
    expect(stdout).toContain('evil\\u202e is not running');
    expect(stdout).not.toContain('\u202e');
    expect((await kvmnet(['isolation', '--vms'])).stdout).not.toContain('\u202e');
  });

  it('are refused for a name that does not exist, with the nearest one', async () => {
    expect(await kvmnet(['path', 'VM1', 'VM22'])).toMatchObject({
      ...{ status: 2, stdout: '' },
      stderr: 'error: no VM or network namespace "VM22"\nhint: did you mean VM2?\n',
    });
  });

  it('are the cells of the matrix, which packets prove', async () => {
    const { stdout, status } = await kvmnet(['isolation', '--vms', '--probe']);
    expect(status).toBe(0);
    const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).join(' '));
    expect(rows.slice(0, 5)).toEqual([
      'From evil\\u202e VM1 VM2 VM3',
      'evil\\u202e self no no no',
      'VM1 no self yes yes',
      'VM2 no yes self no',
      'VM3 no yes yes self',
    ]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leave nothing behind when %s ends the packets', async (signal) => {
    const running = startKvmnet(['isolation', '--probe']);
    await waitFor('the namespaces', async () => (await namespaces()).length === 2);
    running.process.kill(signal);
    expect((await running.outcome).status).not.toBe(0);
    expect(await namespaces()).toEqual([]);
  });

  it('remove what a killed run has left', async () => {
    const running = startKvmnet(['isolation', '--probe']);
    await waitFor('the namespaces', async () => (await namespaces()).length === 2);
    running.process.kill('SIGKILL');
    await running.outcome;
    expect(await namespaces()).toHaveLength(2);
    await pathOf('VM1', 'VM2', '--probe');
    expect(await namespaces()).toEqual([]);
  });
});
