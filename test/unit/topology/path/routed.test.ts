import { describe, expect, it } from '@jest/globals';
import { hopTexts, networks, pathOn } from './hosts.ts';

/** The measured table: rows are senders. `1`: packets arrive, and answers do not come back. */
const measured = {
  VM0: 'y - y y y - -',
  VM1: '- y y y y - -',
  VM2: '- - y y y - -',
  VM3: '- - y y y - -',
  VM4: '- - y y y - -',
  VM5: '- - 1 1 - y -',
  VM6: '- - 1 1 - - y',
} as const;

const cell = (from: string, to: string): string => {
  const { verdict, isOneWay } = pathOn(networks, from, to);
  return verdict === 'reachable' ? 'y' : isOneWay ? '1' : verdict === 'unreachable' ? '-' : '?';
};

describe('a path through the host', () => {
  it.each(Object.entries(measured))('is as measured between networks of all modes: %s', (from, row) => {
    expect(Object.keys(measured).map((to) => cell(from, to)).join(' ')).toBe(row);
  });

  it('leads to the host from each network, and back', () => {
    for (const name of Object.keys(measured)) {
      expect([cell(name, 'host'), cell('host', name)]).toEqual(['y', 'y']);
    }
  });

  it('leads outside but from isolated networks, and from outside to routed and open ones', () => {
    expect(Object.keys(measured).map((name) => cell(name, 'outside'))).toEqual(['y', 'y', 'y', 'y', 'y', '-', '-']);
    expect(Object.keys(measured).map((name) => cell('outside', name))).toEqual(['-', '-', 'y', 'y', 'y', '-', '-']);
  });

  it('has gateway, route, rule and translation in the order in which a packet meets them', () => {
    const path = pathOn(networks, 'VM0');
    expect(hopTexts(path)).toEqual([
      'guest VM0',
      'tap vnet0',
      'bridge virbr0',
      'gateway virbr0',
      'route 0.0.0.0/0 by eth0',
      'firewall nft table inet libvirt_network, chain guest_output, rule 10.0.0.0/24 iifname virbr0 accept',
      'nat nft table inet libvirt_network, chain guest_nat, rule saddr 10.0.0.0/24 masquerade',
      'nic eth0',
      'cable cable of eth0',
      'outside outside',
    ]);
    expect(path.hops.filter(({ kind }) => kind === 'nat').map(({ address }) => address)).toEqual(['192.0.2.5']);
    expect(path.reason).toBe('the host routes packets from VM0 to the outside with another source address');
  });
});
