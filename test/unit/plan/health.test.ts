import { describe, expect, it } from '@jest/globals';
import { networkInCommand } from '../../../src/host/dnsmasq.ts';
import { doublesOf, isAbout, parseIptables, parseNftables } from '../../../src/host/rules.ts';
import { planNetworkHeal } from '../../../src/plan/network/heal.ts';
import { networkProblems, forgotten, type HealthFacts } from '../../../src/state/health.ts';
import type { State } from '../../../src/state/state.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from './state.ts';

const id = 'c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e';
const uuid = 'abcdef12-0000-4000-8000-0000000000ff';

const guest = `<domain type='kvm'><name>vm1</name><uuid>11111111-1111-4111-8111-111111111112</uuid><devices>
  <interface type='network'><mac address='52:54:00:00:00:01'/><source network='default' portid='p1' bridge='virbr0'/><target dev='vnet0'/></interface>
</devices></domain>`;

const bridge = link('virbr0', { kind: 'bridge', mac: '52:54:00:0a:cd:21' });
const tap = (master?: string) => link('vnet0', { kind: 'tun', master });

const counts = { all: 19, forwards: true, nat: 5, doubles: 0 };

const well: HealthFacts = {
  ports: new Map([[id, new Set(['p1'])]]),
  dnsmasq: [{ name: 'default', pid: 7 }],
  rules: { broken: [], counts: new Map([[id, counts]]) },
  files: [{ name: 'default', xml: defaultNetwork, autostart: true }],
};

function state(given: Partial<State> = {}): State {
  return stateWith({
    networks: [networkState(defaultNetwork)],
    domains: [domainState(guest, guest)],
    host: hostWith([bridge, tap('virbr0')]),
    ...given,
  });
}

const idle = (given = {}) => networkState(defaultNetwork, { active: false, autostart: false, ...given });

const says = (facts: HealthFacts, given: Partial<State> = {}): string[] => {
  const seen = state(given);
  return seen.networks.flatMap((network) => networkProblems(network, seen, facts).map((problem) => problem.says));
};

const heals = (facts: HealthFacts, given: Partial<State> = {}, names: string[] = []) =>
  planNetworkHeal(names, state(given), facts, uuid);
const calls = (plan: ReturnType<typeof heals>): string[] => plan.steps.map(({ do: action }) => action.call);

describe('the health of a network', () => {
  it('is good if all is present, and if nothing was read', () => {
    expect(says(well)).toEqual([]);
    expect(says({})).toEqual([]);
    expect(heals(well)).toMatchObject({ steps: [], findings: [], unmended: [] });
  });

  it('detects a guest without its bridge, by the kernel or by its port', () => {
    expect(says(well, { host: hostWith([bridge, tap()]) })).toEqual(['1 NIC is cut off: vm1']);
    expect(says({ ports: new Map([[id, new Set(['other'])]]) }, { host: undefined })).toEqual([
      '1 NIC is cut off: vm1',
    ]);
    expect(says({ ports: new Map() }, { host: undefined })).toEqual([]);
  });

  it.each([
    ['a bridge that is gone', well, { host: hostWith([tap()]) }, ['its bridge virbr0 is gone']],
    [
      'a dead dnsmasq',
      { ...well, dnsmasq: [{ name: 'other', pid: 7 }] },
      {},
      ['its dnsmasq has died: no DHCP, no DNS'],
    ],
    ['no rules', { ...well, rules: { broken: [], counts: new Map() } }, {}, ['its firewall rules are gone']],
    [
      'no NAT',
      { ...well, rules: { broken: [], counts: new Map([[id, { ...counts, nat: 0 }]]) } },
      {},
      ['its NAT rules are missing: guests cannot reach other networks'],
    ],
    [
      'rules twice',
      { ...well, rules: { broken: [], counts: new Map([[id, { ...counts, doubles: 3 }]]) } },
      {},
      ['3 of its firewall rules stand twice'],
    ],
  ] as const)('detects %s', (_what, facts, given, expected) => {
    expect(says(facts, given)).toEqual(expected);
  });

  it('asks for no dnsmasq where a network has no address, or serves nothing', () => {
    const silent = defaultNetwork.replace(/<dhcp>.*<\/dhcp>/s, '').replace('<ip', "<dns enable='no'/><ip");
    const none = { ...well, dnsmasq: [], files: [] };
    expect(says(none, { networks: [networkState(silent)] })).toEqual([]);
    expect(says(none, { networks: [networkState(defaultNetwork.replace(/<ip.*<\/ip>/s, ''))] })).not.toContain(
      'its dnsmasq has died: no DHCP, no DNS',
    );
  });

  it('detects what is left of an inactive network, and not a bridge of another kind', () => {
    expect(says(well, { networks: [idle()] })).toEqual([
      'not active, but still there: its bridge virbr0, dnsmasq, firewall rules',
    ]);
    const foreign = hostWith([link('virbr0', { kind: 'bridge', mac: '52:54:00:99:99:99' })]);
    expect(says({}, { networks: [idle()], host: foreign, domains: [] })).toEqual([]);
  });

  it('detects a configuration that libvirt lost, has not saved, or has forgotten', () => {
    const transient = networkState(defaultNetwork, { persistent: false, inactive: undefined, inactiveXml: undefined });
    expect(says(well, { networks: [transient] }).join()).toContain('libvirt has lost its configuration');
    const other = {
      ...well,
      files: [{ name: 'default', xml: defaultNetwork.replace('.254', '.200'), autostart: true }],
    };
    expect(says(other).join()).toContain('its configuration is not saved');
    expect(forgotten(state({ networks: [] }), well).map(({ name }) => name)).toEqual(['default']);
  });
});

describe('net heal', () => {
  it('moves each NIC away and back, and does not ask if its guest is already disconnected', () => {
    const plan = heals(well, { host: hostWith([bridge, tap()]) });
    expect(calls(plan)).toEqual(['networkCreate', 'domainUpdateDevice', 'domainUpdateDevice', 'networkDestroy']);
    expect(plan.consent).toEqual([]);
    expect(plan.replugged.map(({ tap: device }) => device)).toEqual(['vnet0']);
  });

  it('revives dnsmasq by an entry that goes in and out, live only', () => {
    const plan = heals({ ...well, dnsmasq: [] });
    expect(plan.steps.map(({ do: action }) => action)).toMatchObject([
      { call: 'networkUpdate', command: 3, section: 10, flags: 1, parentIndex: -1 },
      { call: 'networkUpdate', command: 2, section: 10, flags: 1 },
    ]);
    expect(plan.steps[1]?.verify).toEqual({ expect: 'dnsmasq', name: 'default', running: true });
  });

  it('cleans up before it starts, with consent for the guests that are still connected', () => {
    const left = heals(well, { networks: [idle()] });
    expect(calls(left)).toEqual([
      'networkCreate',
      'domainUpdateDevice',
      'hostEndDnsmasq',
      'hostDeleteBridge',
      'hostDeleteRules',
      'networkStart',
      'domainUpdateDevice',
      'networkDestroy',
    ]);
    expect(left.consent.join()).toContain('vm1: NIC 52:54:00:00:00:01 (vnet0)');
    const start = left.steps.find(({ do: action }) => action.call === 'networkStart');
    expect(start?.undo.map(({ call }) => call)).toEqual([
      'networkDestroy',
      'hostEndDnsmasq',
      'hostDeleteBridge',
      'hostDeleteRules',
    ]);
  });

  it('starts first if guests are already disconnected, and not at all if no guest is waiting for it', () => {
    const cut = heals(well, { networks: [idle()], host: hostWith([bridge, tap()]) });
    expect(calls(cut).slice(0, 5)).toEqual([
      'hostEndDnsmasq',
      'hostDeleteBridge',
      'hostDeleteRules',
      'networkStart',
      'networkCreate',
    ]);
    expect(cut.consent).toEqual([]);
    const alone = heals(well, { networks: [idle()], domains: [], host: hostWith([bridge]) });
    expect(calls(alone)).toEqual(['hostEndDnsmasq', 'hostDeleteBridge', 'hostDeleteRules']);
    const atBoot = heals(well, { networks: [idle({ autostart: true })], domains: [], host: hostWith([bridge]) });
    expect(calls(atBoot)).toContain('networkStart');
  });

  it('leaves a bridge with foreign ports unchanged, and hints how to proceed', () => {
    const host = hostWith([bridge, tap('virbr0'), link('veth7', { kind: 'veth', master: 'virbr0' })]);
    const plan = heals(well, { networks: [idle()], host });
    expect(plan.steps).toEqual([]);
    expect(plan.unmended.join()).toContain('left alone: veth7; remove them: ip link set dev veth7 nomaster');
  });

  it('starts nothing while the chains are missing, but reports what restores them', () => {
    const facts = {
      ...well,
      rules: {
        broken: ['ipv4 filter LIBVIRT_FWI'],
        counts: new Map([[id, { all: 0, forwards: false, nat: 0, doubles: 0 }]]),
      },
    };
    const plan = heals(facts, { host: hostWith([bridge, tap()]) });
    expect(plan.steps).toEqual([]);
    expect(plan.unmended.join()).toContain('systemctl restart virtnetworkd, or libvirtd');
    expect(plan.unmended.join()).toContain('1 NIC is cut off: vm1; that has to wait');
  });

  it('makes one network to wait in for all of them', () => {
    const second = defaultNetwork
      .replaceAll('virbr0', 'virbr1')
      .replace('default', 'second')
      .replace(id, '5b2f6a3c-0d4e-4c11-9f0a-6e1d5f3b7a03');
    const other = guest
      .replaceAll('vm1', 'vm2')
      .replaceAll("'default'", "'second'")
      .replaceAll('virbr0', 'virbr1')
      .replaceAll('vnet0', 'vnet1')
      .replaceAll(':01', ':02')
      .replace('1112', '1113');
    const both = { ports: well.ports };
    const plan = heals(both, {
      networks: [networkState(defaultNetwork), networkState(second)],
      domains: [domainState(guest, guest), domainState(other, other)],
      host: hostWith([bridge, tap(), link('virbr1', { kind: 'bridge' }), link('vnet1', { kind: 'tun' })]),
    });
    expect(calls(plan).filter((call) => call === 'networkCreate' || call === 'networkDestroy')).toEqual([
      'networkCreate',
      'networkDestroy',
    ]);
    expect(calls(plan).at(-1)).toBe('networkDestroy');
    expect(plan.replugged).toHaveLength(2);
  });
});

describe('facts about the host', () => {
  const saved = `*nat
:LIBVIRT_PRT - [0:0]
-A POSTROUTING -j LIBVIRT_PRT
-A LIBVIRT_PRT -s 192.168.122.0/24 ! -d 192.168.122.0/24 -p tcp -j MASQUERADE --to-ports 1024-65535
COMMIT
*filter
:FORWARD ACCEPT [0:0]
:LIBVIRT_FWI - [0:0]
:LIBVIRT_FWX - [0:0]
-A FORWARD -j LIBVIRT_FWX
-A FORWARD -i virbr0 -j DROP
-A LIBVIRT_FWI -o virbr0 -j REJECT --reject-with icmp-port-unreachable
-A LIBVIRT_FWI -o virbr0 -j REJECT --reject-with icmp-port-unreachable
-A LIBVIRT_FWX -i virbr01 -o virbr01 -j ACCEPT
COMMIT`;

  it('is read from iptables-save: only rules of libvirt, and chains that nothing jumps into', () => {
    const { rules, chains, unreachable } = parseIptables(saved, 'ipv4');
    expect(rules).toHaveLength(4);
    expect(chains).toEqual(['ipv4 nat LIBVIRT_PRT', 'ipv4 filter LIBVIRT_FWI', 'ipv4 filter LIBVIRT_FWX']);
    expect(unreachable).toEqual(['ipv4 filter LIBVIRT_FWI']);
    expect(rules.filter((rule) => isAbout(rule, 'virbr0', [])).map(({ chain }) => chain)).toEqual([
      'LIBVIRT_FWI',
      'LIBVIRT_FWI',
    ]);
    expect(rules.filter((rule) => isAbout(rule, 'virbr0', ['192.168.122.0/24']))).toHaveLength(3);
    expect(doublesOf(rules).map(({ chain }) => chain)).toEqual(['LIBVIRT_FWI']);
  });

  it('is read from nft, with the number of each rule', () => {
    const rule = (chain: string, handle: number, ...expr: object[]) => ({
      rule: { family: 'ip', table: 'libvirt_network', chain, handle, expr },
    });
    const oif = { match: { op: '==', left: { meta: { key: 'oifname' } }, right: 'virbr0' } };
    const from = {
      match: {
        op: '==',
        left: { payload: { protocol: 'ip', field: 'saddr' } },
        right: { prefix: { addr: '192.168.122.0', len: 24 } },
      },
    };
    const text = JSON.stringify({
      nftables: [
        { metainfo: {} },
        { chain: { family: 'ip', table: 'libvirt_network', name: 'guest_input' } },
        rule('guest_input', 5, oif, { counter: { packets: 1, bytes: 2 } }, { reject: null }),
        rule('guest_input', 6, oif, { counter: { packets: 7, bytes: 8 } }, { reject: null }),
        rule('guest_nat', 9, from, { masquerade: null }),
      ],
    });
    const { rules, chains } = parseNftables(text, 'ipv4');
    expect(chains).toEqual(['ipv4 libvirt_network guest_input']);
    expect(rules.map((each) => isAbout(each, 'virbr0', []))).toEqual([true, true, false]);
    expect(rules.map((each) => isAbout(each, 'virbr', ['192.168.122.0/24']))).toEqual([false, false, true]);
    expect(doublesOf(rules).map(({ handle }) => handle)).toEqual([6]);
  });

  it.each([
    [['/usr/sbin/dnsmasq', '--conf-file=/var/lib/libvirt/dnsmasq/my net.conf', '--leasefile-ro'], 'my net'],
    [['dnsmasq', '--conf-file=/etc/dnsmasq.conf'], undefined],
    [['/bin/cat', '--conf-file=/var/lib/libvirt/dnsmasq/default.conf'], undefined],
  ])('takes %j for the dnsmasq of network %s', (command, name) => {
    expect(networkInCommand(command)).toBe(name);
  });
});
