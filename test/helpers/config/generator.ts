/** Configuration files for a differential test: valid ones, and what becomes of them by the mistakes that people make. The same for the same seed. */
import fc from 'fast-check';

/** Material that a generator makes its files of. */
export interface Material {
  readonly valid: readonly string[];
  /** Words that replace others, right and wrong ones. */
  readonly words: readonly string[];
  /** Whole lines that are put in. */
  readonly lines: readonly string[];
  /** Files that host lint does not judge: docs/lint.md lists them. */
  readonly outside?: RegExp;
  /** Of KEY=VALUE lines. */
  readonly isIni?: boolean;
}

type Mutation = (lines: readonly string[], at: number, pick: number, material: Material) => readonly string[];

const take = <T>(list: readonly T[], pick: number): T => list[pick % list.length]!;

/** A word of a line: text between spaces, brackets, colons that end a key, and commas. */
const word = /[^\s,{}[\]]+?(?=:?(?:[\s,{}[\]]|$))/g;
const iniWord = /[^\s=;[\]]+/g;

function replacedWord(line: string, pick: number, { isIni }: Material, by: (found: string) => string): string {
  const found = [...line.matchAll(isIni ? iniWord : word)];
  if (found.length === 0) return line;
  const match = take(found, pick);
  return line.slice(0, match.index) + by(match[0]) + line.slice(match.index + match[0].length);
}

const otherWord: Mutation = (lines, at, pick, material) =>
  lines.with(
    at,
    replacedWord(lines[at]!, pick, material, () => take(material.words, pick >> 3)),
  );

const mutations: readonly Mutation[] = [
  (lines) => lines,
  (lines, at) => lines.filter((_, index) => index !== at),
  otherWord,
  otherWord,
  // A letter too few.
  (lines, at, pick, material) =>
    lines.with(
      at,
      replacedWord(
        lines[at]!,
        pick,
        material,
        (found) => found.slice(0, (pick >> 3) % found.length) + found.slice(((pick >> 3) % found.length) + 1),
      ),
    ),
  (lines, at) => lines.with(at, `  ${lines[at]!}`),
  (lines, at) => lines.with(at, lines[at]!.replace(/^ {2}/, '')),
  (lines, at) => lines.toSpliced(at, 0, lines[at]!),
  (lines, at, pick, material) => lines.toSpliced(at, 0, take(material.lines, pick)),
  (lines, at) => lines.with(at, lines[at]!.replace(/\r?$/, '\r')),
  // A value that was forgotten.
  (lines, at, _pick, { isIni }) => lines.with(at, lines[at]!.replace(isIni ? /^([^=]*=).*$/ : /^(\s*\S+)\s.*$/, '$1')),
];

/** Generates N files of a material, each a valid one with up to three mistakes. */
export function generateConfigs(material: Material, count: number, seed: number): readonly string[] {
  const numbers = fc.nat({ max: 9999 });
  const change = fc.record({ kind: fc.nat({ max: mutations.length - 1 }), at: numbers, pick: numbers });
  const recipe = fc.record({
    valid: fc.nat({ max: material.valid.length - 1 }),
    changes: fc.array(change, { maxLength: 3 }),
  });
  const files = fc.sample(recipe, { numRuns: count * 2, seed }).map(({ valid, changes }) => {
    const start: readonly string[] = material.valid[valid]!.trimEnd().split('\n');
    const lines = changes.reduce(
      (left, { kind, at, pick }) =>
        left.length === 0 ? left : mutations[kind]!(left, at % left.length, pick, material),
      start,
    );
    return `${lines.join('\n')}\n`;
  });
  return files.filter((text) => material.outside?.test(text) !== true).slice(0, count);
}

export const netplanMaterial: Material = {
  valid: [
    `network:
  version: 2
  renderer: networkd
  ethernets:
    eno1:
      dhcp4: true
      dhcp6: false
      optional: yes
    eno2:
      addresses: [192.168.1.5/24, "fd00::5/64"]
      mtu: 9000
      routes:
        - to: default
          via: 192.168.1.1
          metric: 100
      nameservers:
        addresses: [192.168.1.1]
        search: [example.org]
`,
    `network:
  version: 2
  ethernets:
    eno1: {}
    eno2: {}
  bridges:
    br0:
      interfaces: [eno1]
      macaddress: 52:54:00:7d:be:70
      parameters:
        stp: false
        forward-delay: 0
        priority: 4096
      addresses:
        - 192.168.1.5/24
      link-local: []
  vlans:
    vlan10:
      id: 10
      link: eno2
      accept-ra: no
    br0.20:
      id: 20
      link: br0
      addresses: [10.20.0.1/24]
`,
    `network:
  ethernets:
    eno1:
      match: {macaddress: 52:54:00:7d:be:71}
      set-name: lan0
    eno2:
      wakeonlan: true
  bonds:
    bond0:
      interfaces:
        - eno1
        - eno2
      parameters:
        mode: active-backup
        primary: eno1
        mii-monitor-interval: 100
      dhcp4: true
      dhcp4-overrides:
        use-dns: false
        route-metric: 50
  bridges:
    br1:
      interfaces: [bond0]
      dhcp4: false
  vlans:
    v7: {id: 7, link: bond0}
`,
    `network:
  version: 2
  ethernets:
    eno1:
      dhcp4: yes
      dhcp6: yes
      dhcp-identifier: mac
      dhcp4-overrides: {use-domains: route}
      dhcp6-overrides: {use-domains: route}
      activation-mode: manual
      routing-policy:
        - from: 10.0.0.0/8
          table: 100
      routes:
        - {to: 10.1.0.0/16, via: 10.0.0.1, table: 100, on-link: true}
        - to: fd01::/64
          via: fd00::1
          type: unicast
          scope: global
`,
  ],
  words:
    `network version 2 1 renderer networkd NetworkManager ethernets bridges vlans bonds eno1 eno2 eno3 br0 br1 bond0 v7 vlan10 dhcp4 dhcp6
    addresses interfaces parameters routes to via from id link mtu metric table stp mode primary match set-name true false yes no maybe on 0x10 10 20
    4094 4095 99999999999 192.168.1.5/24 192.168.1.5 192.168.1.5/33 192.168.1.256/24 192.168.1.0/24 fd00::5/64 fd00::5/129 fd00::5 default 10.0.0.1
    802.3ad active-backup 52:54:00:7d:be:70 52:54:00:7d:be manual off local global link unicast blackhole optional nameservers search gateway4
    use-dns use-domains eui64 [] {}`
      .trim()
      .split(/\s+/),
  lines: [
    '      gateway4: 192.168.1.1',
    '      gateway6: fd00::1',
    '      ipv6-address-generation: eui64',
    '      ipv6-address-token: "::2"',
    '      dhcp6: true',
    '      interfaces: eno1',
    '      link: eno1',
    '      id: 30',
    '    eno1: {}',
    '    eno3:',
    '  vlans:',
    '  bridges:',
    '      match: {}',
    '      renderer: NetworkManager',
    '      dhcp6-overrides: {use-dns: true}',
    '      virtual-function-count: 4',
    '      embedded-switch-mode: legacy',
    '      optional-addresses: [dhcp4]',
    '# a comment',
  ],
};

export const interfacesMaterial: Material = {
  // ifupdown2 and ifupdown-ng take a stanza without a family.
  outside: /^\s*iface\s+\S+\s*$/m,
  valid: [
    `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet static
  address 192.168.1.5/24
  gateway 192.168.1.1
  dns-nameservers 192.168.1.1
  up ip route add 10.0.0.0/8 via 192.168.1.2 # by the router
`,
    `auto br0
allow-hotplug eth1
iface eth0 inet manual
iface br0 inet static
  address 192.168.1.5
  netmask 255.255.255.0
  broadcast 192.168.1.255
  bridge_ports eth0
  bridge_stp off
  bridge_fd 0
iface br0 inet6 static
  address fd00::5/64
iface eth1 inet dhcp
  hostname kvm1
`,
    `auto bond0 bond0.10
iface bond0 inet manual
  bond-slaves eth0 eth1
  bond-mode active-backup
  bond-miimon 100
iface bond0.10 inet6 auto
  accept_ra 1
  vlan-raw-device bond0
iface common inet dhcp
  metric 7
iface eth2 inet dhcp inherits common
iface eth3 inherits common
auto eth2 eth3
`,
    `iface tun0 inet tunnel
  address 10.0.0.1
  netmask 255.255.255.0
  mode gre
  endpoint 192.0.2.1
  ttl 64
iface tun1 inet6 v4tunnel
  address fd00::1/64
  endpoint 192.0.2.1
iface tun2 inet6 6to4
  local 192.0.2.7
iface ppp0 inet ppp
  provider dsl
mapping eth9
  script /bin/true
  map office
`,
  ],
  words:
    `auto iface inet inet6 ipx can static dhcp manual loopback auto tunnel ipv4ll ppp eth0 eth1 eth7 br0 bond0 common inherits address netmask
    gateway allow-hotplug mapping script map up source 192.168.1.5/24 255.255.255.0 10.0.0.1 metric mode endpoint local # no-auto-down`
      .trim()
      .split(/\s+/),
  lines: [
    '# a comment',
    '',
    'auto',
    'auto eth0',
    'auto eth7',
    'allow-hotplug br0',
    'iface eth7 inet dhcp',
    'iface eth8 inet static',
    'iface',
    '  mtu 1400',
    '  address 10.0.0.7/8',
    '  mtu',
    'source /etc/network/nosuch/*',
    'no-auto-down eth0',
    'mapping eth8',
    '  up true \\',
    '  inherits common',
  ],
};
