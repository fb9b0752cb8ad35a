import { describe, expect, it } from '@jest/globals';
import { definedAddresses, freeAddress } from '../../../src/state/free-address.ts';
import type { Lease } from '../../../src/records/lease.ts';
import type { NetworkState } from '../../../src/state/state.ts';
import { formatIp, parseIp, type Ip } from '../../../src/values/address.ts';
import { domainState, networkState, stateWith } from '../plan/state.ts';

const now = 1_700_000_000;

const network = (ips: string, given: Partial<NetworkState> = {}): NetworkState =>
  networkState(`<network><name>keennet</name><bridge name='keenbr0'/>${ips}</network>`, given);

const ipv4 = (dhcp: string): string => `<ip address='10.0.0.1' prefix='29'>${dhcp}</ip>`;

const next = (on: NetworkState, besides: readonly string[] = [], family: 'ipv4' | 'ipv6' = 'ipv4'): string =>
  formatIp(
    freeAddress(
      on,
      family,
      now,
      besides.map((address) => parseIp(address)),
    ),
  );

describe('the next free address', () => {
  it('is outside the DHCP ranges as long as one is free', () => {
    const pooled = network(ipv4(`<dhcp><range start='10.0.0.2' end='10.0.0.4'/></dhcp>`));
    expect(next(pooled)).toBe('10.0.0.5');
    expect(next(pooled, ['10.0.0.5'])).toBe('10.0.0.6');
    expect(next(pooled, ['10.0.0.5', '10.0.0.6'])).toBe('10.0.0.2');
  });

  it('skips the gateway, reservations, leases in force and the addresses that the caller names', () => {
    const busy = network(ipv4(`<dhcp><host mac='52:54:00:00:00:01' ip='10.0.0.2'/></dhcp>`), {
      leases: [lease('10.0.0.3', now + 60), lease('10.0.0.5', now - 60)],
    });
    expect(next(busy)).toBe('10.0.0.4');
    expect(next(busy, ['10.0.0.4'])).toBe('10.0.0.5');
  });

  it('skips reservations of the next start, and ignores reservations that only libc can read', () => {
    const later = network(ipv4('')).network;
    const ips = ipv4(`<dhcp><host mac='52:54:00:00:00:01' ip='10.0.0.2'/><host name='x' ip='10.3'/></dhcp>`);
    expect(next(network(ips, { network: later }))).toBe('10.0.0.3');
  });

  it('is refused if every address is in use, and without addresses of the family', () => {
    const all = ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6'];
    expect(() => next(network(ipv4('')), all)).toThrow('every address of network keennet is in use');
    expect(() => next(network(ipv4('')), [], 'ipv6')).toThrow('network keennet has no IPv6 addresses');
  });

  it('is in the second subnet once the first one is full', () => {
    const two = network(`<ip address='10.0.0.1' prefix='30'/><ip address='10.0.1.1' prefix='30'/>`);
    expect(next(two, ['10.0.0.2'])).toBe('10.0.1.2');
  });

  it('of a large subnet is found without a scan of its range, and not confused by IPv4 addresses of the same number', () => {
    const large = network(
      `<ip family='ipv6' address='fd00::1' prefix='64'><dhcp><range start='fd00::2' end='fd00::ffff:ffff:ffff:fffe'/></dhcp></ip>`,
    );
    expect(next(large, [], 'ipv6')).toBe('fd00::ffff:ffff:ffff:ffff');
    const besides = Array.from({ length: 5_000 }, (_, index): Ip => ({
      family: 'ipv6',
      value: (0xfd00n << 112n) + BigInt(index),
    }));
    const last = parseIp('fd00::ffff:ffff:ffff:ffff');
    expect(formatIp(freeAddress(large, 'ipv6', now, [...besides, last]))).toBe('fd00::1388');
    expect(next(network(`<ip family='ipv6' address='::1' prefix='64'/>`), ['0.0.0.2'], 'ipv6')).toBe('::2');
  });
});

describe('addresses in definitions of NICs', () => {
  it('are found in both scopes', () => {
    const nic = (address: string): string =>
      `<domain type='lxc'><name>C1</name><devices><interface type='network'><mac address='52:54:00:00:00:01'/><source network='keennet'/><ip address='${address}' family='ipv4' prefix='24'/></interface></devices></domain>`;
    const state = stateWith({ domains: [domainState(nic('10.0.0.2'), nic('10.0.0.3')), domainState(nic('10.0.0.4'))] });
    expect(definedAddresses(state).map(formatIp)).toEqual(['10.0.0.3', '10.0.0.2', '10.0.0.4']);
  });
});

const lease = (address: string, expires: number): Lease => ({
  ...{ interface: 'keenbr0', expires, mac: undefined, address, prefix: 29, hostname: undefined, clientId: undefined },
  family: 'ipv4',
});
