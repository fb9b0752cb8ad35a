import { describe, expect, it } from '@jest/globals';
import { parseFdb } from '../../../../src/host/links/fdb.ts';

/** As iproute2 6.1 prints it. */
const printed = JSON.stringify([
  { mac: '33:33:00:00:00:01', ifname: 'br0', flags: ['self'], state: 'permanent' },
  { mac: '02:00:00:00:00:01', ifname: 'br0', used: 9, updated: 9, flags: [], master: 'br0', state: 'permanent' },
  { mac: '52:54:00:00:00:01', ifname: 'vnet0', vlan: 10, used: 4, updated: 3, flags: [], master: 'br0', state: '' },
]);

describe('the MAC addresses of a bridge', () => {
  it('are the addresses that it learned and its own, without the addresses that cards filter', () => {
    expect(parseFdb(printed)).toEqual([
      { mac: '02:00:00:00:00:01', port: 'br0', vlan: undefined, seen: 9, learned: false },
      { mac: '52:54:00:00:00:01', port: 'vnet0', vlan: 10, seen: 3, learned: true },
    ]);
  });

  it('are none where nothing is printed', () => {
    expect(parseFdb('')).toEqual([]);
  });
});
