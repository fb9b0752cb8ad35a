import { describe, expect, it } from '@jest/globals';
import { KvmnetError, exitStatus } from '../../../src/errors.ts';
import { networkFromOptions } from '../../../src/plan/network/from-options.ts';
import { networkLife, type NetworkOptions } from '../../../src/plan/network/options.ts';
import { planNetworkCreate } from '../../../src/plan/network/create.ts';
import type { State } from '../../../src/state/state.ts';
import { defaultNetwork, domainState, hostWith, ipv4, link, networkState, route, stateWith } from './state.ts';

/** A host with libvirt's default network, another one that is stopped, and the usual kinds of links. */
const host: State = stateWith({
  networks: [
    networkState(defaultNetwork),
    networkState(
      `<network><name>other</name><uuid>6a1c8f10-5a50-4d4d-9c0a-2a64cbb1d1aa</uuid><forward/><bridge name='otherbr0'/>
       <ip address='192.168.44.1' netmask='255.255.252.0'/><ip family='ipv6' address='fd44::1' prefix='64'/></network>`,
      { active: false },
    ),
  ],
  domains: [
    domainState(
      "<domain type='kvm'><name>VM1</name><devices><interface type='user'><mac address='52:54:00:99:99:99'/></interface></devices></domain>",
    ),
  ],
  host: hostWith(
    [
      link('virbr0', { kind: 'bridge', addresses: [ipv4('192.168.122.1', 24)] }),
      link('br0', { kind: 'bridge' }),
      link('brvlan-10', { kind: 'bridge' }),
      link('ovsbr0', { kind: 'openvswitch' }),
      link('eth0', { addresses: [ipv4('192.168.2.132', 24)] }),
      link('eth1', { up: false, addresses: [ipv4('192.168.9.1', 24)] }),
      link('eth2', { master: 'br0' }),
      link('wlan0', { wireless: true }),
      link('ib0', { type: 'infiniband' }),
    ],
    [
      route('0.0.0.0/0', 'eth0', { gateway: '192.168.2.2' }),
      route('192.168.122.0/24', 'virbr0'),
      route('172.30.0.0/16', 'tun0'),
      route('10.200.0.0/16', 'eth0', { table: '100', gateway: '192.168.2.9' }),
    ],
  ),
});

function create(name: string | undefined, options: NetworkOptions, state = host): unknown {
  const random = { mac: '52:54:00:aa:bb:cc', globalId: '0123456789' };
  const network = networkFromOptions({ name, options, base: undefined, state, random });
  return planNetworkCreate(network, state, { ...networkLife(options), uuid: 'a0f7a1a2-0000-4000-8000-00000000000a' });
}

function refusal(act: () => unknown): KvmnetError {
  try {
    act();
  } catch (error) {
    if (error instanceof KvmnetError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const nat = '192.168.132.0/24';

type Row = readonly [code: string, fragment: string, options: NetworkOptions];

const names: readonly (readonly [string, string])[] = [
  ['../x', 'has only ASCII letters'],
  ['a/b', 'has only ASCII letters'],
  ['.', 'has only ASCII letters'],
  ['..', 'has only ASCII letters'],
  ['', 'is missing'],
  [' ', 'NAME " "'],
  ['  lead', 'NAME "  lead"'],
  ['trail ', 'NAME "trail "'],
  ['a b', 'NAME "a b"'],
  ['a\nb', 'NAME "a\\nb"'],
  ['a\tb', 'NAME "a\\tb"'],
  ['a\rb', 'NAME "a\\rb"'],
  ['a\u0085b', '\\u{85}'],
  ['a\u2028b', '\\u{2028}'],
  ['a\u202eb', '\\u{202e}'],
  ['a\u200bb', '\\u{200b}'],
  ['a\u007fb', '\\u{7f}'],
  ['-x', 'starts with a letter or digit'],
  ['--all', 'NAME --all'],
  ['--bridge', 'NAME --bridge'],
  ['a;reboot', 'has only ASCII letters'],
  ['$(id)', 'has only ASCII letters'],
  ['`id`', 'has only ASCII letters'],
  ['%s%n', 'has only ASCII letters'],
  ['*', 'has only ASCII letters'],
  ["a'b", 'has only ASCII letters'],
  ['a"b', 'has only ASCII letters'],
  ['a<b>&', 'has only ASCII letters'],
  ['a\\b', 'has only ASCII letters'],
  ['a,b', 'has only ASCII letters'],
  ['x'.repeat(65), 'at most 64 characters, this has 65'],
  ['x'.repeat(300), 'this has 300'],
  ['ñ', 'has only ASCII letters'],
  ['🐧', 'has only ASCII letters'],
  ['6a1c8f10-5a50-4d4d-9c0a-2a64cbb1d1aa', 'form of a UUID'],
  ['6a1c8f105a504d4d9c0a2a64cbb1d1aa', 'form of a UUID'],
  ['__proto__', 'starts with a letter or digit'],
];

const values: readonly Row[] = [
  // Bridge and interface names
  ['INPUT', 'at most 15 characters, this has 16', { nat, bridgeName: 'x'.repeat(16) }],
  ['INPUT', 'this has 40', { nat, bridgeName: 'x'.repeat(40) }],
  ['INPUT', '--bridge-name "a b"', { nat, bridgeName: 'a b' }],
  ['INPUT', '--bridge-name a/b', { nat, bridgeName: 'a/b' }],
  ['INPUT', '--bridge-name ../x', { nat, bridgeName: '../x' }],
  ['INPUT', 'does not start with "."', { nat, bridgeName: '.' }],
  ['INPUT', '--bridge-name br0:1', { nat, bridgeName: 'br0:1' }],
  ['INPUT', '"br\\n0"', { nat, bridgeName: 'br\n0' }],
  ['INPUT', 'means something else', { nat, bridgeName: 'all' }],
  ['INPUT', 'means something else', { nat, bridgeName: 'default' }],
  ['INPUT', 'means something else', { nat, bridgeName: 'bonding_masters' }],
  ['INPUT', 'means something else', { nat, bridgeName: 'lo' }],
  ['INPUT', 'means something else', { nat, bridgeName: 'up' }],
  ['INPUT', 'means something else', { nat, bridgeName: 'mtu' }],
  ['INPUT', 'means something else', { nat, bridgeName: 'dev' }],
  ['INPUT', "guests' own devices", { nat, bridgeName: 'vnet7' }],
  ['INPUT', 'reads as an option', { nat, bridgeName: '-x' }],
  ['INPUT', 'has only ASCII letters', { nat, bridgeName: 'br;id' }],
  ['INPUT', 'has only ASCII letters', { nat, bridgeName: 'tést' }],
  ['INPUT', 'replaces "%"', { nat, bridgeName: '%d' }],
  ['INPUT', 'replaces "%"', { nat, bridgeName: 't%d%d' }],
  ['INPUT', 'replaces "%"', { nat, bridgeName: '%s' }],
  ['INPUT', 'is missing', { nat, bridgeName: '' }],
  ['CONFLICT', 'bridge name eth0 is taken by a device of the host (NIC)', { nat, bridgeName: 'eth0' }],
  ['CONFLICT', 'bridge name br0 is taken by a device of the host (bridge)', { nat, bridgeName: 'br0' }],
  ['CONFLICT', 'bridge name virbr0 is taken by network default', { nat, bridgeName: 'virbr0' }],
  ['CONFLICT', 'bridge name otherbr0 is taken by network other', { nat, bridgeName: 'otherbr0' }],
  ['NOTFOUND', 'no bridge brvlan-11', { bridge: 'brvlan-11' }],
  ['NOTFOUND', 'made when network other starts', { bridge: 'otherbr0' }],
  ['INPUT', 'eth0 is not a bridge but an Ethernet NIC', { bridge: 'eth0' }],
  ['INPUT', 'Open vSwitch', { bridge: 'ovsbr0' }],
  ['INPUT', 'is missing', { bridge: '' }],
  ['NOTFOUND', 'no NIC nope9', { nat, dev: 'nope9' }],
  ['INPUT', '--dev "! lo"', { nat, dev: '! lo' }],
  ['INPUT', '--dev +', { nat, dev: '+' }],
  ['INPUT', '--dev -j', { nat, dev: '-j' }],
  ['NOTFOUND', 'no NIC eth9', { macvtap: 'eth9' }],
  ['INPUT', 'lo is not an Ethernet NIC', { macvtap: 'lo' }],
  ['INPUT', 'ib0 is not an Ethernet NIC but an infiniband device', { macvtap: 'ib0' }],
  ['INPUT', 'wlan0 is wireless', { macvtap: 'wlan0' }],
  ['CONFLICT', 'eth2 is a port of br0', { macvtap: 'eth2' }],
  ['INPUT', 'duplicate eth0', { macvtap: 'eth0,eth0' }],
  ['INPUT', 'is missing', { macvtap: 'eth0,' }],
  ['INPUT', '--mode share', { macvtap: 'eth0', mode: 'share' }],
  ['NOTFOUND', 'no NIC enp1s0f9', { hostdev: 'enp1s0f9' }],
  ['INPUT', 'br0 is not a physical NIC', { hostdev: 'br0' }],

  // Addresses
  ['INPUT', '300 is more than 255', { nat: '300.1.1.0/24' }],
  ['INPUT', '--nat 192.168.132.0/33: the prefix is a number from 0 to 32', { nat: '192.168.132.0/33' }],
  ['INPUT', 'the prefix is a number', { nat: '10.0.0.0/-1' }],
  ['INPUT', 'the prefix is a number', { nat: '10.0.0.0/024' }],
  ['INPUT', 'the prefix is a number', { nat: '10.0.0.0/' }],
  ['INPUT', 'ADDRESS/PREFIX', { nat: '10.0.0.0/24/24' }],
  ['INPUT', 'ADDRESS/PREFIX', { nat: 'localhost' }],
  ['INPUT', 'ADDRESS/PREFIX', { nat: '10.88.1.0' }],
  ['INPUT', '--nat " 10.1.1.0/24 "', { nat: ' 10.1.1.0/24 ' }],
  ['INPUT', '--nat ""', { nat: '' }],
  ['INPUT', 'as an octal number', { nat: '010.010.1.0/24' }],
  ['INPUT', 'four numbers', { nat: '10.1/16' }],
  ['INPUT', 'four numbers', { nat: '167772161/24' }],
  ['INPUT', 'four numbers', { nat: '0x0a000001/24' }],
  ['INPUT', 'four numbers', { nat: '0x0a.0.0.0/24' }],
  ['INPUT', 'an address in 192.168.132.0/24, not a subnet', { nat: '192.168.132.7/24' }],
  ['INPUT', 'the largest subnet is a /8', { nat: '0.0.0.0/0' }],
  ['INPUT', 'the largest subnet is a /8', { nat: '10.0.0.0/7' }],
  ['INPUT', 'no guest fits in', { nat: '10.0.0.0/31' }],
  ['INPUT', 'no guest fits in', { nat: '10.0.0.1/32' }],
  ['INPUT', '"this network"', { nat: '0.0.0.0/8' }],
  ['INPUT', 'loopback', { nat: '127.0.0.0/8' }],
  ['INPUT', 'loopback', { isolated: '127.1.0.0/24' }],
  ['INPUT', 'multicast', { nat: '224.0.0.0/24' }],
  ['INPUT', 'reserved', { nat: '255.255.255.0/24' }],
  ['INPUT', 'link-local', { nat: '169.254.0.0/16' }],
  ['INPUT', 'no guest fits in', { isolated: '::1/128' }],
  ['INPUT', 'multicast', { route: 'ff02::/64' }],
  ['INPUT', 'link-local', { nat: 'fe80::/64' }],
  ['INPUT', 'site-local', { route: 'fec0::/64' }],
  ['INPUT', 'IPv4-mapped', { route: '::ffff:10.0.0.0/112' }],
  ['INPUT', 'reserved', { route: '4000::/64' }],
  ['INPUT', 'with a zone', { route: 'fe80::%lo/64' }],
  ['INPUT', 'the prefix is a number from 0 to 128', { route: 'fd00::/129' }],
  ['INPUT', 'not an IPv6 address', { route: 'fd00:::/64' }],
  ['INPUT', 'this is an IPv4 subnet', { nat, ipv6: '10.0.0.0/24' }],
  ['INPUT', 'in a /64 only', { nat, ipv6: 'fd00::/80' }],
  ['INPUT', 'DHCPv6 in prefixes of /64 and longer', { nat, ipv6: 'fd00::/56', dhcp: ['fd00::2-fd00::9'] }],
  ['INPUT', '--gateway 10.0.0.1: it is not in 192.168.132.0/24', { nat, gateway: '10.0.0.1' }],
  ['INPUT', 'network address of 192.168.132.0/24', { nat, gateway: '192.168.132.0' }],
  ['INPUT', 'broadcast address of 192.168.132.0/24', { nat, gateway: '192.168.132.255' }],
  ['INPUT', 'no IPv6 subnet', { nat, gateway: 'fd00::1' }],
  ['INPUT', 'all routers', { route: 'fd00::/64', gateway: 'fd00::' }],

  // Conflicts
  ['CONFLICT', '192.168.122.0/24 overlaps network default (192.168.122.0/24)', { nat: '192.168.122.0/24' }],
  ['CONFLICT', '192.168.0.0/16 overlaps network default (192.168.122.0/24)', { nat: '192.168.0.0/16' }],
  ['CONFLICT', '192.168.45.0/25 overlaps network other (192.168.44.0/22)', { isolated: '192.168.45.0/25' }],
  ['CONFLICT', 'fd44::/64 overlaps network other (fd44::/64)', { nat, ipv6: 'fd44::/64' }],
  ['CONFLICT', '192.168.2.0/24 overlaps address 192.168.2.132/24 of eth0', { nat: '192.168.2.0/24' }],
  ['CONFLICT', '192.168.9.0/25 overlaps address 192.168.9.1/24 of eth1 (down)', { nat: '192.168.9.0/25' }],
  ['CONFLICT', '172.30.5.0/24 overlaps the route 172.30.0.0/16 dev tun0', { nat: '172.30.5.0/24' }],
  ['CONFLICT', 'the route 10.200.0.0/16 dev eth0 via 192.168.2.9 of table 100', { nat: '10.200.0.0/24' }],
  ['CONFLICT', 'a NIC of VM1 has it already', { nat, mac: '52:54:00:99:99:99' }],
  ['CONFLICT', 'the bridge of network default', { nat, mac: '52:54:00:0A:CD:21' }],

  // DHCP and DNS
  ['INPUT', 'START-END', { nat, dhcp: ['192.168.132.9'] }],
  ['INPUT', 'ends before it starts', { nat, dhcp: ['192.168.132.9-192.168.132.2'] }],
  ['INPUT', 'leaves the subnet', { nat, dhcp: ['192.168.132.200-192.168.133.9'] }],
  ['INPUT', 'network address', { nat, dhcp: ['192.168.132.0-192.168.132.9'] }],
  ['INPUT', 'broadcast address', { nat, dhcp: ['192.168.132.9-192.168.132.255'] }],
  [
    'INPUT',
    'it overlaps the DHCP range',
    { nat, dhcp: ['192.168.132.2-192.168.132.9', '192.168.132.9-192.168.132.20'] },
  ],
  ['INPUT', 'at most 65,535 addresses', { nat: '10.0.0.0/8', dhcp: ['10.0.0.2-10.1.0.2'] }],
  ['INPUT', 'not both', { nat, dhcp: ['192.168.132.2-fd00::9'] }],
  ['INPUT', 'no IPv6 subnet', { nat, dhcp: ['fd00::2-fd00::9'] }],
  ['INPUT', 'the reserved address is not in', { nat, reserve: ['52:54:00:00:00:01=10.0.0.9'] }],
  ['CONFLICT', 'this is the gateway', { nat, reserve: ['52:54:00:00:00:01=192.168.132.1'] }],
  ['INPUT', 'MAC=IP', { nat, reserve: ['52:54:00:00:00:01'] }],
  ['INPUT', 'multicast', { nat, reserve: ['01:00:5e:00:00:01=192.168.132.9'] }],
  ['INPUT', 'broadcast', { nat, reserve: ['ff:ff:ff:ff:ff:ff=192.168.132.9'] }],
  ['INPUT', 'not the address of a device', { nat, reserve: ['00:00:00:00:00:00=192.168.132.9'] }],
  ['INPUT', 'each byte of a MAC address has two digits', { nat, reserve: ['52:54:0:0:0:1=192.168.132.9'] }],
  ['INPUT', 'six bytes', { nat, reserve: ['52:54:00:00:00=192.168.132.9'] }],
  ['INPUT', 'inner dashes', { nat, reserve: ['52:54:00:00:00:01=192.168.132.9,a b'] }],
  ['INPUT', 'one host name may follow', { nat, reserve: ['52:54:00:00:00:01=192.168.132.9,a,infinite'] }],
  ['INPUT', 'a\\nb', { nat, reserve: ['52:54:00:00:00:01=192.168.132.9,a\nb'] }],
  ['INPUT', 'starts with a letter', { nat, reserve: ['52:54:00:00:00:01=192.168.132.9,1a'] }],
  [
    'CONFLICT',
    'has a reservation already',
    { nat, reserve: ['52:54:00:00:00:01=192.168.132.9', '52-54-00-00-00-01=192.168.132.10'] },
  ],
  [
    'CONFLICT',
    'has a reservation already',
    { nat, reserve: ['52:54:00:00:00:01=192.168.132.9', '52:54:00:00:00:02=192.168.132.9'] },
  ],
  [
    'CONFLICT',
    'has a reservation already',
    { nat, reserve: ['52:54:00:00:00:01=192.168.132.9,VM1', '52:54:00:00:00:02=192.168.132.10,vm1'] },
  ],
  ['INPUT', 'DUID or a host name', { nat, ipv6: 'fd00::/64', reserve: ['52:54:00:00:00:01=fd00::9'] }],
  ['INPUT', '--domain "a\\naddress=/#/10.0.0.1"', { nat, domain: 'a\naddress=/#/10.0.0.1' }],
  ['INPUT', 'inner dashes', { nat, domain: 'a b' }],
  ['INPUT', 'inner dashes', { nat, domain: 'a/b' }],
  ['INPUT', 'inner dashes', { nat, domain: '-a.example' }],
  ['INPUT', 'at most 253 characters', { nat, domain: 'a.'.repeat(150) }],
  ['INPUT', 'at most 63 characters', { nat, domain: `${'a'.repeat(64)}.example` }],
  ['INPUT', 'an address, not a name', { nat, domain: '10.0.0.1' }],
  ['INPUT', 'HOST=IP', { nat, dns: ['www'] }],
  ['INPUT', 'inner dashes', { nat, dns: ['w w=10.0.0.1'] }],
  ['INPUT', 'four numbers', { nat, dns: ['www=10.1'] }],
  ['INPUT', 'four numbers', { nat, forwarder: ['dns.example'] }],
  ['INPUT', 'not the address of a server', { nat, forwarder: ['0.0.0.0'] }],
  ['INPUT', 'at least 2 minutes', { nat, lease: '1m' }],
  ['INPUT', 'at most 136 years', { nat, lease: '99999999999999h' }],
  ['INPUT', 's, m, h, d or w', { nat, lease: '24' }],
  ['INPUT', 's, m, h, d or w', { nat, lease: '-1h' }],

  // MAC, MTU, VLAN, ports, texts
  ['INPUT', 'multicast', { nat, mac: '01:00:5e:00:00:01' }],
  ['INPUT', 'six bytes', { nat, mac: 'zz:54:00:00:00:01' }],
  ['INPUT', 'six bytes', { nat, mac: '52:54:00:00:00:01:02' }],
  ['INPUT', 'a number from 68 to 65535', { nat, mtu: '0' }],
  ['INPUT', 'a number from 68 to 65535', { nat, mtu: '67' }],
  ['INPUT', 'a number from 68 to 65535', { nat, mtu: '65536' }],
  ['INPUT', 'a number from 68 to 65535', { nat, mtu: '-1' }],
  ['INPUT', 'a number from 68 to 65535', { nat, mtu: 'abc' }],
  ['INPUT', '--mtu "1500 "', { nat, mtu: '1500 ' }],
  ['INPUT', 'a number from 68 to 65535', { nat, mtu: '0x5dc' }],
  ['INPUT', 'IPv6 needs at least 1280', { nat, ipv6: 'auto', mtu: '1000' }],
  ['INPUT', 'a number from 1 to 4094', { bridge: 'br0', vlan: '0' }],
  ['INPUT', 'a number from 1 to 4094', { bridge: 'br0', vlan: '4095' }],
  ['INPUT', 'a number from 1 to 4094', { bridge: 'br0', vlan: 'x' }],
  [
    'INPUT',
    '--portgroup x:vlan=9999: vlan 9999: a VLAN ID is a number from 1 to 4094',
    { bridge: 'br0', portgroup: ['x:vlan=9999'] },
  ],
  ['INPUT', 'NAME:vlan=ID', { bridge: 'br0', portgroup: ['x:tag=9'] }],
  ['INPUT', 'NAME:vlan=ID', { bridge: 'br0', portgroup: ['x:vlan'] }],
  ['INPUT', 'a portgroup name is missing', { bridge: 'br0', portgroup: [''] }],
  ['INPUT', '--portgroup x: duplicate portgroup', { bridge: 'br0', portgroup: ['x', 'x'] }],
  ['DEPENDENCY', 'a VLAN tag on a Linux bridge needs libvirt 11.0, this is 9.0.0', { bridge: 'br0', vlan: '10' }],
  ['DEPENDENCY', 'not in a network of kind nat', { nat, vlan: '10' }],
  ['DEPENDENCY', 'portgroup[0].vlan', { nat, portgroup: ['x:vlan=10'] }],
  ['DEPENDENCY', '--title Mine: a title needs libvirt 9.7, this is 9.0.0', { nat, title: 'Mine' }],
  ['DEPENDENCY', 'the zone of an open network needs libvirt 10.8', { open: nat, zone: 'trusted' }],
  ['INPUT', 'FIRST-LAST', { nat, natPorts: '1024' }],
  ['INPUT', 'a number from 1 to 65535', { nat, natPorts: '0-99' }],
  ['INPUT', 'a number from 1 to 65535', { nat, natPorts: '1024-65536' }],
  ['INPUT', 'ends before it starts', { nat, natPorts: '90-80' }],
  ['INPUT', 'firewalld zone', { nat, zone: 'a b' }],
  ['INPUT', 'firewalld zone', { nat, zone: 'x'.repeat(18) }],

  // Options that do not go together
  ['USAGE', 'the kind of network is missing', {}],
  ['USAGE', '--nat and --bridge exclude each other', { nat, bridge: 'br0' }],
  ['USAGE', '--mtu does not go with --bridge', { bridge: 'br0', mtu: '1500' }],
  ['USAGE', '--bridge-name does not go with --bridge', { bridge: 'br0', bridgeName: 'br1' }],
  ['USAGE', '--no-dhcp does not go with --bridge', { bridge: 'br0', noDhcp: true }],
  ['USAGE', '--stp does not go with --macvtap', { macvtap: 'eth0', stp: false }],
  ['USAGE', '--isolate-ports does not go with --macvtap', { macvtap: 'eth0', isolatePorts: true }],
  ['USAGE', '--domain does not go with --hostdev', { hostdev: 'eth0', domain: 'a.example' }],
  ['USAGE', '--nat-ports does not go with --route', { route: nat, natPorts: '1-2' }],
  ['USAGE', '--dev does not go with --open', { open: nat, dev: 'eth0' }],
  ['USAGE', '--dev does not go with --isolated', { isolated: nat, dev: 'eth0' }],
  ['USAGE', '--mode does not go with --nat', { nat, mode: 'vepa' }],
  ['USAGE', '--dhcp does not go with --isolated without a subnet', { isolated: true, dhcp: ['10.0.0.2-10.0.0.9'] }],
  ['USAGE', '--no-dhcp and --dhcp exclude each other', { nat, noDhcp: true, dhcp: ['192.168.132.2-192.168.132.9'] }],
  [
    'USAGE',
    '--no-dhcp and --reserve exclude each other',
    { nat, noDhcp: true, reserve: ['52:54:00:00:00:01=192.168.132.9'] },
  ],
  ['USAGE', '--no-dns and --dns exclude each other', { nat, noDns: true, dns: ['a=10.0.0.1'] }],
  ['USAGE', '--transient and --no-start exclude each other', { nat, transient: true, noStart: true }],
  ['USAGE', 'is IPv6 already', { route: 'fd00::/64', ipv6: 'auto' }],
];

describe('net create refuses before anything is planned', () => {
  it.each(names)('the name %j', (name, fragment) => {
    const error = refusal(() => create(name, { nat }));
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'INPUT',
      message: expect.stringContaining(fragment),
    });
    expect(error.hint).toBe('for example keennet');
  });

  it.each(values)('%s %s: %j', (code, fragment, options) => {
    const error = refusal(() => create('mynet', options));
    expect({ code: error.code, message: error.message }).toEqual({ code, message: expect.stringContaining(fragment) });
    expect(exitStatus(error.code)).toBe(2);
  });

  it('with a hint, always', () => {
    const errors = values.map(([, , options]) => refusal(() => create('mynet', options)));
    expect(errors.filter(({ hint }) => hint === undefined).map(({ message }) => message)).toEqual([]);
  });
});

describe('net create accepts', () => {
  it.each(['1e3', '007', '0x1F', 'true', 'no', 'null', 'constructor', 'x'.repeat(64)])(
    'the name %s, byte for byte',
    (name) => {
      expect(create(name, { nat })).toMatchObject({ title: `create network ${name}` });
    },
  );

  it.each<[NetworkOptions, RegExp]>([
    [{ nat: '8.8.8.0/24' }, /8\.8\.8\.0\/24 are public addresses/],
    [{ nat, mtu: '1000' }, /MTU 1000 is below 1280/],
    [{ nat, ipv6: '2001:470:1::/64' }, /2001:470:1::\/64 are public addresses/],
  ])('%j after asking', (options, question) => {
    expect(create('mynet', options)).toMatchObject({ consent: [expect.stringMatching(question)] });
  });

  it('public IPv6 addresses that are routed, without a question', () => {
    expect(create('mynet', { route: '2001:470:1::/64' })).toMatchObject({ consent: [], warnings: [] });
  });

  it('a name that differs from another in upper and lower case only, with a warning', () => {
    expect(create('Default', { nat })).toMatchObject({
      warnings: [expect.stringContaining('differs from network default')],
    });
  });

  it("a bridge network on another network's bridge, with a warning", () => {
    expect(create('mynet', { bridge: 'virbr0' })).toMatchObject({
      warnings: [expect.stringContaining("network default's own")],
    });
  });

  it('anything about links and routes where the host is out of sight', () => {
    const blind = { ...host, host: undefined };
    expect(create('mynet', { bridge: 'brvlan-11' }, blind)).toMatchObject({ warnings: [] });
    expect(create('mynet', { nat: '192.168.2.0/24', dev: 'nope9' }, blind)).toMatchObject({ warnings: [] });
  });
});

describe('the message of a refusal', () => {
  it('lists all conflicts, one a line, with the code of the first', () => {
    const error = refusal(() => create('default', { nat: '192.168.0.0/16', bridgeName: 'eth0' }));
    expect(error.code).toBe('CONFLICT');
    expect(error.message.split('\n')).toEqual([
      '6 errors:',
      '  network default exists already',
      '  bridge name eth0 is taken by a device of the host (NIC)',
      '  192.168.0.0/16 overlaps network default (192.168.122.0/24)',
      '  192.168.0.0/16 overlaps network other (192.168.44.0/22)',
      '  192.168.0.0/16 overlaps address 192.168.2.132/24 of eth0',
      '  192.168.0.0/16 overlaps address 192.168.9.1/24 of eth1 (down)',
    ]);
  });

  it('names the nearest bridge and the subnet that was meant', () => {
    expect(refusal(() => create('mynet', { bridge: 'brvlan-11' })).hint).toBe('did you mean brvlan-10?');
    expect(refusal(() => create('mynet', { nat: '192.168.132.7/24' })).hint).toBe(
      '--nat 192.168.132.0/24 --gateway 192.168.132.7',
    );
    expect(refusal(() => create('mynet', { nat: '010.010.1.0/24' })).hint).toBe('write 10.10.1.0');
    expect(refusal(() => create('mynet', { nat, mac: '52:54:0:0:0:1' })).hint).toBe('write 52:54:00:00:00:01');
  });

  it('does not repeat a long value whole', () => {
    expect(refusal(() => create('x'.repeat(300), { nat })).message.length).toBeLessThan(200);
  });
});
