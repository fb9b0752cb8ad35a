import { describe, expect, it } from '@jest/globals';
import type { Link } from '../../../../src/records/link.ts';
import type { DomainState } from '../../../../src/state/state.ts';
import { groundOf } from '../../../../src/topology/path/ground.ts';
import { domainState, hostWith, ipv4, link, stateWith } from '../../plan/state.ts';
import { bridge, facts, guest, hopTexts, mac, networks, pathOn, port, tap, vlans } from './hosts.ts';

const settings = {
  ...{ stp: false, forwardDelay: 0, helloTime: 2, maxAge: 20, ageingTime: 300, priority: 32_768 },
  ...{ id: '', root: '', rootPathCost: 0, topologyChanges: false },
};

describe('a path on bridges', () => {
  it('leads from tap to tap inside a broadcast domain', () => {
    const path = pathOn(vlans, 'VM2', 'VM3');
    expect(path).toMatchObject({
      verdict: 'reachable',
      reason: 'VM2 and VM3 are in one broadcast domain: brvlan-20',
    });
    expect(hopTexts(path)).toEqual(['guest VM2', 'tap vnet1', 'bridge brvlan-20', 'tap vnet2', 'guest VM3']);
  });

  it('does not exist between VLANs that no router connects', () => {
    expect(pathOn(vlans, 'VM1', 'VM2')).toMatchObject({
      verdict: 'unreachable',
      reason:
        'VM1 and VM2 are in different broadcast domains: brvlan-10 carries VLAN 10, brvlan-20 carries VLAN 20, and no router connects them',
    });
  });

  it('leads to the cable, and names the VLAN there', () => {
    const path = pathOn(vlans, 'VM1', '192.168.100.40');
    expect(hopTexts(path)).toEqual([
      'guest VM1',
      'tap vnet0',
      'bridge brvlan-10',
      'vlan eno1.10 VLAN 10',
      'nic eno1 VLAN 10',
      'cable cable of eno1 VLAN 10',
    ]);
  });
});

describe('what stops frames', () => {
  const on = (links: readonly Link[], domains: readonly DomainState[]) =>
    stateWith({ host: hostWith([link('eno1', { master: 'br0', port: port() }), bridge('br0'), ...links]), domains });
  const nic = (number: number, more = '') => ({
    ...{ source: 'bridge=br0', tap: `vnet${String(number)}`, mac: mac(number), more },
  });
  const pair = [guest('VM1', [nic(1)]), guest('VM2', [nic(2)])];

  it.each<readonly [string, readonly Link[], string]>([
    [
      'two isolated ports',
      [1, 2].map((n) => tap(`vnet${String(n)}`, 'br0', n, { port: port({ isolated: true }) })),
      'vnet1 and vnet2 are isolated ports of br0',
    ],
    ['a tap that is down', [tap('vnet1', 'br0', 1), tap('vnet2', 'br0', 2, { up: false })], 'vnet2 is down'],
    [
      'a port that STP blocks',
      [tap('vnet1', 'br0', 1), tap('vnet2', 'br0', 2, { port: port({ state: 'blocking' }) })],
      'port vnet2 of br0 is blocking',
    ],
    [
      'a tap that has lost its bridge',
      [tap('vnet1', 'br0', 1), link('vnet2', { kind: 'tun', mac: `fe${mac(2).slice(2)}` })],
      'the NIC 52:54:00:00:00:02 of VM2: lost its bridge br0',
    ],
    ['a tap that is gone', [tap('vnet1', 'br0', 1)], 'the NIC 52:54:00:00:00:02 of VM2: its tap vnet2 is gone'],
  ])('is %s', (_what, links, reason) => {
    expect(pathOn(on(links, pair), 'VM1', 'VM2')).toMatchObject({ verdict: 'unreachable', reason });
  });

  it('is a bridge that is down, with the hop at which it happens', () => {
    const state = stateWith({
      host: hostWith([bridge('br0', { up: false }), tap('vnet1', 'br0', 1), tap('vnet2', 'br0', 2)]),
      domains: pair,
    });
    const path = pathOn(state, 'VM1', 'VM2');
    expect(path.reason).toBe('br0 is down');
    expect(hopTexts(path)).toEqual(['guest VM1', 'tap vnet1', 'bridge br0 !']);
  });

  it('is a link that is down in the definition, a guest that is off, and a network that is not active', () => {
    const taps = [1, 2].map((n) => tap(`vnet${String(n)}`, 'br0', n));
    const down = guest('VM2', [nic(2, "<link state='down'/>")]);
    expect(pathOn(on(taps, [guest('VM1', [nic(1)]), down]), 'VM1', 'VM2').reason).toContain('link is down');
    const off = guest('VM2', [nic(2)], false);
    expect(pathOn(on(taps, [guest('VM1', [nic(1)]), off]), 'VM1', 'VM2').reason).toBe('VM2 is not running');
    const asleep = {
      ...networks,
      networks: networks.networks.map((each) => ({ ...each, active: each.name !== 'nat0' })),
    };
    expect(pathOn(asleep, 'VM1', 'VM0').reason).toBe('network nat0 is not active');
  });

  it('may be a network filter, whose rules are not read', () => {
    const taps = [1, 2].map((n) => tap(`vnet${String(n)}`, 'br0', n));
    const filtered = guest('VM2', [nic(2, "<filterref filter='clean-traffic'/>")]);
    expect(pathOn(on(taps, [guest('VM1', [nic(1)]), filtered]), 'VM1', 'VM2')).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('the network filter clean-traffic of VM2 may drop packets') as unknown,
    });
  });

  it('is the other VLAN on a bridge that filters them', () => {
    const vlans = (id: number) => ({ vlans: [{ id, pvid: true, untagged: true }] });
    const filtering = bridge('br1', { bridge: { ...settings, vlanFiltering: true }, ...vlans(1) });
    const inVlans = (...ids: readonly number[]) =>
      stateWith({
        host: hostWith([filtering, ...ids.map((id, n) => tap(`vnet${String(n + 1)}`, 'br1', n + 1, vlans(id)))]),
        domains: [1, 2].map((n) => guest(`VM${String(n)}`, [{ ...nic(n), source: 'bridge=br1' }])),
      });
    expect(pathOn(inVlans(10, 10), 'VM1', 'VM2').verdict).toBe('reachable');
    expect(pathOn(inVlans(10, 20), 'VM1', 'VM2').reason).toBe(
      'VM1 and VM2 are in different broadcast domains: vnet1 is in VLAN 10 of br1, vnet2 is in VLAN 20 of br1, and no router connects them',
    );
  });

  it('is macvtap between a guest and its host, and between guests by their modes', () => {
    const macvtaps = (...modes: readonly string[]) =>
      stateWith({
        host: hostWith([
          link('eno1', { addresses: [ipv4('192.0.2.5', 24)] }),
          ...modes.map((mode, n) =>
            link(`macvtap${String(n)}`, { kind: 'macvtap', parent: 'eno1', mac: mac(n), macvlan: { mode } }),
          ),
        ]),
        domains: modes.map((_, n) =>
          guest(`VM${String(n)}`, [{ source: 'dev=eno1', tap: `macvtap${String(n)}`, mac: mac(n) }]),
        ),
      });
    const verdict = (mode: string, other: string) => pathOn(macvtaps(mode, other), 'VM0', 'VM1').verdict;
    expect(verdict('bridge', 'bridge')).toBe('reachable');
    expect(verdict('private', 'private')).toBe('unreachable');
    expect(verdict('vepa', 'vepa')).toBe('unknown');
    const ends = ['VM0', 'host'] as const;
    for (const [from, to] of [ends, ends.toReversed()]) {
      expect(pathOn(macvtaps('bridge'), from, to).reason).toBe(
        'VM0 is a macvtap guest of eno1: the host and such guests exchange no frames there',
      );
    }
    expect(hopTexts(pathOn(macvtaps('bridge'), 'VM0'))).toEqual([
      'guest VM0',
      'macvtap macvtap0',
      'nic eno1',
      'cable cable of eno1',
    ]);
  });

  it('are MTUs that differ, in silence', () => {
    const taps = [tap('vnet1', 'br0', 1, { mtu: 9000 }), tap('vnet2', 'br0', 2)];
    expect(pathOn(on(taps, pair), 'VM1', 'VM2').warnings).toEqual([
      'the MTU is 9000 at VM1 and 1500 at br0: larger packets are dropped there without a message',
    ]);
  });
});

describe('bonds and several NICs', () => {
  it('use the active port of a bond, and the NIC of a guest that is reached', () => {
    const bond = { mode: 'active-backup', miimon: 100, active: 'eno2', primary: undefined };
    const state = stateWith({
      host: hostWith([
        ...[1, 2].map((n) => link(`eno${String(n)}`, { master: 'bond0' })),
        link('bond0', { kind: 'bond', bond, master: 'br0', port: port() }),
        bridge('br0'),
        bridge('br1'),
        tap('vnet1', 'br1', 1),
        tap('vnet2', 'br0', 2),
      ]),
      domains: [
        guest('VM1', [
          { source: 'bridge=br1', tap: 'vnet1', mac: mac(1) },
          { source: 'bridge=br0', tap: 'vnet2', mac: mac(2) },
        ]),
      ],
    });
    expect(hopTexts(pathOn(state, 'VM1'))).toEqual([
      'guest VM1',
      'tap vnet2',
      'bridge br0',
      'bond bond0',
      'nic eno2',
      'cable cable of eno2',
    ]);
    expect(pathOn(state, 'VM1:0').verdict).toBe('unreachable');
    for (const text of ['VM1:vnet2', `VM1:${mac(2)}`, 'VM1:net=br0', 'VM1:1']) {
      expect(pathOn(state, text).verdict).toBe('reachable');
    }
  });
});

describe('a NIC whose frames the host does not see', () => {
  it.each([
    [
      "<interface type='hostdev'><source><address type='pci' domain='0' bus='1' slot='0' function='0'/></source>",
      'drives itself',
    ],
    ["<interface type='user'>", '(user mode)'],
    ["<interface type='vhostuser'><source type='unix' path='/run/a.sock' mode='client'/>", '(vhost-user)'],
    ["<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/>", 'vDPA'],
  ])('has unknown paths: %s', (nic, reason) => {
    const xml = `<domain type='kvm'><name>odd</name><devices>${nic}<mac address='${mac(9)}'/></interface></devices></domain>`;
    const odd = { ...domainState(xml, xml), uuid: 'uuid of odd' };
    const path = pathOn({ ...vlans, domains: [...vlans.domains, odd] }, 'odd', 'VM1');
    expect(path).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining(reason) as unknown });
  });

  it('and an Open vSwitch between two guests make a path unknown', () => {
    const state = stateWith({
      host: hostWith([
        link('ovs0', { kind: 'openvswitch' }),
        tap('vnet0', 'ovs0', 1),
        link('br0', { kind: 'bridge' }),
        tap('vnet1', 'br0', 2),
      ]),
      domains: [
        guest('VM1', [{ source: 'bridge=ovs0', tap: 'vnet0', mac: mac(1) }]),
        guest('VM2', [{ source: 'bridge=br0', tap: 'vnet1', mac: mac(2) }]),
      ],
    });
    expect(pathOn(state, 'VM1', 'VM2')).toMatchObject({
      verdict: 'unknown',
      reason: 'Open vSwitch ovs0 forwards by its own tables, which are not read',
    });
  });
});

describe('an unknown end', () => {
  it('is refused with the nearest names', () => {
    expect(() => pathOn(vlans, 'VM9')).toThrow('no VM or network namespace "VM9"');
    expect(() => pathOn(vlans, 'VM1:vnet9')).toThrow('VM1 has no NIC "vnet9"');
  });
});

describe('a host with many guests', () => {
  it('needs time in proportion to their number', () => {
    const many = (count: number) => {
      const numbers = Array.from({ length: count }, (_, index) => index);
      return stateWith({
        host: hostWith([
          bridge('br0'),
          ...numbers.map((n) => link(`vnet${String(n)}`, { kind: 'tun', master: 'br0' })),
        ]),
        domains: numbers.map((n) =>
          guest(`VM${String(n)}`, [{ source: 'bridge=br0', tap: `vnet${String(n)}`, mac: '' }]),
        ),
      });
    };
    const places = (count: number): number => {
      const ground = groundOf(many(count), facts);
      const [first] = ground.wiring.links.values();
      return ground.spreadFrom({ kind: 'received', link: ground.wiring.links.get('vnet0') ?? first!, tags: [] }).size;
    };
    expect(places(300) - places(200)).toBe(places(200) - places(100));
  });
});
