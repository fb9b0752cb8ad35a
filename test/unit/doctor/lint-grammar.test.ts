import { describe, expect, it } from '@jest/globals';
import { S, I, N, K, P, found } from './lint-files.ts';

/** Mistakes in the grammar of a format: one description -> files with one mistake -> where it is found. */
const mistakes: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['a flag that is none', { [P]: 'network:\n  ethernets:\n    a: {dhcp4: maybe}\n' }, `bad-value ${P}:3`],
  ['a number that is none', { [P]: 'network:\n  ethernets:\n    a: {mtu: 9k}\n' }, `bad-value ${P}:3`],
  ['a bond mode that is none', { [P]: 'network:\n  bonds:\n    b: {parameters: {mode: 4}}\n' }, `bad-value ${P}:3`],
  [
    'an address without prefix',
    { [P]: 'network:\n  ethernets:\n    a: {addresses: [10.0.0.1]}\n' },
    `bad-netmask ${P}:3`,
  ],
  [
    'a prefix of netplan that is too long',
    { [P]: 'network:\n  ethernets:\n    a: {addresses: [10.0.0.1/33]}\n' },
    `bad-netmask ${P}:3`,
  ],
  [
    'an address of netplan that is none',
    { [P]: 'network:\n  ethernets:\n    a: {addresses: [10.0.1/24]}\n' },
    `bad-address ${P}:3`,
  ],
  [
    'a MAC of netplan that is none',
    { [P]: 'network:\n  ethernets:\n    a: {macaddress: 52:54:00:12:34}\n' },
    `bad-mac ${P}:3`,
  ],
  ['a definition that is empty', { [P]: 'network:\n  ethernets:\n    a:\n' }, `wrong-type ${P}:3`],
  [
    'a map in the place of a list',
    { [P]: 'network:\n  ethernets:\n    a: {routes: {to: default}}\n' },
    `wrong-type ${P}:3`,
  ],
  ['a version that netplan does not read', { [P]: 'network:\n  version: 1\n' }, `bad-value ${P}:2`],
  ['a pattern for a name', { [P]: 'network:\n  ethernets:\n    en*: {}\n' }, `bad-name ${P}:3`],
  ['a key of another kind', { [P]: 'network:\n  ethernets:\n    a: {interfaces: []}\n' }, `unknown-key ${P}:3`],
  [
    'a route without gateway',
    { [P]: 'network:\n  ethernets:\n    a: {routes: [{via: 10.0.0.1}]}\n' },
    `netplan-incomplete ${P}:3`,
  ],
  ['a new name for no NIC', { [P]: 'network:\n  ethernets:\n    a: {set-name: b}\n' }, `netplan-incomplete ${P}:3`],
  [
    'one name of two kinds',
    { [P]: 'network:\n  ethernets:\n    a: {}\n  bridges:\n    a: {}\n' },
    `netplan-conflict ${P}:5`,
  ],
  [
    'DHCP that networkd cannot have differ',
    {
      [P]: 'network:\n  ethernets:\n    a:\n      dhcp4: true\n      dhcp6: true\n      dhcp4-overrides: {use-dns: false}\n',
    },
    `netplan-conflict ${P}:6`,
  ],
  [
    'what NetworkManager does not do for netplan',
    { [P]: 'network:\n  renderer: NetworkManager\n  ethernets:\n    a: {ipv6-mtu: 1400}\n' },
    `netplan-conflict ${P}:4`,
  ],
  [
    'a port that a later file defines',
    {
      '/etc/netplan/10.yaml': 'network:\n  bridges:\n    b: {interfaces: [a]}\n',
      '/etc/netplan/20.yaml': 'network:\n  ethernets:\n    a: {}\n',
    },
    'port-undefined /etc/netplan/10.yaml:3',
  ],
  [
    'a map that comes twice',
    { [P]: 'network:\n  ethernets:\n    a: {}\n  ethernets:\n    b: {}\n' },
    `key-twice ${P}:4`,
  ],
  // ifupdown
  ['an option without a value', { [I]: 'iface a inet manual\n mtu\n' }, `bad-syntax ${I}:2`],
  [
    'an option that a mapping does not have',
    { [I]: 'mapping eth*\n script /bin/true\n mtu 9000\n' },
    `bad-syntax ${I}:3`,
  ],
  ['inherits without a name', { [I]: 'iface a inet manual inherits\n' }, `bad-syntax ${I}:1`],
  ['lo with the stanza of another device', { [I]: 'auto lo\niface a inet loopback\n' }, `auto-without-stanza ${I}:1`],
  [
    'a default route without gateway',
    { [P]: 'network:\n  ethernets:\n    a: {routes: [{to: default}]}\n' },
    `netplan-incomplete ${P}:3`,
  ],
  ['a comment behind auto', { [I]: 'auto a # the first\niface a inet manual\n' }, `auto-without-stanza ${I}:1`],
  ['a tunnel without its end', { [I]: 'iface t inet6 v4tunnel\n address fd00::1/64\n' }, `option-missing ${I}:1`],
  ['a gateway of DHCP', { [I]: 'iface a inet dhcp\n gateway 10.0.0.1\n' }, `option-not-read ${I}:2`],
  [
    'a bond mode of ifupdown that is none',
    { [I]: 'iface b inet manual\n bond-slaves none\n bond-mode lacp\n' },
    `bad-value ${I}:3`,
  ],
  ['a delay that is none', { [I]: 'iface b inet manual\n bridge_ports none\n bridge_fd off\n' }, `bad-value ${I}:3`],
  [
    'an address of ifupdown that comes twice',
    { [I]: 'iface a inet static\n address 10.0.0.1/8\n mtu 1400\n mtu 1500\n' },
    `key-twice ${I}:4`,
  ],
  // systemd-networkd
  ['an empty [Match]', { [`${N}a.network`]: '[Match]\n[Network]\nDHCP=yes\n' }, `no-match ${N}a.network:1`],
  [
    'a key of [Network] in [Link]',
    { [`${N}a.network`]: '[Match]\nName=a\n[Link]\nBridge=br0\n' },
    `wrong-section ${N}a.network:4`,
  ],
  [
    'a key of another section in a drop-in',
    { [`${N}a.network`]: '[Match]\nName=a\n', [`${N}a.network.d/b.conf`]: '[Match]\nDHCP=yes\n' },
    `wrong-section ${N}a.network.d/b.conf:2`,
  ],
  [
    'a file for all that comes before the one of a bridge',
    {
      [`${N}a.network`]: '[Match]\nName=!lo\n[Network]\nDHCP=yes\n',
      [`${N}b.netdev`]: '[NetDev]\nName=br0\nKind=bridge\n',
      [`${N}b.network`]: '[Match]\nName=br0\n',
    },
    `shadowed ${N}a.network:2`,
  ],
  [
    'a VLAN on itself',
    {
      [`${N}v.netdev`]: '[NetDev]\nName=v\nKind=vlan\n[VLAN]\nId=7\n',
      [`${N}v.network`]: '[Match]\nName=v\n[Network]\nVLAN=v\n',
    },
    `stands-on-itself ${N}v.network:2`,
  ],
  // ifcfg and NetworkManager
  [
    'MASTER with SLAVE=no',
    { [`${S}a`]: 'DEVICE=a\nMASTER=b\nSLAVE=no\n', [`${S}b`]: 'DEVICE=b\nTYPE=Bond\n' },
    `master-without-slave ${S}a:3`,
  ],
  [
    'a kind of master without master',
    { [`${K}a.nmconnection`]: '[connection]\nid=a\ntype=ethernet\nport-type=bond\n' },
    `master-without-type ${K}a.nmconnection:4`,
  ],
  [
    'a key of [ipv4] in [connection]',
    { [`${K}a.nmconnection`]: '[connection]\nid=a\ntype=ethernet\nmethod=auto\n' },
    `wrong-section ${K}a.nmconnection:4`,
  ],
  // all formats
  ['a bridge that is its own port', { [`${S}b`]: 'DEVICE=b\nTYPE=Bridge\nBRIDGE=b\n' }, `stands-on-itself ${S}b:3`],
  [
    'a gateway that is the host',
    { [`${S}a`]: 'DEVICE=a\nIPADDR=10.0.0.1\nPREFIX=8\nGATEWAY=10.0.0.1\n' },
    `gateway-is-self ${S}a:4`,
  ],
  [
    'a broadcast address of another subnet',
    { [`${S}a`]: 'DEVICE=a\nIPADDR=10.0.0.1\nPREFIX=8\nBROADCAST=10.0.0.255\n' },
    `bad-broadcast ${S}a:4`,
  ],
  [
    'two NICs in one subnet',
    { [P]: 'network:\n  ethernets:\n    a: {addresses: [10.0.0.1/24]}\n    b: {addresses: [10.0.0.2/24]}\n' },
    `subnet-twice ${P}:4`,
  ],
  ['a dash of a word processor', { [`${S}br–0`]: 'DEVICE=br–0\n' }, `typographic-characters ${S}br–0:1`],
];

describe('the linter', () => {
  it.each(mistakes)('finds %s, and nothing else', (_what, files, expected) => {
    expect(found(files)).toEqual([expected]);
  });
});
