import { describe, expect, it } from '@jest/globals';
import { withNat } from '../../../../src/firewall/nat-model.ts';
import { packetHost } from '../../../../src/firewall/packet-host.ts';
import type { Forward } from '../../../../src/records/nat.ts';
import { hopTexts, networks, pathOn } from './hosts.ts';

const base = { hook: 'forward', priority: -10, policy: 'accept', isNat: false } as const;

/** The host without any rules. */
const hostFacts = {
  ...{ tables: [], links: networks.host?.links ?? [], routes: networks.host?.routes ?? [], reversePathFilters: {} },
  sysctls: { 'net.ipv4.ip_forward': '1' },
};

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
    expect(
      Object.keys(measured)
        .map((to) => cell(from, to))
        .join(' '),
    ).toBe(row);
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

  it('stops where the kernel forwards nothing, by the name of the setting', () => {
    const packets = packetHost({ ...hostFacts, sysctls: { 'net.ipv4.ip_forward': '0' } });
    expect(pathOn(networks, 'VM4', 'VM2', { packets })).toMatchObject({
      verdict: 'unreachable',
      reason: 'the host drops packets from VM4 to VM2: net.ipv4.ip_forward is 0',
    });
  });

  it('stops at a rule of another program, in front of libvirt’s', () => {
    const drop = { text: 'counter drop', conditions: [], effect: { kind: 'drop' } } as const;
    const chain = {
      name: 'mine',
      base: { hook: 'forward', priority: -10, policy: 'accept', isNat: false },
      rules: [drop],
    } as const;
    const tables = [{ tool: 'nft', family: 'inet', name: 'admin', chains: [chain] }] as const;
    const path = pathOn(networks, 'VM4', 'VM2', { packets: packetHost({ ...hostFacts, tables }) });
    expect(path.reason).toBe(
      'packets from VM4 to VM2 are dropped by nft table inet admin, chain mine, rule counter drop',
    );
    expect(path.hops.at(-1)).toMatchObject({ kind: 'firewall', problem: path.reason.replace(' from VM4 to VM2', '') });
  });

  it('leads through a forward to the port of a guest that is closed otherwise', () => {
    const target = { address: '10.0.0.50', port: 80, domain: 'VM0', subnet: '10.0.0.0/24', dev: 'virbr0' };
    const forward: Forward = { family: 'ipv4', protocol: 'tcp', listen: [], ports: [8080, 8080], target };
    const nat = { forwards: [forward], sources: [] };
    const closed = [
      { on: 'outDevice', names: ['virbr0'] },
      { on: 'state', names: ['dnat'], not: true },
      { on: 'state', names: ['new'] },
    ] as const;
    const reject = { text: 'reject', conditions: closed, effect: { kind: 'reject' } } as const;
    const filter = [
      { tool: 'nft', family: 'inet', name: 'filter', chains: [{ name: 'f', base, rules: [reject] }] },
    ] as const;
    const tables = withNat(nat, 'nftables', filter);
    const port = { number: 80, protocol: 'tcp' } as const;
    const path = pathOn(networks, 'outside', 'VM0', { nat, packets: packetHost({ ...hostFacts, tables }), port });
    expect(path).toMatchObject({ verdict: 'reachable', reason: 'the host forwards port 8080/tcp to VM0' });
    expect(path.hops.map(({ kind }) => kind)).toEqual([
      'outside',
      'cable',
      'nic',
      'forward',
      'nat',
      'route',
      'bridge',
      'tap',
      'guest',
    ]);
    const flushed = packetHost({ ...hostFacts, tables: filter });
    expect(pathOn(networks, 'outside', 'VM0', { nat, packets: flushed, port })).toMatchObject({
      verdict: 'unreachable',
      reason: 'the forward 8080/tcp is not in force',
    });
  });

  it('is unknown beyond the host', () => {
    expect(pathOn(networks, 'VM0', '203.0.113.7')).toMatchObject({
      verdict: 'unknown',
      reason:
        'the host routes packets from VM0 to 203.0.113.7 with another source address by eth0, and does not see what is beyond it',
    });
    expect(pathOn(networks, 'host', '10.0.0.9').reason).toBe('no guest with the address 10.0.0.9 is known on virbr0');
  });

  it('follows from libvirt’s definitions where the links of the host are out of sight', () => {
    const remote = { ...networks, host: undefined };
    expect(pathOn(remote, 'VM0', 'VM1').verdict).toBe('unreachable');
    expect(pathOn(remote, 'VM0', 'VM2').verdict).toBe('reachable');
  });
});
