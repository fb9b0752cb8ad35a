import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import { removeNetworks } from '../helpers/fault/fault.ts';
import { kvmnet, must, run, virsh, virshWith } from '../helpers/host.ts';
import { makeNamespace, removeNamespace } from '../helpers/namespace.ts';
import { onPrivateHost } from '../helpers/private-host.ts';

jest.setTimeout(1_200_000);

const count = 1000;
const network = `<network><name>fwd</name><forward mode='nat'/><bridge name='fwd0' stp='off' delay='0'/>
  <ip address='192.168.77.1' prefix='24'/></network>`;

async function timed(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task();
  return performance.now() - started;
}

const kvmnetDoes = async (line: string): Promise<void> => {
  expect(await kvmnet(line.split(' '))).toMatchObject({ status: 0 });
};

onPrivateHost('a thousand forwards', () => {
  const times: Record<string, number> = {};

  beforeAll(async () => {
    await virshWith(network, 'net-define', 'FILE');
    await virsh('net-start', 'fwd');
    await makeNamespace('web', { bridge: 'fwd0', addresses: ['192.168.77.10/24'], gateways: ['192.168.77.1'] });
    const ports = Array.from({ length: count }, (_, index) => String(20_000 + index));
    await writeFile('/run/forwards', ports.map((port) => `${port} 192.168.77.10:80\n`).join(''));
    const chain = async (flag: string): Promise<void> => {
      await must('iptables', ['-t', 'nat', flag, 'BYHAND']);
    };
    // One rule for each; a forward of kvmnet has five.
    await writeFile(
      '/run/by-hand',
      ports
        .map(
          (port) =>
            `iptables -t nat -A BYHAND -p tcp --dport ${port} -j DNAT --to-destination 192.168.77.10:80 || exit\n`,
        )
        .join(''),
    );
    await chain('-N');
    times['loop'] = await timed(() => must('sh', ['/run/by-hand'], { seconds: 600 }));
    expect((await must('iptables', ['-t', 'nat', '-S', 'BYHAND'])).split('\n')).toHaveLength(count + 2);
    await chain('-F');
    await chain('-X');
    times['import'] = await timed(() => kvmnetDoes('forward import /run/forwards'));
    times['list'] = await timed(() => kvmnetDoes('forward list'));
    await must('iptables', ['-t', 'nat', '-F']);
    times['restore'] = await timed(() => kvmnetDoes('forward restore'));
    await must('iptables', ['-t', 'nat', '-F']);
    times['hook'] = await timed(() => run('/etc/libvirt/hooks/network.d/kvmnet', ['fwd', 'started']));
    times['remove'] = await timed(() => kvmnetDoes('forward remove --all'));
    process.stdout.write(
      `${Object.entries(times)
        .map(([name, milliseconds]) => `${name} ${milliseconds.toFixed(0)} ms`)
        .join(', ')}\n`,
    );
  });

  afterAll(async () => {
    await kvmnet(['forward', 'remove', '--all']);
    await removeNamespace('web');
    await removeNetworks();
    for (const path of ['/run/forwards', '/run/by-hand']) await rm(path, { force: true });
  });

  it.each(['import', 'list', 'restore', 'remove', 'hook'])('%s is faster than a loop of iptables', (name) => {
    expect(times[name]! / times['loop']!).toBeLessThan(1);
  });
});
