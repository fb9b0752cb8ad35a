import { describe, expect, it } from '@jest/globals';
import { KvmnetError } from '../../../src/errors.ts';
import { refuse } from '../../../src/plan/finding.ts';
import { uuid, findings, ip, dhcp, dns, bridged, option } from './definitions.ts';

type Row = readonly [code: string, path: string, fragment: string, inside: string];

const errors: readonly Row[] = [
  // Identity
  ['INPUT', 'uuid', 'this is not a UUID', '<uuid>12345</uuid>'],
  ['INPUT', 'uuid', 'this is not a UUID', '<uuid>00000000-0000-0000-0000-000000000000</uuid>'],
  ['INPUT', 'title', 'line break', '<title>a\nb</title>'],
  ['CONFLICT', 'uuid', 'belongs to network default', `<uuid>${uuid}</uuid>`],
  ['INPUT', 'portgroup[1].name', 'another portgroup', `${bridged}<portgroup name='a'/><portgroup name='a'/>`],
  ['INPUT', 'portgroup[0].name', 'has only ASCII letters', `${bridged}<portgroup name='a b'/>`],
  [
    'INPUT',
    'portgroup[1].default',
    'portgroup[0] is the default already',
    `${bridged}<portgroup name='a' default='yes'/><portgroup name='b' default='yes'/>`,
  ],

  // Devices
  ['INPUT', 'bridge.name', 'this has 40', `<bridge name='${'x'.repeat(40)}'/>`],
  ['INPUT', 'bridge.name', 'with a number', "<bridge name='virbr%d'/>"],
  ['INPUT', 'bridge.name', 'means something else', "<bridge name='default'/>"],
  ['CONFLICT', 'bridge.name', 'taken by network default', "<bridge name='virbr0'/>"],
  ['CONFLICT', 'bridge.name', 'taken by a device of the host (NIC)', "<bridge name='eth0'/>"],
  ['INPUT', 'bridge.delay', 'from 0 to 30', "<bridge name='br7' delay='31'/>"],
  ['INPUT', 'bridge.delay', 'from 0 to 30', "<bridge name='br7' delay='99999999999'/>"],
  ['INPUT', 'bridge.zone', 'firewalld zone', "<bridge name='br7' zone='a b'/>"],
  ['INPUT', 'bridge.macTableManager', 'kernel or libvirt', "<bridge name='br7' macTableManager='me'/>"],
  ['INPUT', 'mac.address', 'multicast', "<mac address='01:00:5e:00:00:01'/>"],
  ['INPUT', 'mac.address', 'not the address of a device', "<mac address='00:00:00:00:00:00'/>"],
  ['INPUT', 'mac.address', 'with colons', "<mac address='52-54-00-00-00-01'/>"],
  ['INPUT', 'mac.address', 'two digits', "<mac address='52:54:0:0:0:1'/>"],
  ['CONFLICT', 'mac.address', 'the bridge of network default', "<mac address='52:54:00:0a:cd:21'/>"],
  ['INPUT', 'mtu.size', 'from 68 to 65535', "<mtu size='0'/>"],
  ['INPUT', 'mtu.size', 'IPv6 needs', "<mtu size='1000'/><ip family='ipv6' address='fd00::1' prefix='64'/>"],
  [
    'INPUT',
    'vlan.tag[0].id',
    'from 1 to 4094',
    "<forward mode='hostdev'><pf dev='eth0'/></forward><vlan><tag id='4095'/></vlan>",
  ],
  [
    'INPUT',
    'vlan.tag[1].id',
    'duplicate tag',
    "<forward mode='hostdev'><pf dev='eth0'/></forward><vlan trunk='yes'><tag id='5'/><tag id='5'/></vlan>",
  ],
  ['DEPENDENCY', 'vlan', 'libvirt 11.0', `${bridged}<vlan><tag id='5'/></vlan>`],
  ['DEPENDENCY', 'vlan', 'not in a network of kind isolated', "<vlan><tag id='5'/></vlan>"],
  [
    'DEPENDENCY',
    'portgroup[0].vlan',
    'libvirt 11.0',
    `${bridged}<portgroup name='a'><vlan><tag id='5'/></vlan></portgroup>`,
  ],
  ['INPUT', 'bandwidth.inbound.average', 'positive number', `${ip('')}<bandwidth><inbound average='0'/></bandwidth>`],
  [
    'INPUT',
    'bandwidth.outbound.peak',
    'positive number',
    `${ip('')}<bandwidth><outbound average='9' peak='18446744073709551616'/></bandwidth>`,
  ],

  // Modes
  ['INPUT', 'forward.mode', 'libvirt has no such mode', "<forward mode='nta'/>"],
  ['INPUT', 'ip', 'the network has no <ip>', "<forward mode='nat'/>"],
  ['INPUT', 'ip', 'the network has no <ip>', '<forward/>'],
  ['DEPENDENCY', 'ip', 'needs libvirt 10.8', "<forward mode='open'/>"],
  ['INPUT', 'forward.dev', 'no firewall rules', `<forward mode='open' dev='eth0'/>${ip('')}`],
  [
    'INPUT',
    'forward.interface',
    'leaves by one NIC',
    `<forward mode='nat'><interface dev='eth0'/><interface dev='br0'/></forward>${ip('')}`,
  ],
  ['INPUT', 'bridge.name', 'names a bridge of the host', "<forward mode='bridge'/>"],
  ['INPUT', 'forward.dev', 'a bridge and NICs', "<forward mode='bridge' dev='eth0'/><bridge name='br0'/>"],
  ['INPUT', 'ip', 'a bridge network has none', `${bridged}${ip('')}`],
  ['INPUT', 'mac', 'a bridge network has none', `${bridged}<mac address='52:54:00:00:00:01'/>`],
  ['INPUT', 'mtu', 'a bridge network has none', `${bridged}<mtu size='9000'/>`],
  ['INPUT', 'domain', 'a bridge network has none', `${bridged}<domain name='a.example'/>`],
  ['INPUT', 'dns', 'a bridge network has none', `${bridged}<dns><txt name='a' value='b'/></dns>`],
  ['INPUT', 'bridge.stp', 'a bridge network has none', "<forward mode='bridge'/><bridge name='br0' stp='on'/>"],
  ['INPUT', 'bridge.name', 'has no bridge', "<forward mode='private' dev='eth0'/><bridge name='br0'/>"],
  [
    'INPUT',
    'bandwidth',
    'as a whole',
    "<forward mode='vepa' dev='eth0'/><bandwidth><inbound average='9'/></bandwidth>",
  ],
  ['INPUT', 'forward', 'names no NIC', "<forward mode='passthrough'/>"],
  [
    'INPUT',
    'forward',
    'exclude each other',
    "<forward mode='hostdev'><interface dev='eth0'/><pf dev='eth0'/></forward>",
  ],
  ['INPUT', 'forward.dev', 'has only ASCII letters', `<forward mode='nat' dev='eth+'/>${ip('')}`],
  ['NOTFOUND', 'forward.dev', 'no NIC eth9', `<forward mode='nat' dev='eth9'/>${ip('')}`],
  ['NOTFOUND', 'bridge.name', 'no bridge br9', "<forward mode='bridge'/><bridge name='br9'/>"],
  ['NOTFOUND', 'forward.interface', 'no NIC eth9', "<forward mode='bridge'><interface dev='eth9'/></forward>"],

  // Addresses
  ['INPUT', 'ip[0].address', 'octal', "<ip address='010.010.1.1' prefix='24'/>"],
  ['INPUT', 'ip[0].address', 'four numbers', "<ip address='10.1' prefix='24'/>"],
  ['INPUT', 'ip[0].address', 'is missing', '<ip/>'],
  ['INPUT', 'ip[0].address', 'guess the missing prefix', "<ip address='10.88.1.1'/>"],
  ['INPUT', 'ip[0].address', 'from 1 to 32', "<ip address='10.88.1.1' prefix='0'/>"],
  ['INPUT', 'ip[0].address', 'from 1 to 128', "<ip family='ipv6' address='fd00::1' prefix='129'/>"],
  ['INPUT', 'ip[0].address', 'ones followed by zeros', "<ip address='10.88.1.1' netmask='255.0.255.0'/>"],
  ['INPUT', 'ip[0].address', 'ones followed by zeros', "<ip address='10.88.1.1' netmask='0.0.0.255'/>"],
  ['INPUT', 'ip[0].address', 'four numbers', "<ip address='10.88.1.1' netmask='foo'/>"],
  ['INPUT', 'ip[0].address', 'it has a prefix too', "<ip address='10.88.1.1' netmask='255.255.255.0' prefix='24'/>"],
  ['INPUT', 'ip[0].address', 'does not fit the address', "<ip address='fd00::1' prefix='64'/>"],
  ['INPUT', 'ip[0].address', 'IPv6 has prefixes', "<ip family='ipv6' address='fd00::1' netmask='255.0.0.0'/>"],
  ['INPUT', 'ip[0].address', 'with a zone', "<ip family='ipv6' address='fe80::1%lo' prefix='64'/>"],
  ['INPUT', 'ip[0].address', 'network address', "<ip address='10.7.0.0' prefix='24'/>"],
  ['INPUT', 'ip[0].address', 'broadcast address', "<ip address='10.7.0.255' prefix='24'/>"],
  ['INPUT', 'ip[0].address', 'no guest fits in', "<ip address='10.7.0.1' prefix='32'/>"],
  ['INPUT', 'ip[0].address', 'link-local', "<ip address='169.254.169.254' prefix='16'/>"],
  ['INPUT', 'ip[0].address', 'IPv4-mapped', "<ip family='ipv6' address='::ffff:10.0.0.1' prefix='96'/>"],
  ['INPUT', 'ip[0].localPtr', 'multiple of 8', "<ip address='10.7.0.1' prefix='20' localPtr='yes'/>"],
  [
    'INPUT',
    'ip[1].address',
    'it overlaps ip[0]',
    "<ip address='10.7.0.1' prefix='24'/><ip address='10.7.0.129' prefix='25'/>",
  ],
  ['CONFLICT', 'ip[0].address', 'overlaps network default', "<ip address='192.168.0.1' prefix='16'/>"],
  ['CONFLICT', 'ip[0].address', 'overlaps address 192.168.2.132/24 of eth0', "<ip address='192.168.2.1' prefix='24'/>"],
  ['CONFLICT', 'route[0]', 'default route', `${ip('')}<route address='0.0.0.0' prefix='0' gateway='10.7.0.9'/>`],
  [
    'INPUT',
    'route[0].address',
    'not the first of',
    `${ip('')}<route address='10.8.0.1' prefix='24' gateway='10.7.0.9'/>`,
  ],
  [
    'INPUT',
    'route[0].gateway',
    'not in any subnet',
    `${ip('')}<route address='10.8.0.0' prefix='24' gateway='10.9.0.9'/>`,
  ],
  [
    'CONFLICT',
    'route[0].address',
    'the route 172.30.0.0/16',
    `${ip('')}<route address='172.30.1.0' prefix='24' gateway='10.7.0.9'/>`,
  ],
  ['CONFLICT', 'route[0].address', 'of eth0', `${ip('')}<route address='192.168.2.2' prefix='32' gateway='10.7.0.9'/>`],

  // DHCP
  ['INPUT', 'ip[0].dhcp.range[0]', 'leaves the subnet', dhcp("<range start='10.7.0.9' end='10.7.1.9'/>")],
  ['INPUT', 'ip[0].dhcp.range[0]', 'ends before it starts', dhcp("<range start='10.7.0.9' end='10.7.0.8'/>")],
  ['INPUT', 'ip[0].dhcp.range[0]', 'octal', dhcp("<range start='10.7.0.010' end='10.7.0.20'/>")],
  [
    'INPUT',
    'ip[0].dhcp.range[1]',
    'overlaps the DHCP range',
    dhcp("<range start='10.7.0.2' end='10.7.0.9'/><range start='10.7.0.2' end='10.7.0.9'/>"),
  ],
  [
    'INPUT',
    'ip[1].dhcp',
    'one ipv4 subnet',
    `${dhcp("<range start='10.7.0.2' end='10.7.0.9'/>")}<ip address='10.8.0.1' prefix='24'><dhcp><range start='10.8.0.2' end='10.8.0.9'/></dhcp></ip>`,
  ],
  [
    'INPUT',
    'ip[0].dhcp.range[0].lease',
    'at least 2 minutes',
    dhcp("<range start='10.7.0.2' end='10.7.0.9'><lease expiry='1'/></range>"),
  ],
  [
    'INPUT',
    'ip[0].dhcp.host[0].lease',
    'at most 136 years',
    dhcp("<host mac='52:54:00:00:00:01' ip='10.7.0.5'><lease expiry='99999999999999' unit='hours'/></host>"),
  ],
  [
    'INPUT',
    'ip[0].dhcp.range[0].lease',
    'seconds, minutes or hours',
    dhcp("<range start='10.7.0.2' end='10.7.0.9'><lease expiry='2' unit='days'/></range>"),
  ],
  [
    'INPUT',
    'ip[0].dhcp.host[0].ip',
    'the reserved address is not in',
    dhcp("<host mac='52:54:00:00:00:01' ip='10.8.0.5'/>"),
  ],
  ['CONFLICT', 'ip[0].dhcp.host[0].ip', 'this is the gateway', dhcp("<host mac='52:54:00:00:00:01' ip='10.7.0.1'/>")],
  ['INPUT', 'ip[0].dhcp.host[0].ip', 'four numbers', dhcp("<host mac='52:54:00:00:00:01'/>")],
  ['INPUT', 'ip[0].dhcp.host[0]', 'needs a mac or a name', dhcp("<host ip='10.7.0.5'/>")],
  [
    'CONFLICT',
    'ip[0].dhcp.host[1].mac',
    'host[0] already has it',
    dhcp("<host mac='52:54:00:00:00:0a' ip='10.7.0.5'/><host mac='52:54:00:00:00:0A' ip='10.7.0.6'/>"),
  ],
  [
    'CONFLICT',
    'ip[0].dhcp.host[1].ip',
    'host[0] already has it',
    dhcp("<host mac='52:54:00:00:00:0a' ip='10.7.0.5'/><host mac='52:54:00:00:00:0b' ip='10.7.0.5'/>"),
  ],
  ['INPUT', 'ip[0].dhcp.host[0].mac', 'multicast', dhcp("<host mac='01:00:5e:00:00:01' ip='10.7.0.5'/>")],
  ['INPUT', 'ip[0].dhcp.host[0].mac', 'two digits', dhcp("<host mac='52:54:0:0:0:1' ip='10.7.0.5'/>")],
  [
    'INPUT',
    'ip[0].dhcp.host[0].name',
    'inner dashes',
    dhcp("<host mac='52:54:00:00:00:01' name='a,10.88.1.77,infinite' ip='10.7.0.5'/>"),
  ],
  [
    'INPUT',
    'ip[0].dhcp.host[0].id',
    'this is not a DUID',
    "<ip family='ipv6' address='fd00::1' prefix='64'><dhcp><host id='1' ip='fd00::5'/></dhcp></ip>",
  ],
  ['INPUT', 'ip[0].dhcp.host[0].id', 'not by DUID', dhcp("<host id='00:04:01:02:03:04:05:06' ip='10.7.0.5'/>")],
  [
    'INPUT',
    'ip[0].dhcp.host[0].mac',
    'not by MAC',
    "<ip family='ipv6' address='fd00::1' prefix='64'><dhcp><host mac='52:54:00:00:00:01' ip='fd00::5'/></dhcp></ip>",
  ],
  ['INPUT', 'ip[0].tftp.root', 'every file of the host', ip("<tftp root='/'/>")],
  ['INPUT', 'ip[0].tftp.root', 'not an absolute path', ip("<tftp root='srv'/>")],
  ['INPUT', 'ip[0].dhcp.bootp.server', 'four numbers', dhcp("<bootp file='pxelinux.0' server='10.1'/>")],

  // DNS
  ['INPUT', 'domain.name', 'inner dashes', `${ip('')}<domain name='a b'/>`],
  ['INPUT', 'domain.name', 'at most 253', `${ip('')}<domain name='${'a.'.repeat(150)}a'/>`],
  ['INPUT', 'dns.forwarder[0].addr', 'four numbers', dns("<forwarder addr='10.1'/>")],
  ['INPUT', 'dns.forwarder[0].domain', 'inner dashes', dns("<forwarder domain='a/b' addr='10.0.0.1'/>")],
  ['INPUT', 'dns.forwarder[0]', 'addr, a domain, or both', dns('<forwarder/>')],
  ['DEPENDENCY', 'dns.forwarder[0]', 'needs libvirt 12.0', dns("<forwarder addr='10.0.0.1' port='5353'/>")],
  ['INPUT', 'dns.host[0].ip', 'octal', dns("<host ip='10.0.0.010'><hostname>a</hostname></host>")],
  ['INPUT', 'dns.host[0]', 'no <hostname>', dns("<host ip='10.0.0.1'/>")],
  ['INPUT', 'dns.host[0].hostname[0]', 'inner dashes', dns("<host ip='10.0.0.1'><hostname>a b</hostname></host>")],
  ['INPUT', 'dns.txt[0].name', 'inner dashes', dns("<txt name='a b' value='c'/>")],
  ['INPUT', 'dns.srv[0].protocol', 'tcp or udp', dns("<srv service='ldap' protocol='sctp'/>")],
  [
    'INPUT',
    'dns.srv[0].port',
    'from 0 to 65535',
    dns("<srv service='ldap' protocol='tcp' target='a.b' port='65536'/>"),
  ],
  ['INPUT', 'dns.srv[0].target', 'inner dashes', dns("<srv service='ldap' protocol='tcp' target='a b'/>")],
];

describe('a definition is refused', () => {
  it.each(errors)('%s at %s: %s', (code, path, fragment, inside) => {
    const found = findings(inside).filter(({ severity }) => severity === 'error');
    expect(found).toContainEqual({
      severity: 'error',
      code,
      path,
      message: expect.stringContaining(fragment),
      hint: expect.stringMatching(/./),
    });
  });

  it.each([
    ['a title', (text: string) => `<title>${text}</title>`],
    ['a domain', (text: string) => `${ip('')}<domain name='${text}'/>`],
    ['a host name', (text: string) => dhcp(`<host mac='52:54:00:00:00:01' name='${text}' ip='10.7.0.5'/>`)],
    ['a TXT value', (text: string) => dns(`<txt name='a' value='${text}'/>`)],
    ['a TFTP root', (text: string) => ip(`<tftp root='/${text}'/>`)],
    ['a boot file', (text: string) => dhcp(`<bootp file='${text}'/>`)],
    ["a forwarder's domain", (text: string) => dns(`<forwarder domain='${text}' addr='10.0.0.1'/>`)],
    ['a DNS host', (text: string) => dns(`<host ip='10.0.0.1'><hostname>${text}</hostname></host>`)],
    ['an SRV target', (text: string) => dns(`<srv service='ldap' protocol='tcp' target='${text}'/>`)],
    ['a raw option', option],
  ])('for a line break in %s', (_what, inside) => {
    const refused = (): void => {
      refuse(findings(inside('x&#10;log-facility=y')));
    };
    expect(refused).toThrow(KvmnetError);
    expect(refused).toThrow(/\\n|line/);
  });

  it('with all its errors at once', () => {
    const found = findings("<bridge name='all'/><mtu size='1'/><ip address='10.1' prefix='24'/>", 'a b');
    expect(found.map(({ path }) => path)).toEqual(['name', 'bridge.name', 'mtu.size', 'ip[0].address']);
    expect(() => {
      refuse(found);
    }).toThrow(
      /^4 errors:\n {2}name "a b": .*\n {2}bridge.name all: .*\n {2}mtu.size 1: .*\n {2}ip\[0\].address 10.1: /,
    );
  });
});
