import { describe, expect, it } from '@jest/globals';
import { S, I, N, K, P, found, ethernet, bond, network } from './lint-files.ts';

/** One description -> files with one mistake -> where it is found. */
const mistakes: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['a key in lower case', { [`${S}a`]: 'DEVICE=a\nonboot=no\n' }, `misspelt-key ${S}a:2`],
  ['a misspelled key with a number', { [`${S}a`]: 'DEVICE=a\nIPADRR1=10.0.0.1\n' }, `misspelt-key ${S}a:2`],
  ['a misspelled option', { [I]: 'iface a inet manual\n brige_ports b\n' }, `misspelt-key ${I}:2`],
  ['a misspelled keyword', { [I]: 'iface a inet manual\nalow-hotplug a\n' }, `misspelt-key ${I}:2`],
  ['a misspelled section', { [`${N}a.network`]: '[Match]\nName=a\n[Netwrk]\n' }, `misspelt-key ${N}a.network:3`],
  [
    'a key of another section',
    { [`${N}a.netdev`]: '[NetDev]\nName=a\nKind=bridge\n[Bridge]\nForwardDelaySecs=0\n' },
    `misspelt-key ${N}a.netdev:5`,
  ],
  [
    'a misspelled key of a profile',
    { [`${K}a.nmconnection`]: '[connection]\nid=a\ntype=ethernet\nautoconect=false\n' },
    `misspelt-key ${K}a.nmconnection:4`,
  ],
  ['a misspelled section of a profile', { [`${K}a`]: `${ethernet}[ipv5]\n` }, `unknown-key ${K}a:4`],
  ['an option that no bond has', { [`${K}a`]: bond('speed=1') }, `unknown-key ${K}a:7`],
  ['a type that no profile has', { [`${K}a`]: '[connection]\nid=a\ntype=brigde\n' }, `bad-value ${K}a:3`],
  ['yes where NetworkManager wants true', { [`${K}a`]: `${ethernet}autoconnect=yes\n` }, `bad-value ${K}a:4`],
  ['a profile without a type', { [`${K}a`]: '[connection]\nid=a\n' }, `keyfile-incomplete ${K}a:1`],
  ['an empty profile', { [`${K}a`]: '' }, `keyfile-incomplete ${K}a:1`],
  ['a bond without a name', { [`${K}a`]: '[connection]\nid=a\ntype=bond\n' }, `keyfile-incomplete ${K}a:1`],
  ['a VLAN without a parent', { [`${K}a`]: '[connection]\nid=a\ntype=vlan\n' }, `keyfile-incomplete ${K}a:1`],
  ['a delay of a bond without miimon', { [`${K}a`]: bond('miimon=0\nupdelay=2') }, `keyfile-conflict ${K}a:8`],
  ['a primary of a bond that has none', { [`${K}a`]: bond('primary=b', 'broadcast') }, `keyfile-conflict ${K}a:7`],
  [
    'a gateway without an address',
    { [`${K}a`]: `${ethernet}[ipv4]\nmethod=auto\ngateway=10.0.0.1\n` },
    `keyfile-conflict ${K}a:6`,
  ],
  [
    'an address of the other family',
    { [`${K}a`]: `${ethernet}[ipv4]\nmethod=auto\naddress1=fd00::1/64\n` },
    `bad-address ${K}a:6`,
  ],
  ['a byte order mark in a profile', { [`${K}a`]: `\uFEFF${ethernet}` }, `bad-syntax ${K}a:1`],
  [
    'a section of no file of networkd',
    { [`${N}a.network`]: '[Match]\nName=a\n[Foo]\n' },
    `unknown-key ${N}a.network:3`,
  ],
  ['a key of no section', { [`${N}a.network`]: '[Match]\nName=a\n[Link]\nSpeed=1\n' }, `unknown-key ${N}a.network:4`],
  ['a value that DHCP= has not', { [`${N}a.network`]: network('DHCP=maybe') }, `bad-value ${N}a.network:4`],
  ['an address of networkd', { [`${N}a.network`]: network('Address=10.0.0.1/33') }, `bad-address ${N}a.network:4`],
  [
    'a name of a bridge that is too long',
    { [`${N}a.network`]: network('VLAN=a-name-that-is-too-long') },
    `bad-name ${N}a.network:4`,
  ],
  [
    'a DHCP server without an address',
    { [`${N}a.network`]: network('DHCPServer=yes') },
    `networkd-conflict ${N}a.network:4`,
  ],
  [
    'a value below a line that ends with two backslashes',
    { [`${N}a.network`]: network('Description=a\\\\\nDHCP=maybe') },
    `bad-value ${N}a.network:5`,
  ],
  ['nothing but a comment', { [`${N}a.network`]: '# nothing\n' }, `no-match ${N}a.network:1`],
  ['[Match] with a name that was forgotten', { [`${N}a.network`]: '[Match]\nName=\n' }, `no-match ${N}a.network:1`],
  [
    'the section of another kind',
    { [`${N}a.netdev`]: '[NetDev]\nName=a\nKind=bridge\n[VLAN]\nId=7\n' },
    `wrong-section ${N}a.netdev:4`,
  ],
  [
    'a priority of a port in a .network file',
    { [`${N}a.network`]: '[Match]\nName=a\n[Bridge]\nPriority=4096\n' },
    `bad-value ${N}a.network:4`,
  ],
  [
    'a route of two families',
    { [`${N}a.network`]: `${network('Address=fd00::1/64')}[Route]\nDestination=fd01::/64\nGateway=10.0.0.1\n` },
    `networkd-conflict ${N}a.network:7`,
  ],
  [
    'a misspelled key of netplan',
    { [P]: 'network:\n  bridges:\n    br0:\n      paramters: {stp: false}\n' },
    `misspelt-key ${P}:4`,
  ],
  [
    'a misspelled parameter of netplan',
    { [P]: 'network:\n  bridges:\n    br0:\n      parameters: {foward-delay: 0}\n' },
    `misspelt-key ${P}:4`,
  ],
  ['a misspelled kind of netplan', { [P]: 'network:\n  bridge:\n    br0: {}\n' }, `misspelt-key ${P}:2`],
  ['devices of netplan at the top', { [P]: 'bridges:\n  br0: {}\n' }, `netplan-incomplete ${P}:1`],
  ['a prefix that is too long', { [I]: 'iface a inet static\n address 10.0.0.1/33\n' }, `bad-netmask ${I}:2`],
  [
    'a netmask of IPv4 at an address of IPv6',
    { [I]: 'iface a inet6 static\n address fd00::1\n netmask 255.0.0.0\n' },
    `bad-netmask ${I}:3`,
  ],
  ['a byte above 255', { [`${S}a`]: 'DEVICE=a\nIPADDR=192.168.2.256\nPREFIX=24\n' }, `bad-address ${S}a:2`],
  [
    'a gateway that is none',
    { [P]: 'network:\n  ethernets:\n    a:\n      routes: [{to: default, via: router}]\n' },
    `bad-address ${P}:4`,
  ],
  [
    'a gateway of IPv6 outside',
    { [`${N}a.network`]: '[Match]\nName=a\n[Network]\nAddress=fd00:1::2/64\nGateway=fd00:2::1\n' },
    `gateway-outside ${N}a.network:5`,
  ],
  [
    'a short MAC address',
    { [`${N}a.netdev`]: '[NetDev]\nName=a\nKind=bridge\nMACAddress=52:54:00:12:34\n' },
    `bad-mac ${N}a.netdev:4`,
  ],
  [
    'VLAN ID 0',
    { [`${K}a.nmconnection`]: '[connection]\nid=a\ntype=vlan\n[vlan]\nparent=eno1\nid=0\n' },
    `bad-vlan-id ${K}a.nmconnection:6`,
  ],
  [
    'an address on a port of a bond',
    {
      [I]: 'iface a inet static\n address 10.0.0.1/8\n bond-master bond0\niface bond0 inet manual\n bond-slaves none\n',
    },
    `address-on-port ${I}:2`,
  ],
  [
    'a slave of a bond that does not exist',
    { [`${S}a`]: 'DEVICE=a\nMASTER=bond0\nSLAVE=yes\n' },
    `bridge-undefined ${S}a:2`,
  ],
  [
    'a bridge that is a plain NIC',
    { [`${S}a`]: 'DEVICE=a\nBRIDGE=b\n', [`${S}b`]: 'DEVICE=b\nTYPE=Ethernet\n' },
    `bridge-undefined ${S}a:2`,
  ],
  [
    'a slip in the name of a bridge',
    { [`${S}a`]: 'DEVICE=a\nBRIDGE=bro\n', [`${S}br0`]: 'DEVICE=br0\nTYPE=Bridge\n' },
    `bridge-undefined ${S}a:2`,
  ],
  [
    'a bridge that only its port is for',
    { [I]: 'auto a\niface a inet manual\niface br0 inet manual\n bridge_ports a\n' },
    `bridge-not-onboot ${I}:3`,
  ],
  [
    'a NIC in a bridge and a bond',
    {
      [P]: 'network:\n  ethernets:\n    a: {}\n  bridges:\n    b: {interfaces: [a]}\n  bonds:\n    c: {interfaces: [a]}\n',
    },
    `port-twice ${P}:7`,
  ],
  [
    'one VLAN ID twice in a profile',
    {
      [`${K}a.nmconnection`]: '[connection]\nid=a\ntype=vlan\ninterface-name=a\n[vlan]\nparent=eno1\nid=010\n',
      [`${K}b.nmconnection`]: '[connection]\nid=b\ntype=vlan\ninterface-name=b\n[vlan]\nparent=eno1\nid=10\n',
    },
    `vlan-twice ${K}b.nmconnection:7`,
  ],
  [
    'a slip in the name of a parent',
    { [I]: 'iface bond0 inet manual\n bond-slaves eth0\niface v inet manual\n vlan-raw-device bnod0\n vlan-id 7\n' },
    `vlan-parent-undefined ${I}:4`,
  ],
  [
    'a VLAN of netplan on nothing',
    { [P]: 'network:\n  vlans:\n    v: {id: 7, link: eno1}\n' },
    `port-undefined ${P}:3`,
  ],
  [
    'a VLAN of systemd-networkd that no NIC has',
    { [`${N}a.netdev`]: '[NetDev]\nName=a\nKind=vlan\n[VLAN]\nId=7\n' },
    `vlan-parent-undefined ${N}a.netdev:2`,
  ],
  [
    'a VLAN without ID',
    { [`${N}a.netdev`]: '[NetDev]\nName=a\nKind=vlan\n', [`${N}b.network`]: '[Match]\nName=eno1\n[Network]\nVLAN=a\n' },
    `netdev-incomplete ${N}a.netdev:1`,
  ],
  ['a misspelled type', { [`${S}a`]: 'DEVICE=a\nTYPE=Brdge\n' }, `bad-value ${S}a:2`],
  [
    'a bridge by its name alone',
    { [I]: 'auto br0\niface br0 inet static\n address 10.0.0.1/8\n' },
    `no-bridge-ports ${I}:2`,
  ],
  ['an address family that is none', { [I]: 'iface a int dhcp\n' }, `bad-method ${I}:1`],
  ['a method that is missing', { [I]: 'iface a inet\n' }, `bad-method ${I}:1`],
  ['a slip in auto', { [I]: 'auto eht0\niface eth0 inet dhcp\n' }, `auto-without-stanza ${I}:1`],
  ['a file of netplan that is not read', { '/etc/netplan/a.yml': 'network: 7\n' }, 'not-read /etc/netplan/a.yml:1'],
];

describe('the linter', () => {
  it.each(mistakes)('finds %s, and nothing else', (_what, files, expected) => {
    expect(found(files)).toEqual([expected]);
  });
});
