import { describe, expect, it } from '@jest/globals';
import { kvmnet } from '../helpers/host.ts';

const onTest = (...args: readonly string[]) => kvmnet(['-c', 'test:///default', ...args]);

describe('addresses on the test driver', () => {
  it('vm ip gives the driver’s own addresses', async () => {
    const { stdout, status } = await onTest('vm', 'ip', 'test', '--json');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        domain: 'test',
        nic: 0,
        mac: 'aa:bb:cc:dd:ee:ff',
        network: 'default',
        address: '192.168.122.3',
        source: 'lease',
      },
    ]);
    expect(status).toBe(0);
  });

  it('net leases lists none, and does not fail', async () => {
    expect(await onTest('net', 'leases')).toMatchObject({ stdout: 'no leases\n', status: 0 });
    expect(JSON.parse((await onTest('net', 'leases', '--json')).stdout)).toEqual([]);
  });

  it('net reserve writes the reservation, and reports when the guest gets it', async () => {
    const { stdout, status } = await onTest('net', 'reserve', 'default', 'test', '192.168.122.9', '--host', 'web');
    expect(stdout).toContain('network default keeps 192.168.122.9 for test (aa:bb:cc:dd:ee:ff)\ntest has no lease now');
    expect(status).toBe(0);
  });

  it('net reserve --dry-run prints the exact XML as JSON', async () => {
    const { stdout } = await onTest('net', 'reserve', 'default', 'test', '192.168.122.9', '--dry-run', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      dryRun: true,
      steps: [{ do: { xml: '<host mac="aa:bb:cc:dd:ee:ff" ip="192.168.122.9"/>', flags: 3, parentIndex: 0 } }],
    });
  });

  it.each([
    [['net', 'reserve', 'default', 'test', '192.168.122.1'], '192.168.122.1 is the gateway of network default'],
    [['net', 'reserve', 'defualt', 'test', '192.168.122.9'], 'did you mean default?'],
    [['net', 'release', 'default', 'tes'], 'did you mean test?'],
    [['net', 'pin', 'default', 'test'], 'test has no lease in network default'],
    [['vm', 'slots', 'test', '--add', '1'], 'without PCI Express'],
    [
      ['vm', 'rate', 'test', '0', '--in', '1mbit'],
      "libvirt's test driver cannot change the NICs of test while it runs",
    ],
    [['vm', 'stats', 'tes'], 'did you mean test?'],
    [['vm', 'nics', 'test', 'test', '--sync', 'config'], '--sync changes one domain at a time'],
  ])('refuses %j before anything is changed', async (args, message) => {
    const { stderr, status } = await onTest(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it('vm stats reads the counters, each by its name', async () => {
    const [row] = JSON.parse((await onTest('vm', 'stats', 'test', '--json')).stdout) as readonly Record<
      string,
      unknown
    >[];
    expect(row).toMatchObject({ domain: 'test', nic: 0, interface: 'testnet0' });
    expect(row?.['rxBytes']).toBeGreaterThan(0);
    expect(row?.['txDrops']).toBeGreaterThan(0);
  });
});
