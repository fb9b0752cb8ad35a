import { describe, expect, it } from '@jest/globals';
import { parseMonitorLine } from '../../../../src/host/links/monitor.ts';

/** Lines of iproute2 6.1. */
const joined =
  '4: vnet3@if2: <NO-CARRIER,BROADCAST,MULTICAST,UP,M-DOWN> mtu 1500 qdisc noqueue master br9 state LOWERLAYERDOWN group default \\    link/ether ce:b8:4f:c7:6f:e7 brd ff:ff:ff:ff:ff:ff';
const port =
  '4: v1@v2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master br9 state UP \\    link/ether ce:b8:4f:c7:6f:e7';

describe('a line of ip monitor', () => {
  it('about a link is read with its master, state and MAC address', () => {
    expect(parseMonitorLine(joined)).toEqual({
      ...{ kind: 'link', isDeleted: false, index: 4, name: 'vnet3', up: true, operstate: 'LOWERLAYERDOWN' },
      ...{ mtu: 1500, master: 'br9', mac: 'ce:b8:4f:c7:6f:e7' },
    });
    expect(parseMonitorLine(`Deleted ${joined}`)).toMatchObject({ isDeleted: true, name: 'vnet3' });
  });

  it('about a port is none about a link: deleted is the port', () => {
    expect(parseMonitorLine(port)).toBeUndefined();
    expect(parseMonitorLine(`Deleted ${port}`)).toBeUndefined();
  });

  it('about an address is read with its prefix and scope', () => {
    const line =
      '2: br9    inet 10.9.9.1/24 brd 10.9.9.255 scope global br9\\       valid_lft forever preferred_lft forever';
    const address = {
      kind: 'address',
      isDeleted: false,
      index: 2,
      name: 'br9',
      scope: 'global',
      address: '10.9.9.1/24',
    };
    expect(parseMonitorLine(line)).toEqual(address);
    expect(
      parseMonitorLine('Deleted 2: br9    inet6 fd00::1/64 scope global tentative \\       valid_lft forever'),
    ).toEqual({
      ...address,
      ...{ isDeleted: true, address: 'fd00::1/64' },
    });
    expect(parseMonitorLine('2: ppp0    inet 10.0.0.1 peer 10.0.0.2/32 scope global ppp0')).toMatchObject({
      address: '10.0.0.1/32',
    });
  });

  it.each(['', 'garbage', '10.0.0.0/8 dev eth0', 'Deleted', '1:', 'Dump terminated'])('%j is nothing', (line) => {
    expect(parseMonitorLine(line)).toBeUndefined();
  });
});
