/** docs/lint.md is the test: each of its examples must find what it says, word for word. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { lint, lintChecks } from '../../../src/doctor/lint/lint.ts';
import { configFormats, formatOf, readConfig, type Config } from '../../../src/config/config.ts';
import type { ConfigFacts } from '../../../src/config/facts.ts';
import { root } from '../../helpers/host.ts';

const page = readFileSync(`${root}docs/lint.md`, 'utf8');

interface Example {
  readonly code: string;
  readonly severity: string;
  readonly files: string;
  readonly output: string;
}

const examples: readonly Example[] = page
  .split('\n### ')
  .slice(1)
  .map((section) => {
    const [, code = '', severity = '', files = '', output = ''] =
      /^(\S+)\n\n(\w+)\.[^]*?\n```\n([^]*?)```\n\n```\n([^]*?)```\n/.exec(section) ?? [];
    return { code, severity: severity.toLowerCase(), files, output };
  });

/** `==> PATH (mode 0644) <==` and the lines below it, as head prints several files. */
function configsIn(files: string): readonly Config[] {
  return files
    .split(/^==> /m)
    .slice(1)
    .map((part) => {
      const [, path = '', mode, text = ''] = /^(.*?)(?: \(mode (\d+)\))? <==\n([^]*)$/.exec(part) ?? [];
      const content = text.replace(/\n\n$/, '\n').replaceAll('\\r\n', '\r\n');
      return config(path, content, mode);
    });
}

function config(path: string, text: string, mode?: string): Config {
  const file = { path, text, ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }) };
  return readConfig(file, formatOf(file)!);
}

const absent: ConfigFacts = {
  managers: {
    NetworkManager: 'absent',
    'systemd-networkd': 'absent',
    networking: 'absent',
    network: 'absent',
    wicked: 'absent',
  },
  hasBrctl: false,
  ifupdownMakesBridges: false,
  scriptsCallBrctl: false,
};

const enabled = (...names: readonly (keyof ConfigFacts['managers'])[]): ConfigFacts => ({
  ...absent,
  managers: { ...absent.managers, ...Object.fromEntries(names.map((name) => [name, 'enabled'])) },
});

/** The hosts that the examples speak of. */
const hosts: Readonly<Record<string, ConfigFacts>> = {
  'nobody-manages': enabled('NetworkManager'),
  'no-brctl': enabled('networking'),
  'port-absent': { ...enabled('networking'), ifupdownMakesBridges: true, links: ['lo', 'eno1'] },
};

describe('docs/lint.md', () => {
  it('has a section of each check, with its severity, in the order in which nobody has to search', () => {
    const severities = new Map(lintChecks.map(({ code, severity }) => [code, severity]));
    expect(examples.map(({ code }) => code).sort()).toEqual([...severities.keys()].sort());
    expect(examples.filter(({ code, severity }) => severities.get(code) !== severity)).toEqual([]);
  });

  it.each(examples)('shows what is found: $code', ({ code, files, output }) => {
    const findings = lint(configsIn(files), hosts[code]);
    const text = findings.map(
      ({ path, line, severity, message, remedy, ...finding }) =>
        `${path}:${line}: ${severity}: ${message} [${finding.code}]\n  remedy: ${remedy}\n`,
    );
    expect(text.join('')).toBe(output);
  });
});

const S = '/etc/sysconfig/network-scripts/ifcfg-';
const I = '/etc/network/interfaces';
const N = '/etc/systemd/network/';
const K = '/etc/NetworkManager/system-connections/';
const P = '/etc/netplan/50.yaml';

/** `CODE PATH:LINE` of all that is found. */
function found(files: Readonly<Record<string, string>>, facts?: ConfigFacts): readonly string[] {
  const configs = Object.entries(files).map(([path, text]) => config(path, text));
  return lint(configs, facts).map(({ code, path, line }) => `${code} ${path}:${line}`);
}

const ethernet = '[connection]\nid=a\ntype=ethernet\n';
const bond = (options: string, mode = 'active-backup'): string =>
  `[connection]\nid=a\ntype=bond\ninterface-name=a\n[bond]\nmode=${mode}\n${options}\n`;
const network = (line: string): string => `[Match]\nName=a\n[Network]\n${line}\n`;

/** One description -> files with one mistake -> where it is found. */
const mistakes: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
  ['a key in lower case', { [`${S}a`]: 'DEVICE=a\nonboot=no\n' }, `misspelt-key ${S}a:2`],
  ['a misspelt key with a number', { [`${S}a`]: 'DEVICE=a\nIPADRR1=10.0.0.1\n' }, `misspelt-key ${S}a:2`],
  ['a misspelt option', { [I]: 'iface a inet manual\n brige_ports b\n' }, `misspelt-key ${I}:2`],
  ['a misspelt keyword', { [I]: 'iface a inet manual\nalow-hotplug a\n' }, `misspelt-key ${I}:2`],
  ['a misspelt section', { [`${N}a.network`]: '[Match]\nName=a\n[Netwrk]\n' }, `misspelt-key ${N}a.network:3`],
  [
    'a key of another section',
    { [`${N}a.netdev`]: '[NetDev]\nName=a\nKind=bridge\n[Bridge]\nForwardDelaySecs=0\n' },
    `misspelt-key ${N}a.netdev:5`,
  ],
  [
    'a misspelt key of a profile',
    { [`${K}a.nmconnection`]: '[connection]\nid=a\ntype=ethernet\nautoconect=false\n' },
    `misspelt-key ${K}a.nmconnection:4`,
  ],
  ['a misspelt section of a profile', { [`${K}a`]: `${ethernet}[ipv5]\n` }, `unknown-key ${K}a:4`],
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
    'a misspelt key of netplan',
    { [P]: 'network:\n  bridges:\n    br0:\n      paramters: {stp: false}\n' },
    `misspelt-key ${P}:4`,
  ],
  [
    'a misspelt parameter of netplan',
    { [P]: 'network:\n  bridges:\n    br0:\n      parameters: {foward-delay: 0}\n' },
    `misspelt-key ${P}:4`,
  ],
  ['a misspelt kind of netplan', { [P]: 'network:\n  bridge:\n    br0: {}\n' }, `misspelt-key ${P}:2`],
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
    'a slave of a bond that is not there',
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
  ['a misspelt type', { [`${S}a`]: 'DEVICE=a\nTYPE=Brdge\n' }, `bad-value ${S}a:2`],
  [
    'a bridge by its name alone',
    { [I]: 'auto br0\niface br0 inet static\n address 10.0.0.1/8\n' },
    `no-bridge-ports ${I}:2`,
  ],
  ['an address family that is none', { [I]: 'iface a int dhcp\n' }, `bad-method ${I}:1`],
  ['a method that is missing', { [I]: 'iface a inet\n' }, `bad-method ${I}:1`],
  ['a slip in auto', { [I]: 'auto eht0\niface eth0 inet dhcp\n' }, `auto-without-stanza ${I}:1`],
  ['a file of netplan that is not read', { '/etc/netplan/a.yml': 'network: 7\n' }, 'not-read /etc/netplan/a.yml:1'],
  // netplan's grammar
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

  const fine: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    [
      'keys that kvmnet does not know',
      { [`${S}a`]: 'DEVICE=a\nMYCOMPANY_RACK=7\n', [I]: 'iface a inet manual\n my-hook on\n' },
    ],
    [
      'typographic quotes in a comment and a title',
      { [`${K}a.nmconnection`]: '# the “new” one\n[connection]\nid=“a”\ntype=ethernet\n' },
    ],
    [
      'an address with a single-address gateway',
      { [I]: 'iface a inet static\n address 203.0.113.7/32\n gateway 203.0.113.1\n' },
    ],
    [
      'a link-local gateway',
      { [`${N}a.network`]: '[Match]\nName=a\n[Network]\nAddress=2001:db8::2/64\nGateway=fe80::1\n' },
    ],
    [
      'two default gateways of two families',
      {
        [I]: 'iface a inet static\n address 10.0.0.2/8\n gateway 10.0.0.1\niface a inet6 static\n address fd00::2/64\n gateway fd00::1\n',
      },
    ],
    [
      'two default gateways with metrics',
      {
        [P]: 'network:\n  ethernets:\n    a: {routes: [{to: default, via: 10.0.0.1, metric: 1}]}\n    b: {routes: [{to: default, via: 10.0.0.2, metric: 2}]}\n',
      },
    ],
    [
      'one VLAN ID on two NICs',
      { [`${S}a.7`]: 'DEVICE=a.7\nVLAN=yes\nPHYSDEV=eth0\n', [`${S}b.7`]: 'DEVICE=b.7\nVLAN=yes\nPHYSDEV=eth1\n' },
    ],
    [
      'a port that asks for nothing',
      { [`${S}a`]: 'DEVICE=a\nBOOTPROTO=static\nBRIDGE=br0\n', [`${S}br0`]: 'DEVICE=br0\nTYPE=Bridge\n' },
    ],
    ['an alias of a device', { [`${S}eth0:1`]: 'DEVICE=eth0:1\nIPADDR=10.0.0.2\nPREFIX=8\n' }],
    ['a bridge that a hook makes', { [I]: 'iface br0 inet manual\n pre-up brctl addbr br0\n' }],
    ['a bridge that takes ports by pattern', { [I]: 'auto br0\niface br0 inet manual\n bridge_ports regex eth.*\n' }],
    ['auto by pattern, and a stanza for several', { [I]: 'auto /eth*\nallow-hotplug wlan0\niface wlan* inet dhcp\n' }],
    ['a name that a mapping gives', { [I]: 'auto eth0\nmapping eth*\n script /bin/true\niface home inet dhcp\n' }],
    [
      'patch ports of Open vSwitch',
      {
        [P]: 'network:\n  openvswitch:\n    ports: [[p0, p1]]\n  bridges:\n    b: {interfaces: [p0], openvswitch: {}}\n    c: {interfaces: [p1], openvswitch: {}}\n',
      },
    ],
    ['a file for every device but some', { [`${N}a.network`]: '[Match]\nName=!veth* *\n[Network]\nDHCP=yes\n' }],
    ['a MAC address by word', { [P]: 'network:\n  ethernets:\n    a: {macaddress: random}\n' }],
    [
      'a bond whose options are elsewhere',
      { [`${S}a`]: 'DEVICE=a\nMASTER=bond0\nSLAVE=yes\n', [`${S}bond0`]: 'DEVICE=bond0\n' },
    ],
    [
      'a profile for any NIC',
      { [`${K}a.nmconnection`]: '[connection]\nid=a profile with a long title\ntype=ethernet\n' },
    ],
    [
      'VLANs on a NIC that is matched in another way than by its name',
      Object.fromEntries(
        ['PermanentMACAddress=02:00:00:aa:bb:01', 'Type=ether', 'Driver=e1000', 'Path=pci-*', 'Property=ID=1'].flatMap(
          (match, index) => [
            [`${N}1${index}.network`, `[Match]\n${match}\n[Network]\nVLAN=v${index}\n`],
            [`${N}2${index}.netdev`, `[NetDev]\nName=v${index}\nKind=vlan\n[VLAN]\nId=${index + 1}\n`],
            [`${N}2${index}.network`, `[Match]\nName=v${index}\n[Network]\nDHCP=yes\n`],
          ],
        ),
      ),
    ],
    ['a long name that a .network file matches', { [`${N}a.network`]: '[Match]\nName=enp129s0f1np1-of-the-uplink\n' }],
    ['sections and keys for other programs', { [`${N}a.network`]: '[Match]\nName=a\n[X-Foo]\na=b\n[Link]\nX-Bar=b\n' }],
    [
      'a port that is known by its section',
      { [`${K}a`]: `${ethernet}master=7d0e9f3c-2b1a-4c55-9e0c-0a7d2f1c9b11\n[bridge-port]\n` },
    ],
    [
      'a table of routes that networkd.conf names',
      { [`${N}a.network`]: '[Match]\nName=a\n[Route]\nGateway=10.0.0.1\nTable=lab\n' },
    ],
    [
      'a name server that is asked over TLS',
      { [`${K}a`]: `${ethernet}[ipv4]\nmethod=auto\ndns=dns+tls://192.168.1.1#ns\n` },
    ],
    [
      'two devices whose addresses systemd-networkd chooses, and a DHCP server with an address of its own',
      {
        [`${N}a.network`]: network('Address=0.0.0.0/28'),
        [`${N}b.network`]: '[Match]\nName=b\n[Network]\nAddress=0.0.0.0/28\n',
        [`${N}c.network`]: '[Match]\nName=c\n[Network]\nDHCPServer=yes\n[DHCPServer]\nServerAddress=10.0.0.1/24\n',
      },
    ],
    [
      'a MAC address and a metric as old versions of NetworkManager wrote them',
      {
        [`${K}a`]: `${ethernet}[ethernet]\nmac-address=82;84;0;125;190;112;\n[ipv6]\nmethod=auto\nroute1=fd01::/64,5\n`,
      },
    ],
    ['the table of a route from DHCP', { [`${N}a.network`]: '[Match]\nName=a\n[DHCPv4]\nRouteTable=100\n' }],
    ['a file that masks another', { [`${N}a.network`]: '' }],
    [
      'an option that a command reads',
      { [I]: 'iface a inet manual\n address 10.0.0.1/8\n up ip addr add $IF_ADDRESS dev $IFACE\n' },
    ],
    ['lo without a stanza, which ifupdown has of its own', { [I]: 'auto lo\n' }],
    ['a comment behind a command', { [I]: 'iface a inet manual\n up true # nothing to do\n' }],
    ['auto within a stanza', { [I]: 'iface a inet manual\n auto\n mtu 1400\n' }],
    ['a stanza that inherits its method', { [I]: 'iface a inet dhcp\niface b inet inherits a\niface c inherits a\n' }],
    ['lines of ifupdown as Windows ends them', { [I]: 'auto a\r\niface a inet dhcp\r\n' }],
    ['a port of the bridge of Docker', { [`${N}a.network`]: '[Match]\nName=br-0123456789ab\n[Link]\nUnmanaged=yes\n' }],
    [
      'what a later file of netplan adds',
      {
        '/etc/netplan/10.yaml': 'network:\n  ethernets:\n    a: {}\n  vlans:\n    v: {id: 7, link: a}\n',
        '/etc/netplan/20.yaml': 'network:\n  bridges:\n    b: {interfaces: [v], parameters: {path-cost: {v: 7}}}\n',
      },
    ],
    ['no text', { [I]: '', [`${S}lo`]: '', [P]: '', [`${N}a.link`]: '' }],
  ];

  it.each(fine)('finds nothing in %s', (_what, files) => {
    expect(found(files)).toEqual([]);
  });

  it('says what to write for a slip in the name of a bridge, and does not take another number for one', () => {
    const remedy = (bridge: string): string | undefined =>
      lint([
        config(`${S}a`, `DEVICE=a\nBRIDGE=${bridge}\n`),
        config(`${S}brvlan-10`, 'DEVICE=brvlan-10\nTYPE=Bridge\n'),
      ])[0]?.remedy;
    expect(remedy('brvlan10')).toBe('write BRIDGE=brvlan-10');
    expect(remedy('brvlan-20')).toMatch(/^write ifcfg-brvlan-20 with/);
  });

  it('never fails, whatever the files say', () => {
    const words = [
      'auto',
      'iface',
      'a',
      'inet',
      'static',
      'address',
      'bridge_ports',
      'DEVICE=a',
      'BRIDGE=a',
      'VLAN=yes',
      'IPADDR=1',
      '[Match]',
      '[NetDev]',
      'Name=a',
      'Kind=vlan',
      'network:',
      ' vlans:',
      '  a:',
      '   id: 7',
      '   link: a',
      '\n',
      '\n',
      '\n',
      ' ',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...words), fc.string())).map((each) => each.join(' '));
    fc.assert(
      fc.property(
        fc.array(fc.record({ text, format: fc.constantFrom(...configFormats) }), { maxLength: 4 }),
        (files) => {
          const configs = files.map((file, index) =>
            readConfig({ path: `/etc/network-scripts/${index}`, text: file.text }, file.format),
          );
          for (const { line, path } of lint(configs, enabled('networking'))) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(configs.map(({ file }) => file.path)).toContain(path);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the managers of a host', () => {
  const bridge = { [`${S}br0`]: 'DEVICE=br0\nTYPE=Bridge\nNM_CONTROLLED=no\n' };

  it.each([
    ['NetworkManager alone, which it keeps out', enabled('NetworkManager'), [`nobody-manages ${S}br0:3`]],
    ['nothing at all', absent, [`nobody-manages ${S}br0:3`]],
    ['network.service', enabled('network'), []],
    ['network.service that calls brctl', { ...enabled('network'), scriptsCallBrctl: true }, [`no-brctl ${S}br0:2`]],
    ['network.service and brctl', { ...enabled('network'), scriptsCallBrctl: true, hasBrctl: true }, []],
  ])('decide what becomes of an ifcfg file: %s', (_what, facts, expected) => {
    expect(found(bridge, facts)).toEqual(expected);
  });

  it('that are not enabled are told once, and not where another has the device', () => {
    const files = {
      [`${N}a.network`]: '[Match]\nName=eno1\n[Network]\nDHCP=yes\n',
      [`${N}b.network`]: '[Match]\nName=eno2\n[Network]\nDHCP=yes\n',
    };
    expect(found(files, absent)).toEqual([`nobody-manages ${N}a.network:2`]);
    expect(found(files, enabled('systemd-networkd'))).toEqual([]);
    expect(found({ ...files, [I]: 'auto eno1\niface eno1 inet dhcp\n' }, enabled('networking'))).toEqual([]);
  });

  it('of ifupdown need no brctl where something else makes bridges', () => {
    const files = { [I]: 'auto br0\niface br0 inet dhcp\n bridge_ports eth0\n' };
    expect(found(files, enabled('networking'))).toEqual([`no-brctl ${I}:3`]);
    expect(found(files, { ...enabled('networking'), ifupdownMakesBridges: true })).toEqual([]);
  });
});
