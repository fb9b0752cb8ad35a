/** Details of checks that a real host, on which system/doctor and lab/doctor try each of them, has only one variant of. */
import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../../src/config/config.ts';
import { doctorChecks } from '../../../src/doctor/checks.ts';
import { examine, type Finding } from '../../../src/doctor/examine.ts';
import type { Facts, Readings } from '../../../src/doctor/facts.ts';
import { parseIptablesSave } from '../../../src/firewall/iptables.ts';
import type { Link } from '../../../src/records/link.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../plan/state.ts';

const daemons: Facts['daemons'] = {
  ...{ running: ['libvirtd'], installed: ['libvirtd'], sockets: ['libvirt-sock'] },
  ...{ hasSystemd: true, refusal: undefined, user: 'alice', distribution: ['debian'] },
};
const kernel: Facts['kernel'] = { sysctls: {}, reversePathFilters: {}, features: undefined };

/** Runs one check on facts, each of which could be read. */
function find(code: string, facts: Partial<Facts>): readonly Finding[] {
  const readings = Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, { value }])) as Readings;
  const checks = doctorChecks.filter((check) => check.code === code);
  const { findings, notChecked } = examine(checks, readings);
  expect(checks).toHaveLength(1);
  expect(notChecked).toEqual([]);
  return findings;
}

const remedies = (findings: readonly Finding[]): readonly string[] => findings.map(({ remedy }) => remedy.command);

describe('daemons', () => {
  it.each([
    [
      'libvirt-unreachable',
      { refusal: { code: 'CONNECT', message: 'no daemon answers' } },
      'systemctl enable --now libvirtd.socket',
    ],
    [
      'libvirt-unreachable',
      {
        installed: ['virtqemud', 'virtnetworkd'],
        running: [],
        refusal: { code: 'CONNECT', message: 'no daemon answers' },
      },
      'systemctl enable --now virtqemud.socket virtnetworkd.socket',
    ],
    ['libvirt-unreachable', { refusal: { code: 'TIMEOUT', message: 'it hangs' } }, 'systemctl restart libvirtd'],
    [
      'libvirt-unreachable',
      { installed: [], running: [], refusal: { code: 'DEPENDENCY', message: 'no libvirt' } },
      'apt-get install libvirt-daemon-system',
    ],
    [
      'libvirt-permission',
      { refusal: { code: 'PERMISSION', message: 'no permission' } },
      'sudo usermod --append --groups libvirt alice',
    ],
    [
      'daemons-mixed',
      { running: ['libvirtd', 'virtnetworkd'] },
      'systemctl disable --now virtnetworkd.socket virtnetworkd.service',
    ],
    ['network-daemon-missing', { running: ['virtqemud'], sockets: [] }, 'systemctl enable --now virtnetworkd.socket'],
    ['daemons-mixed', { running: ['libvirtd', 'virtnetworkd'], hasSystemd: false }, 'pkill -x virtnetworkd'],
    ['network-daemon-missing', { running: ['virtqemud'], sockets: [], hasSystemd: false }, 'virtnetworkd --daemon'],
  ])('are found by %s', (code, given, remedy) => {
    expect(remedies(find(code, { daemons: { ...daemons, ...given } }))).toEqual([remedy]);
    expect(find(code, { daemons })).toEqual([]);
  });

  it('may be one for each driver, whose sockets start them', () => {
    const modular = { ...daemons, running: ['virtqemud'], sockets: ['virtqemud-sock', 'virtnetworkd-sock'] };
    for (const code of ['daemons-mixed', 'network-daemon-missing'])
      expect(find(code, { daemons: modular })).toEqual([]);
  });
});

describe('versions and programs', () => {
  it.each([
    [12_001_000, 1],
    [12_002_000, 0],
    [10_005_000, 1],
    [10_007_000, 0],
    [9_000_000, 0],
  ])('libvirt %d has %d known errors that crash it', (libvirtVersion, count) => {
    expect(find('known-bad-release', { daemons, libvirt: stateWith({ libvirtVersion }) })).toHaveLength(count);
  });

  it('dnsmasq and a program for rules are needed by networks alone', () => {
    const libvirt = stateWith({ networks: [networkState(defaultNetwork)] });
    const none: Facts['programs'] = new Set();
    expect(remedies(find('dnsmasq-missing', { daemons, programs: none, libvirt }))).toEqual([
      'apt-get install dnsmasq-base',
    ]);
    expect(remedies(find('firewall-program-missing', { daemons, programs: none, libvirt }))).toEqual([
      'apt-get install iptables',
    ]);
    const all: Facts['programs'] = new Set(['dnsmasq', 'nft'] as const);
    for (const code of ['dnsmasq-missing', 'firewall-program-missing']) {
      expect(find(code, { daemons, programs: all, libvirt })).toEqual([]);
      expect(find(code, { daemons, programs: none, libvirt: stateWith() })).toEqual([]);
    }
  });

  it.each([
    [['debian'], 'apt-get install dnsmasq-base'],
    [['linuxmint', 'ubuntu', 'debian'], 'apt-get install dnsmasq-base'],
    [['rocky', 'rhel', 'centos', 'fedora'], 'dnf install dnsmasq'],
    [['opensuse-leap', 'suse', 'opensuse'], 'zypper install dnsmasq'],
    [['opensuse-tumbleweed'], 'zypper install dnsmasq'],
    [['manjaro', 'arch'], 'pacman -S dnsmasq'],
    [['nixos'], '# install dnsmasq with the package manager of this system'],
    [[], '# install dnsmasq with the package manager of this system'],
  ])('are installed by the package manager of %j', (distribution, command) => {
    const libvirt = stateWith({ networks: [networkState(defaultNetwork)] });
    const facts: Partial<Facts> = { daemons: { ...daemons, distribution }, programs: new Set(), libvirt };
    expect(remedies(find('dnsmasq-missing', facts))).toEqual([command]);
  });
});

describe('links', () => {
  const bridge = link('br0', { kind: 'bridge' });
  const vlan = (name: string, parent: string): Link =>
    link(name, { kind: 'vlan', parent, vlan: { id: 10, protocol: '802.1Q' } });
  const bond = (miimon: number, more: Partial<NonNullable<Link['bond']>> = {}): Link =>
    link('bond0', { kind: 'bond', bond: { mode: '802.3ad', miimon, active: undefined, primary: undefined, ...more } });

  it.each<readonly [string, readonly Link[], string, readonly Link[]]>([
    [
      'bridge-without-carrier',
      [bridge, link('eno1', { master: 'br0', operstate: 'DOWN' })],
      'ethtool eno1',
      [bridge, link('eno1', { master: 'br0', operstate: 'DOWN' }), link('eno2', { master: 'br0' })],
    ],
    [
      'wireless-port',
      [bridge, link('wlan0', { master: 'br0', wireless: true })],
      'kvmnet bridge del-port br0 wlan0',
      [bridge, link('wlan0', { wireless: true })],
    ],
    ['bond-without-monitor', [bond(0)], 'ip link set dev bond0 type bond miimon 100', [bond(100)]],
    [
      'bond-without-monitor',
      [bond(0, { mode: 'active-backup' })],
      'ip link set dev bond0 type bond miimon 100',
      [bond(0, { mode: 'active-backup', arpInterval: 200 })],
    ],
    [
      'vlan-id-twice',
      [bridge, link('eno1', { master: 'br0' }), vlan('eno1.10', 'eno1'), vlan('br0.10', 'br0')],
      'kvmnet vlan delete br0 10',
      [bridge, link('eno1', { master: 'br0' }), link('eno2'), vlan('eno2.10', 'eno2'), vlan('br0.10', 'br0')],
    ],
    [
      'vlan-parent-down',
      [link('eno1', { up: false }), vlan('eno1.10', 'eno1')],
      'ip link set dev eno1 up',
      [link('eno1'), vlan('eno1.10', 'eno1')],
    ],
  ])('are found by %s', (code, broken, remedy, healthy) => {
    expect(remedies(find(code, { host: hostWith(broken) }))).toEqual([remedy]);
    expect(find(code, { host: hostWith(healthy) })).toEqual([]);
  });

  it.each<readonly [string, readonly Link[], string]>([
    [
      'bridge-without-carrier',
      [
        link('eno1', { operstate: 'DOWN' }),
        { ...vlan('eno1.10', 'eno1'), master: 'br10', operstate: 'LOWERLAYERDOWN' },
        { ...vlan('eno1.20', 'eno1'), master: 'br20', operstate: 'LOWERLAYERDOWN' },
        link('br10', { kind: 'bridge' }),
        link('br20', { kind: 'bridge' }),
      ],
      'br10, br20: eno1 without a carrier: the cable is not connected',
    ],
    [
      'mtu-mismatch',
      [
        link('eno1', { master: 'bond0', mtu: 1500 }),
        { ...bond(100), mtu: 9000 },
        { ...vlan('bond0.10', 'bond0'), master: 'br10', mtu: 9000 },
        link('br10', { kind: 'bridge', mtu: 9000 }),
        link('vnet0', { kind: 'tun', master: 'br10', mtu: 9000 }),
      ],
      'vnet0 sends frames of 9000 bytes to br10, but eno1 passes only 1500',
    ],
  ])('below VLAN devices and bonds are found by %s, once', (code, broken, message) => {
    const found = find(code, { host: hostWith(broken) });
    expect(found[0]?.message).toBe(message);
    expect(found.filter((each) => each.message.startsWith('br')).length).toBeLessThan(2);
  });

  it('of a host with VLANs, bonds and jumbo frames are fine', () => {
    const host = hostWith([
      link('eno1', { kind: undefined, master: 'bond0', mac: '52:54:00:00:00:01', mtu: 9000 }),
      link('eno2', { kind: undefined, master: 'bond0', mac: '52:54:00:00:00:01', mtu: 9000 }),
      { ...bond(100), mtu: 9000 },
      { ...vlan('bond0.10', 'bond0'), master: 'br10' },
      link('br10', { kind: 'bridge' }),
      link('vnet0', { kind: 'tun', master: 'br10' }),
      link('docker0', {
        kind: 'bridge',
        operstate: 'DOWN',
        addresses: [{ family: 'ipv4', address: '172.17.0.1', prefix: 16 }],
      }),
    ]);
    const ofHost = doctorChecks.filter(({ needs }) => needs.every((name) => name === 'host' || name === 'kernel'));
    expect(ofHost.length).toBeGreaterThan(12);
    expect(examine(ofHost, { host: { value: host }, kernel: { value: kernel } })).toEqual({
      findings: [],
      notChecked: [],
    });
  });
});

describe('the kernel', () => {
  it('needs 802.1Q for VLAN devices that files configure', () => {
    const text = 'auto eno1.10\niface eno1.10 inet manual\n';
    const configs = [readConfig({ path: '/etc/network/interfaces', text }, 'ifupdown')];
    const files: Facts['files'] = { configs, facts: undefined, unreadable: [] };
    const features = { vlan: false, bridgeVlanFiltering: true, bond: true, macvlan: true, macvtap: true };
    expect(remedies(find('vlan-unsupported', { files, kernel: { ...kernel, features } }))).toEqual(['reboot']);
    expect(find('vlan-unsupported', { files, kernel })).toEqual([]);
  });
});

describe('the firewall of a host with docker', () => {
  const tables = parseIptablesSave(
    ['*filter', ':INPUT ACCEPT [0:0]', ':FORWARD DROP [0:0]', ':OUTPUT ACCEPT [0:0]', ':DOCKER-USER - [0:0]'].join(
      '\n',
    ) + '\n-A FORWARD -j DOCKER-USER\n-A FORWARD -o docker0 -j ACCEPT\n-A DOCKER-USER -j RETURN\nCOMMIT\n',
    'ip',
  );
  const nat = { tables } as Facts['nat'];
  const links = [
    link('br0', { kind: 'bridge' }),
    link('vnet0', { kind: 'tun', master: 'br0' }),
    link('vnet1', { kind: 'tun', master: 'br0' }),
  ];

  it('drops packets between guests of a bridge where the bridge hands them to iptables', () => {
    const calls = { ...kernel, sysctls: { 'net.bridge.bridge-nf-call-iptables': '1' } };
    const found = find('firewall-drops-bridged', { host: hostWith(links), kernel: calls, nat });
    expect(remedies(found)).toEqual(['sysctl -w net.bridge.bridge-nf-call-iptables=0']);
    expect(found[0]?.message).toContain('iptables table ip filter, chain FORWARD, policy drop');
    expect(find('firewall-drops-bridged', { host: hostWith(links), kernel, nat })).toEqual([]);
  });
});

describe('VMs', () => {
  it('with NICs on a bridge that a network creates are fine', () => {
    const nic = "<interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='virbr0'/></interface>";
    const domain = domainState(`<domain type='kvm'><name>a</name><devices>${nic}</devices></domain>`);
    const libvirt = stateWith({ networks: [networkState(defaultNetwork)], domains: [domain] });
    expect(find('nic-bridge-missing', { libvirt, host: hostWith([]) })).toEqual([]);
    expect(remedies(find('nic-names-bridge-of-network', { libvirt }))).toEqual([
      'kvmnet vm move a 52:54:00:00:00:01 default',
    ]);
  });
});
