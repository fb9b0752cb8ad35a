import { describe, expect, it } from '@jest/globals';
import { leaseColumns, timeLeft } from '../../../src/cli/views/lease.ts';
import { render } from '../../../src/cli/output/output.ts';
import { leaseViews } from '../../../src/state/leases.ts';
import type { Lease } from '../../../src/records/lease.ts';
import { domainState, networkState, stateWith } from '../plan/state.ts';

const now = 1_700_000_000;

const lease = (address: string, mac: string | undefined, given: Partial<Lease> = {}): Lease => ({
  interface: 'keenbr0',
  expires: now + 3600,
  family: 'ipv4',
  mac,
  address,
  prefix: 24,
  hostname: undefined,
  clientId: undefined,
  ...given,
});

const network = (leases: readonly Lease[], hosts = '') =>
  networkState(
    `<network><name>keennet</name><bridge name='keenbr0'/><ip address='192.168.132.1' prefix='24'><dhcp><range start='192.168.132.2' end='192.168.132.99'/>${hosts}</dhcp></ip></network>`,
    { leases },
  );

const domain = (name: string, mac: string, source = 'keennet', target = ''): string =>
  `<domain type='kvm'><name>${name}</name><devices><interface type='network'><mac address='${mac}'/><source network='${source}'/>${target}</interface></devices></domain>`;

const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02', '52:54:00:00:00:03', '52:54:00:00:00:04'] as const;

describe('leases', () => {
  it('are distinguished: of a NIC that is running, off, moved or unknown, and expired ones', () => {
    const running = domain('VM1', macs[0], 'keennet', `<target dev='vnet0'/>`);
    const state = stateWith({
      domains: [
        domainState(running, running),
        domainState(domain('VM2', macs[1])),
        domainState(domain('VM3', macs[2], 'other'), domain('VM3', macs[2], 'other')),
      ],
    });
    const given = network([
      lease('192.168.132.10', macs[0]),
      lease('192.168.132.9', macs[1]),
      lease('192.168.132.11', macs[2]),
      lease('192.168.132.12', macs[3]),
      lease('192.168.132.13', macs[0], { expires: now - 1 }),
      lease('192.168.132.14', undefined),
    ]);
    const views = leaseViews([given], state, now);
    expect(views.map(({ address, domain: name, interface: tap, state: life }) => [address, name, tap, life])).toEqual([
      ['192.168.132.9', 'VM2', undefined, 'shut off'],
      ['192.168.132.10', 'VM1', 'vnet0', 'active'],
      ['192.168.132.11', 'VM3', undefined, 'moved'],
      ['192.168.132.12', undefined, undefined, 'stale'],
      ['192.168.132.13', 'VM1', 'vnet0', 'expired'],
      ['192.168.132.14', undefined, undefined, 'stale'],
    ]);
  });

  it('are outside once the network has another subnet', () => {
    const running = domain('VM1', macs[0], 'keennet', `<target dev='vnet0'/>`);
    const state = stateWith({ domains: [domainState(running, running)] });
    const given = network([
      lease('192.168.131.10', macs[0]),
      lease('192.168.132.10', macs[0]),
      lease('fd00::10', macs[0], { family: 'ipv6' }),
    ]);
    expect(leaseViews([given], state, now).map(({ address, state: life }) => [address, life])).toEqual([
      ['192.168.131.10', 'outside'],
      ['192.168.132.10', 'active'],
      ['fd00::10', 'outside'],
    ]);
    const byMask = networkState(
      `<network><name>keennet</name><ip address='192.168.132.1' netmask='255.255.255.128'/></network>`,
      { leases: [lease('192.168.132.10', macs[0]), lease('192.168.132.200', macs[0])] },
    );
    expect(leaseViews([byMask], state, now).map(({ state: life }) => life)).toEqual(['active', 'outside']);
  });

  it('show which address is reserved for their holder, whatever the case of the MAC', () => {
    const mac = '52:54:00:00:00:ab';
    const [view] = leaseViews(
      [network([lease('192.168.132.10', mac)], `<host mac='52:54:00:00:00:AB' ip='192.168.132.77'/>`)],
      stateWith(),
      now,
    );
    expect(view?.reserved).toBe('192.168.132.77');
  });

  it("belong to a NIC that is attached to the network's bridge by name", () => {
    const xml = `<domain type='kvm'><name>VM1</name><devices><interface type='bridge'><mac address='${macs[0]}'/><source bridge='keenbr0'/></interface></devices></domain>`;
    const [view] = leaseViews(
      [network([lease('192.168.132.10', macs[0])])],
      stateWith({ domains: [domainState(xml, xml)] }),
      now,
    );
    expect(view).toMatchObject({ domain: 'VM1', state: 'active' });
  });

  it('print a host name of the guest’s choice without obeying it', async () => {
    const views = leaseViews(
      [network([lease('192.168.132.10', macs[0], { hostname: 'a\u001b[2Jb' })])],
      stateWith(),
      now,
    );
    const text = await render(
      { value: views, table: { rows: views, columns: leaseColumns(now) } },
      { format: 'table', columns: undefined },
    );
    expect(text).toContain('a\\x1b[2Jb');
    expect(text).not.toContain('\u001b');
  });

  it('show the time that is left of them', () => {
    expect(
      [0, now + 30, now + 2580, now + 7500, now + 100_000, now - 5].map((expires) => timeLeft(expires, now)),
    ).toEqual(['never', '30 s', '43 min', '2 h 5 min', '1 d 3 h', 'expired']);
  });
});
