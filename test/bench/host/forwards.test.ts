import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { removeNetworks } from '../../helpers/fault/fault.ts';
import { kvmnet, must, run, virsh, virshWith } from '../../helpers/host.ts';
import { makeNamespace, removeNamespace } from '../../helpers/namespace.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

jest.setTimeout(1_200_000);

const count = 1000;
const network = `<network><name>fwd</name><forward mode='nat'/><bridge name='fwd0' stp='off' delay='0'/>
  <ip address='192.168.77.1' prefix='24'/></network>`;

async function timed(task: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await task();
  return performance.now() - started;
}

const chains = { raw: ['KVMNET_RAW'], nat: ['KVMNET_DNAT', 'KVMNET_SNAT'], filter: ['KVMNET_FWD'] } as const;

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
    await kvmnetDoes('forward import /run/forwards');
    // The same rules, one call each, as a script by hand would load them.
    const rules = (await readFile('/etc/kvmnet/nat.iptables', 'utf8')).split('\n');
    await kvmnetDoes('forward remove --all');
    let table = '';
    const calls = rules.flatMap((line) => {
      if (line.startsWith('*')) table = line.slice(1);
      if (line.startsWith(':')) return [`iptables -t ${table} -N ${line.split(' ')[0]!.slice(1)} || exit`];
      return line.startsWith('-A') ? [`iptables -t ${table} ${line} || exit`] : [];
    });
    await writeFile('/run/by-hand', `${calls.join('\n')}\n`);
    times['loop'] = await timed(() => must('sh', ['/run/by-hand'], { seconds: 600 }));
    for (const name of ['raw', 'nat', 'filter'])
      for (const flag of ['-F', '-X'])
        for (const chain of chains[name as keyof typeof chains]) await must('iptables', ['-t', name, flag, chain]);
    times['import'] = await timed(() => kvmnetDoes('forward import /run/forwards'));
    times['list'] = await timed(() => kvmnetDoes('forward list'));
    await must('iptables', ['-t', 'nat', '-F']);
    times['restore'] = await timed(() => kvmnetDoes('forward restore'));
    await must('iptables', ['-t', 'nat', '-F']);
    times['hook'] = await timed(() => run('/etc/libvirt/hooks/network.d/kvmnet', ['fwd', 'started']));
    times['remove'] = await timed(() => kvmnetDoes('forward remove --all'));
    process.stdout.write(
      `${Object.entries(times)
        .map(
          ([name, milliseconds]) =>
            `${name} ${milliseconds.toFixed(0)} ms (${(milliseconds / times['loop']!).toFixed(2)})`,
        )
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
