import { describe, expect, it } from '@jest/globals';
import { parseNeighbors } from '../../../src/host/links/neighbors.ts';
import { addressViews, isHeld, type AddressFacts } from '../../../src/state/addresses.ts';
import type { Lease } from '../../../src/records/lease.ts';
import type { State } from '../../../src/state/state.ts';
import { domainState, hostWith, link, networkState, stateWith } from '../plan/state.ts';

const now = 1_700_000_000;
const mac = '52:54:00:00:00:01';

const lease = (address: string, given: Partial<Lease> = {}): Lease => ({
  interface: 'keenbr0',
  expires: now + 3600,
  family: 'ipv4',
  mac,
  address,
  prefix: 24,
  hostname: 'vm1',
  clientId: undefined,
  ...given,
});

const dhcp = (hosts = ''): string =>
  `<network><name>keennet</name><bridge name='keenbr0'/><ip address='192.168.132.1' prefix='24'><dhcp><range start='192.168.132.2' end='192.168.132.99'/>${hosts}</dhcp></ip></network>`;

const nic = (type: string, source: string, more = ''): string =>
  `<interface type='${type}'><mac address='${mac}'/><source ${source}/><target dev='vnet0'/>${more}</interface>`;

const vm = (...nics: readonly string[]): string =>
  `<domain type='kvm'><name>VM1</name><devices>${nics.join('')}</devices></domain>`;

const inNetwork = vm(nic('network', `network='keennet'`));

const nobody: AddressFacts = { now, neighbors: [], driver: { silent: 'no agent' } };

const neighbor = (address: string, dev = 'keenbr0') => ({ family: 'ipv4' as const, address, mac, dev, seen: 7 });

function views(xml: string, given: Partial<State>, facts: Partial<AddressFacts> = {}) {
  const domain = domainState(xml, xml);
  return addressViews(domain, stateWith({ domains: [domain], ...given }), { ...nobody, ...facts });
}

describe('the addresses of a NIC', () => {
  it('are one row each, with all who know it, the best first', () => {
    const networks = [
      networkState(dhcp(`<host mac='${mac}' ip='192.168.132.10'/>`), { leases: [lease('192.168.132.10')] }),
    ];
    const [row, ...more] = views(inNetwork, { networks, host: undefined }, { neighbors: [neighbor('192.168.132.10')] });
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      address: '192.168.132.10',
      source: 'lease',
      sources: ['lease', 'neighbour', 'reserved'],
      expires: now + 3600,
      seen: 7,
      hostname: 'vm1',
      reason: undefined,
    });
  });

  it('that are only reserved are not held, and the row has the reason', () => {
    const networks = [networkState(dhcp(`<host mac='${mac}' ip='192.168.132.77'/>`))];
    const [row] = views(inNetwork, { networks, host: undefined });
    expect(row).toMatchObject({ address: '192.168.132.77', source: 'reserved' });
    expect(row?.reason).toBe('no lease yet, no neighbor entry, no agent');
    expect(row && isHeld(row)).toBe(false);
  });

  it('leave out what the kernel remembers of the time before a lease in the same subnet, and keep what is elsewhere', () => {
    const networks = [networkState(dhcp(), { leases: [lease('192.168.132.10')] })];
    const neighbors = [neighbor('192.168.132.9'), neighbor('10.0.0.5')];
    expect(views(inNetwork, { networks, host: undefined }, { neighbors }).map(({ address }) => address)).toEqual([
      '192.168.132.10',
      '10.0.0.5',
    ]);
  });

  it('leave out what was found on the bridge of another network, and link-local ones', () => {
    const networks = [networkState(dhcp()), networkState(`<network><name>old</name><bridge name='oldbr0'/></network>`)];
    const neighbors = [neighbor('10.0.0.5', 'oldbr0'), { ...neighbor('fe80::1'), family: 'ipv6' as const }];
    expect(views(inNetwork, { networks, host: undefined }, { neighbors })).toMatchObject([{ address: undefined }]);
  });

  it('come from the agent too, where it answers', () => {
    const driver = {
      source: 'agent',
      interfaces: [{ mac: mac.toUpperCase(), addresses: [{ family: 'ipv4', address: '10.9.9.9' }] }],
    } as const;
    const networks = [networkState(dhcp())];
    expect(views(inNetwork, { networks, host: undefined }, { driver })).toMatchObject([
      { address: '10.9.9.9', sources: ['agent'] },
    ]);
  });

  it('that have expired are none', () => {
    const networks = [networkState(dhcp(), { leases: [lease('192.168.132.10', { expires: now - 1 })] })];
    expect(views(inNetwork, { networks, host: undefined })).toMatchObject([
      { address: undefined, reason: expect.stringMatching(/^no lease yet/) },
    ]);
  });
});

describe('the reason why a NIC has no address', () => {
  const active = [networkState(dhcp())];
  const tapIn = (master: string | undefined) => hostWith([link('vnet0', { kind: 'tun', master })]);

  it.each<readonly [what: string, xml: string, given: Partial<State>, reason: string]>([
    [
      'its link is down',
      vm(nic('network', `network='keennet'`, `<link state='down'/>`)),
      { networks: active },
      'link is down',
    ],
    ['its network is gone', inNetwork, { networks: [] }, 'network keennet does not exist'],
    [
      'its network is off',
      inNetwork,
      { networks: [networkState(dhcp(), { active: false })] },
      'network keennet is not active',
    ],
    ['it lost its bridge', inNetwork, { networks: active, host: tapIn(undefined) }, 'lost its bridge keenbr0'],
    ['its tap is gone', inNetwork, { networks: active, host: hostWith([]) }, 'its tap vnet0 is gone'],
    [
      'nobody knows',
      inNetwork,
      { networks: active, host: tapIn('keenbr0') },
      'no lease yet, no neighbor entry, no agent',
    ],
    [
      'it is a macvtap',
      vm(nic('direct', `dev='eno1' mode='bridge'`)),
      { host: hostWith([]) },
      'macvtap: the host sees no frame of it, no neighbor entry, no agent',
    ],
    [
      'it is in a bridge of the host',
      vm(nic('bridge', `bridge='br0'`)),
      { host: tapIn('br0') },
      'no lease from libvirt: it is attached to a bridge, no neighbor entry, no agent',
    ],
    [
      'its network has no DHCP',
      inNetwork,
      { networks: [networkState(`<network><name>keennet</name><bridge name='keenbr0'/></network>`)], host: undefined },
      "network keennet has no DHCP of libvirt's, no neighbor entry, no agent",
    ],
    [
      'the leases cannot be read',
      inNetwork,
      { networks: [networkState(dhcp(), { leases: undefined })], host: undefined },
      'the leases of network keennet cannot be read, no neighbor entry, no agent',
    ],
  ])('is reported: %s', (_what, xml, given, reason) => {
    expect(views(xml, given).map((row) => row.reason)).toEqual([reason]);
  });

  it('is that the domain does not run, or that the NIC only comes at the next boot', () => {
    const off = domainState(inNetwork);
    const networks = [networkState(dhcp())];
    expect(addressViews(off, stateWith({ networks, domains: [off] }), nobody)[0]?.reason).toBe('VM1 is not running');
    const late = domainState(inNetwork, vm());
    expect(addressViews(late, stateWith({ networks, domains: [late] }), nobody)[0]?.reason).toBe(
      'attached at the next boot only',
    );
  });

  it('of one NIC hides nothing of another', () => {
    const xml = vm(
      nic('network', `network='keennet'`),
      nic('network', `network='gone'`).replace(mac, '52:54:00:00:00:02'),
    );
    const networks = [networkState(dhcp(), { leases: [lease('192.168.132.10')] })];
    expect(
      views(xml, { networks, host: undefined }).map(({ nic: index, address, reason }) => [index, address, reason]),
    ).toEqual([
      [0, '192.168.132.10', undefined],
      [1, undefined, 'network gone does not exist'],
    ]);
  });
});

describe('the neighbor table', () => {
  it('omits addresses that were not found', () => {
    const printed = JSON.stringify([
      { dst: '192.168.132.10', dev: 'keenbr0', lladdr: mac, used: 9, confirmed: 5, updated: 3, state: ['REACHABLE'] },
      { dst: 'fd00::5', dev: 'keenbr0', lladdr: mac, confirmed: 70, state: ['STALE'] },
      { dst: '192.168.132.11', dev: 'keenbr0', state: ['FAILED'] },
      { dst: '192.168.132.12', dev: 'keenbr0', state: ['INCOMPLETE'] },
      { dst: '192.168.132.13', dev: 'keenbr0', lladdr: mac, confirmed: 1, state: ['PERMANENT'] },
    ]);
    expect(parseNeighbors(printed)).toEqual([
      { family: 'ipv4', address: '192.168.132.10', mac, dev: 'keenbr0', seen: 5 },
      { family: 'ipv6', address: 'fd00::5', mac, dev: 'keenbr0', seen: 70 },
      { family: 'ipv4', address: '192.168.132.13', mac, dev: 'keenbr0', seen: undefined },
    ]);
    expect(parseNeighbors('')).toEqual([]);
  });
});
