import { describe, expect, it } from '@jest/globals';
import { render } from '../../../src/cli/output/output.ts';
import { useColumns } from '../../../src/cli/views/holder.ts';
import { holderViews } from '../../../src/state/address-holders.ts';
import type { NetworkState } from '../../../src/state/state.ts';
import { freeRanges, subnetUses } from '../../../src/state/subnet-use.ts';
import { networkState, stateWith } from '../plan/state.ts';

const network = (ips: string): NetworkState =>
  networkState(`<network><name>keennet</name><bridge name='keenbr0'/>${ips}</network>`, {
    leases: [
      {
        ...{ interface: 'keenbr0', expires: 0, family: 'ipv4', mac: '52:54:00:00:00:09', address: '10.0.0.9' },
        ...{ prefix: 28, hostname: undefined, clientId: undefined },
      },
    ],
  });

const small = network(
  `<ip address='10.0.0.1' prefix='28'><dhcp><range start='10.0.0.8' end='10.0.0.11'/><host mac='52:54:00:00:00:03' ip='10.0.0.3'/></dhcp></ip>`,
);

const holdersOf = (given: NetworkState) =>
  holderViews([given], stateWith({ host: undefined }), { now: 1_700_000_000, neighbors: [], forwards: [] });

describe('the use of a subnet', () => {
  it('counts what devices may have: used by any source, reserved, leased, and free', () => {
    expect(subnetUses([small], holdersOf(small))).toEqual([
      {
        ...{ network: 'keennet', subnet: '10.0.0.0/28', family: 'ipv4', size: 14, dhcp: 4 },
        ...{ used: 3, reserved: 1, leased: 1, free: 11, percent: 21 },
      },
    ]);
  });

  it('has a row for each subnet; numbers of IPv6 addresses are shown as powers of two', async () => {
    const dual = network(
      `<ip address='10.0.0.1' prefix='28'/><ip family='ipv6' address='fd00::1' prefix='64'><dhcp><range start='fd00::10' end='fd00::1f'/></dhcp></ip>`,
    );
    const rows = subnetUses([dual], holdersOf(dual));
    expect(rows.map(({ subnet, dhcp, used, percent }) => [subnet, dhcp, used, percent])).toEqual([
      ['10.0.0.0/28', 0, 2, 14],
      ['fd00::/64', 16, 1, 0],
    ]);
    const table = { rows, columns: useColumns };
    expect(await render({ value: rows, table }, { format: 'table', columns: undefined })).toMatch(
      /fd00::\/64 +2\^64 +16 +1 +0 +0 +2\^64 +0/,
    );
  });

  it('of a point-to-point subnet, which has no addresses between network and broadcast address, is nothing', () => {
    const host = network(`<ip address='10.0.0.1' prefix='32'/>`);
    expect(subnetUses([host], holdersOf(host))[0]).toMatchObject({ size: 0, free: 0, percent: 0 });
    expect(freeRanges([host], holdersOf(host))).toEqual([]);
  });
});

describe('free ranges', () => {
  it('are those between the holders, divided where a DHCP range begins or ends', () => {
    const rows = freeRanges([small], holdersOf(small));
    expect(rows.map(({ start, end, count, dhcp }) => [start, end, count, dhcp])).toEqual([
      ['10.0.0.2', '10.0.0.2', 1, false],
      ['10.0.0.4', '10.0.0.7', 4, false],
      ['10.0.0.8', '10.0.0.8', 1, true],
      ['10.0.0.10', '10.0.0.11', 2, true],
      ['10.0.0.12', '10.0.0.14', 3, false],
    ]);
  });
});
