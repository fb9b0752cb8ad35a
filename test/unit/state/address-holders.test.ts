import { describe, expect, it } from '@jest/globals';
import { render } from '../../../src/cli/output/output.ts';
import { holderColumns } from '../../../src/cli/views/holder.ts';
import type { Neighbor } from '../../../src/records/guest-address.ts';
import type { Lease } from '../../../src/records/lease.ts';
import type { Forward } from '../../../src/records/nat.ts';
import { holderViews, type HolderFacts } from '../../../src/state/address-holders.ts';
import type { DomainState, NetworkState } from '../../../src/state/state.ts';
import { domainState, hostWith, ipv4, link, networkState, stateWith } from '../plan/state.ts';

const now = 1_700_000_000;
const mac = (last: string): string => `52:54:00:00:00:${last}`;

const network = (hosts: string, leases: readonly Lease[] = [], given: Partial<NetworkState> = {}) =>
  networkState(
    `<network><name>keennet</name><bridge name='keenbr0'/><mac address='${mac('ff')}'/><ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.0.100' end='10.0.0.199'/>${hosts}</dhcp></ip></network>`,
    { leases, ...given },
  );

const lease = (address: string, last: string, given: Partial<Lease> = {}): Lease => ({
  ...{ interface: 'keenbr0', expires: now + 3600, mac: mac(last), address, prefix: 24 },
  ...{ family: 'ipv4', hostname: undefined, clientId: undefined },
  ...given,
});

const domain = (name: string, last: string, { source = 'keennet', isOff = false, ip = '' } = {}): DomainState => {
  const xml = `<domain type='kvm'><name>${name}</name><devices><interface type='network'><mac address='${mac(last)}'/><source network='${source}'/>${ip}</interface></devices></domain>`;
  return isOff ? domainState(xml) : domainState(xml, xml);
};

const neighbor = (address: string, last: string, given: Partial<Neighbor> = {}): Neighbor => ({
  ...{ family: address.includes(':') ? 'ipv6' : 'ipv4', address, mac: mac(last), dev: 'keenbr0', seen: 12 },
  ...given,
});

const forward = (address: string, name: string): Forward => ({
  ...{ family: 'ipv4', protocol: 'tcp', listen: [], ports: [8080, 8080] },
  target: { address, port: 80, domain: name, network: 'keennet', subnet: '10.0.0.0/24', dev: 'keenbr0' },
});

const host = hostWith([link('keenbr0', { kind: 'bridge', addresses: [ipv4('10.0.0.1', 24)] })]);

const views = (
  networks: readonly NetworkState[],
  domains: readonly DomainState[],
  facts: Partial<HolderFacts> = {},
  seen: Parameters<typeof stateWith>[0] = { host },
) => holderViews(networks, stateWith({ domains, ...seen }), { now, neighbors: [], forwards: [], ...facts });

/** `ADDRESS HOLDER: SOURCES, STATE`. */
const lines = (...given: Parameters<typeof views>): readonly string[] =>
  views(...given).map(
    ({ address, holder, sources, state }) => `${address} ${holder ?? '?'}: ${sources.join(' ')}, ${state}`,
  );

describe('the holders of addresses', () => {
  it('are one row for each address, with all of its sources', () => {
    const busy = network(`<host mac='${mac('AB')}' ip='10.0.0.7' name='web'/>`, [lease('10.0.0.7', 'ab')]);
    const facts = { neighbors: [neighbor('10.0.0.7', 'ab')], forwards: [forward('10.0.0.7', 'VM1')] };
    const [gateway, row, ...more] = views([busy], [domain('VM1', 'ab')], facts);
    expect(more).toEqual([]);
    expect(gateway).toMatchObject({ address: '10.0.0.1', holder: 'gateway', sources: ['gateway'], state: 'active' });
    expect(row).toEqual({
      ...{ network: 'keennet', subnet: '10.0.0.0/24', address: '10.0.0.7', family: 'ipv4' },
      ...{ holder: 'VM1', domain: 'VM1', nic: 0, mac: mac('ab'), hostname: 'web' },
      ...{ sources: ['lease', 'neighbour', 'reserved', 'forward'], expires: now + 3600, seen: 12, state: 'active' },
    });
  });

  it('are in the order of the numbers, IPv4 first, without link-local addresses', () => {
    const dual = networkState(
      `<network><name>keennet</name><bridge name='keenbr0'/><ip family='ipv6' address='fd00::1' prefix='64'/><ip address='10.0.0.1' prefix='24'/></network>`,
    );
    const neighbors = ['10.0.0.10', '10.0.0.9', 'fd00::2', 'fe80::1'].map((address) => neighbor(address, 'cc'));
    const addresses = views([dual], [], { neighbors }).map(({ address }) => address);
    expect(addresses).toEqual(['10.0.0.1', '10.0.0.9', '10.0.0.10', 'fd00::1', 'fd00::2']);
  });

  it('have the state of their guest', () => {
    const given = network(`<host mac='${mac('02')}' ip='10.0.0.12'/><host mac='${mac('01')}' ip='10.0.0.11'/>`, [
      lease('10.0.0.13', '03'),
      lease('10.0.0.14', '04', { hostname: 'gone' }),
      lease('10.0.0.15', '05', { expires: now - 1 }),
    ]);
    const domains = [domain('VM1', '01'), domain('VM2', '02', { isOff: true }), domain('VM3', '03', { source: 'x' })];
    expect(lines([given], domains, { forwards: [forward('10.0.0.16', 'VM9')] })).toEqual([
      '10.0.0.1 gateway: gateway, active',
      '10.0.0.11 VM1: reserved, unseen',
      '10.0.0.12 VM2: reserved, shut off',
      '10.0.0.13 VM3: lease, moved',
      '10.0.0.14 gone: lease, stale',
      '10.0.0.16 VM9: forward, unseen',
    ]);
  });

  it('outside every subnet of the network are marked', () => {
    const given = network('', [lease('10.9.0.5', '01')]);
    const facts = { neighbors: [neighbor('192.168.7.7', '09')], forwards: [forward('10.8.0.8', 'VM1')] };
    expect(lines([given], [domain('VM1', '01')], facts)).toEqual([
      '10.0.0.1 gateway: gateway, active',
      '10.8.0.8 VM1: forward, outside',
      '10.9.0.5 VM1: lease, outside',
      `192.168.7.7 ${mac('09')}: neighbour, outside`,
    ]);
  });

  it('of addresses that the kernel only remembers are distinguished from the holders of static entries', () => {
    const given = network('', [lease('10.0.0.7', '01')]);
    const neighbors = [
      neighbor('10.0.0.8', '01'),
      neighbor('10.0.0.9', '01', { seen: undefined }),
      neighbor('10.0.0.10', '02'),
      neighbor('10.0.0.11', '01', { dev: 'other0' }),
    ];
    expect(lines([given], [domain('VM1', '01')], { neighbors })).toEqual([
      '10.0.0.1 gateway: gateway, active',
      '10.0.0.7 VM1: lease, active',
      '10.0.0.8 VM1: neighbour, former',
      '10.0.0.9 VM1: neighbour, active',
      `10.0.0.10 ${mac('02')}: neighbour, active`,
    ]);
  });

  it('are the host itself for all addresses of its bridge; a gateway that the bridge lacks is unseen', () => {
    const two = hostWith([
      link('keenbr0', { kind: 'bridge', mac: mac('fe'), addresses: [ipv4('10.0.0.1', 24), ipv4('10.0.0.2', 24)] }),
    ]);
    expect(lines([network('')], [], {}, { host: two })).toEqual([
      '10.0.0.1 gateway: gateway, active',
      '10.0.0.2 gateway: gateway, active',
    ]);
    const missing = hostWith([link('keenbr0', { kind: 'bridge' })]);
    expect(lines([network('')], [], {}, { host: missing })).toEqual(['10.0.0.1 gateway: gateway, unseen']);
    expect(lines([network('')], [], {}, { host: undefined })).toEqual(['10.0.0.1 gateway: gateway, active']);
    const off = network('', [], { active: false });
    expect(lines([off], [])).toEqual(['10.0.0.1 gateway: gateway, unseen']);
  });

  it('include definitions of NICs, and reservations of the next start', () => {
    const later = network(`<host mac='${mac('02')}' ip='10.0.0.12'/>`).network;
    const given = network('', [], { inactive: later });
    const container = domain('C1', '01', { ip: `<ip address='10.0.0.20' prefix='24'/>` });
    expect(lines([given], [container])).toEqual([
      '10.0.0.1 gateway: gateway, active',
      `10.0.0.12 ${mac('02')}: reserved, unseen`,
      '10.0.0.20 C1: definition, unseen',
    ]);
  });

  it('of IPv6 are found by the client of their lease', () => {
    const id = '00:01:00:01:2c:00:00:00:52:54:00:00:00:01';
    const given = networkState(
      `<network><name>keennet</name><bridge name='keenbr0'/><ip family='ipv6' address='fd00::1' prefix='64'><dhcp><host id='${id}' ip='fd00:0::7'/></dhcp></ip></network>`,
      { leases: [lease('fd00::8', '01', { family: 'ipv6', clientId: id, prefix: 64 })] },
    );
    expect(lines([given], [domain('VM1', '01')], {}, { host: undefined })).toEqual([
      'fd00::1 gateway: gateway, active',
      'fd00::7 VM1: reserved, unseen',
      'fd00::8 VM1: lease, active',
    ]);
  });

  it('are absent for a network without subnets, whatever its bridge sees', () => {
    const bridged = networkState(`<network><name>lan</name><forward mode='bridge'/><bridge name='keenbr0'/></network>`);
    expect(lines([bridged], [], { neighbors: [neighbor('10.0.0.8', '01')] })).toEqual([]);
  });

  it('are printed without obeying a host name of the guest’s choice', async () => {
    const rows = views([network('', [lease('10.0.0.7', '01', { hostname: 'a\u001b[2Jb' })])], []);
    const text = await render(
      { value: rows, table: { rows, columns: holderColumns } },
      { format: 'table', columns: undefined },
    );
    expect(text).toContain('a\\x1b[2Jb');
    expect(text).toContain('lease ends in');
  });
});
