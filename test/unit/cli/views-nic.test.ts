import { describe, expect, it } from '@jest/globals';
import { columnsFor, domiflistColumns, summarizeNics } from '../../../src/cli/views/nic.ts';
import type { Lease } from '../../../src/records/lease.ts';
import type { Link } from '../../../src/records/link.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../plan/state.ts';

const mac = '52:54:00:00:00:01';
const domain = (inside: string, type = 'network') =>
  `<domain type='kvm'><name>VM1</name><devices><interface type='${type}'><mac address='${mac}'/>${inside}</interface></devices></domain>`;
const config = domain(`<source network='default'/><model type='virtio'/>`);
const live = domain(
  `<source network='default' portid='x' bridge='virbr0'/><target dev='vnet0'/><model type='virtio'/><alias name='net0'/>`,
);

const lease = (address: string, given: Partial<Lease> = {}): Lease => ({
  interface: 'virbr0',
  expires: 0,
  family: 'ipv4',
  mac,
  address,
  prefix: 24,
  hostname: undefined,
  clientId: undefined,
  ...given,
});

const tap = (given: Partial<Link> = {}): Link => link('vnet0', { kind: 'tun', master: 'virbr0', ...given });

function summary(given: { config?: string; live?: string; links?: readonly Link[]; leases?: readonly Lease[] } = {}) {
  const state = stateWith({
    networks: [
      networkState(defaultNetwork, { leases: given.leases ?? [] }),
      networkState('<network><name>other</name></network>', { leases: [lease('10.0.0.9')] }),
    ],
    host: hostWith(given.links ?? [tap()]),
  });
  return summarizeNics(domainState(given.config ?? config, given.live ?? live), state)[0]!;
}

describe('the summary of a NIC', () => {
  it('has its device, its bridge as the kernel reports it, and both scopes', () => {
    expect(summary()).toMatchObject({
      domain: 'VM1',
      index: 0,
      interface: 'vnet0',
      type: 'network',
      source: 'default',
      bridge: 'virbr0',
      model: 'virtio',
      mac,
      link: 'up',
      live: 'default',
      nextBoot: 'default',
      problems: [],
    });
  });

  it('has the leases in force of the network that it is in', () => {
    const leases = [
      lease('192.168.122.9'),
      lease('192.168.122.8', { expires: Math.floor(Date.now() / 1000) + 60 }),
      lease('192.168.122.7', { expires: 1 }),
      lease('192.168.122.6', { mac: '52:54:00:00:00:99' }),
    ];
    expect(summary({ leases }).addresses).toEqual(['192.168.122.9', '192.168.122.8']);
  });

  it.each([
    ['no master', tap({ master: undefined }), ['lost its bridge virbr0'], undefined],
    ['another master', tap({ master: 'br9' }), ['lost its bridge virbr0'], 'br9'],
    ["Open vSwitch's master of all ports", tap({ master: 'ovs-system' }), [], 'virbr0'],
  ])('with %s in the kernel reports it', (_what, device, problems, bridge) => {
    expect(summary({ links: [device] })).toMatchObject({ problems, bridge });
  });

  it('reports that its tap is missing, and nothing if the host cannot be read', () => {
    expect(summary({ links: [] }).problems).toEqual(['its tap vnet0 is gone']);
    const remote = { ...stateWith({ networks: [networkState(defaultNetwork)] }), host: undefined };
    expect(summarizeNics(domainState(config, live), remote)[0]?.bridge).toBe('virbr0');
  });

  it.each([
    ['source', config.replace('default', 'other'), ['at the next boot in other']],
    ['model', config.replace('virtio', 'e1000e'), ['at the next boot with model e1000e']],
    ['portgroup', config.replace(`'default'`, `'default' portgroup='red'`), ['at the next boot with portgroup red']],
    [
      'filter',
      config.replace('<model', `<filterref filter='clean-traffic'/><model`),
      ['at the next boot with filter clean-traffic'],
    ],
    ['link', config.replace('<model', `<link state='down'/><model`), ['at the next boot with link down']],
    ['absence', `<domain type='kvm'><name>VM1</name></domain>`, ['not at the next boot']],
  ])('marks another %s at the next boot', (_what, next, problems) => {
    expect(summary({ config: next }).problems).toEqual(problems);
  });

  it('is not taken for another NIC when libvirt shows the bridge behind its network', () => {
    const bridged = domain(
      `<source network='default' portid='x' bridge='virbr0'/><target dev='vnet0'/><model type='virtio'/>`,
      'bridge',
    );
    expect(summary({ live: bridged })).toMatchObject({ type: 'bridge', source: 'default', problems: [] });
  });
});

describe('the columns of a list of NICs', () => {
  const rows = [summary()];
  const headings = (format: 'table' | 'csv', given = rows, columns?: readonly string[]): string[] =>
    columnsFor(domiflistColumns, given, { format, columns }).map(({ heading }) => heading);

  it('omit the problems if no NIC has any, for people', () => {
    expect(headings('table')).not.toContain('Problem');
    expect(headings('table', [{ ...rows[0]!, problems: ['x'] }])).toContain('Problem');
  });

  it('are always the same for programs, and for who names columns', () => {
    expect(headings('csv')).toContain('Problem');
    expect(headings('table', rows, ['Problem'])).toContain('Problem');
  });
});
