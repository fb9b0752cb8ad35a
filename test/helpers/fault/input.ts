/** Input that kvmnet has to refuse, with its messages: libvirt's own limits, and more. */

export const uuid = '8a7a1c6e-0000-4000-8000-000000000001';
export const subnet = '192.168.132.0/24';
const mac = '52:54:00:00:00:01';

/** One or more bad values, and the message of the refusal. */
type Row = readonly [values: string | readonly string[], message: string];
type Rows = readonly Row[];

const inNames = 'a network name has only ASCII letters, digits';
export const names: Rows = [
  ...['../x', 'a/b', '..', '.', ' ', ' lead', 'a b', 'a\nb', 'a\tb', 'a\rb', '-x', '*', '%s', 'ñ', '😀'].map(
    (name): Row => [name, inNames],
  ),
  ...['a\u0085b', 'a\u2028b', 'a\u202eb', 'a\u200bb', 'a\x7fb', 'a;reboot', '$(id)', '`id`'].map((name): Row => [
    name,
    inNames,
  ]),
  ...[`a'b`, 'a"b', 'a<b>&', 'a\\b', 'a,b'].map((name): Row => [name, inNames]),
  ['', 'a network name is missing'],
  ['x'.repeat(65), 'at most 64 characters, this has 65'],
  ['x'.repeat(300), 'at most 64 characters, this has 300'],
  [uuid, 'in the form of a UUID'],
  ['taken', 'network taken already exists'],
];

export const subnets: Rows = [
  ['300.1.1.0/24', '300 is more than 255'],
  ['10.0.0.0/33', 'the prefix is a number from 0 to 32'],
  ['10.0.0.0/-1', 'the prefix is a number from 0 to 32'],
  ['10.0.0.0/24/24', 'a subnet is ADDRESS/PREFIX'],
  ['localhost', 'a subnet is ADDRESS/PREFIX'],
  ['10.0.0.0', 'a subnet is ADDRESS/PREFIX'],
  ['', 'a subnet is ADDRESS/PREFIX'],
  [' 10.1.1.0/24', 'an IPv4 address is four numbers'],
  ['10.1/16', 'an IPv4 address is four numbers'],
  ['167772160/8', 'an IPv4 address is four numbers'],
  ['0x0a000000/8', 'an IPv4 address is four numbers'],
  ['010.010.1.0/24', 'read 010 as an octal number'],
  ['10.0.0.0/31', 'the smallest subnet is a /30'],
  ['10.0.0.0/32', 'the smallest subnet is a /30'],
  ['0.0.0.0/0', 'the largest subnet is a /8'],
  ['10.0.0.5/24', 'this is an address in 10.0.0.0/24, not a subnet'],
  ['127.1.0.0/24', 'loopback addresses'],
  ['224.0.0.0/24', 'multicast addresses'],
  ['169.254.169.0/24', 'link-local addresses'],
  ['255.255.255.0/24', 'reserved addresses'],
  ['8.8.8.0/24', 'needs your consent:\n8.8.8.0/24 are public addresses'],
  ['fe80::/64', 'link-local addresses'],
  ['ff02::/64', 'multicast addresses'],
  ['::1/128', 'the smallest subnet is a /126'],
  ['::ffff:10.0.0.0/96', 'this is an address in ::ffff:0:0/96'],
  ['fe80::%lo/64', 'an address with a zone'],
  ['fd00::/129', 'the prefix is a number from 0 to 128'],
  ['192.168.50.0/24', 'overlaps network taken (192.168.50.0/24)'],
  ['192.168.0.0/16', 'overlaps network taken'],
  ['192.168.50.128/25', 'overlaps network taken'],
  ['10.77.0.0/24', 'overlaps address 10.77.0.1/24 of dn0 (down)'],
  ['10.78.1.0/24', 'overlaps the route 10.78.0.0/16 dev br0 of table 100'],
  ['10.76.0.0/30', 'overlaps the route 10.76.0.0/16 dev br0'],
  ['fd77::/64', 'overlaps address fd77::1/64 of br0'],
];

/** Each is an option of `net create` with a good `--nat`. */
export const options: Readonly<Record<string, Rows>> = {
  '--bridge-name': [
    ['x'.repeat(16), 'at most 15 characters, this has 16'],
    ...['a b', 'a/b', 'br0:1', '.', '..', 'tést', 'a\nb'].map((name): Row => [name, 'a bridge name has only']),
    ...['all', 'default', 'lo', 'bonding_masters'].map((name): Row => [name, 'means something else by it']),
    ['-x', 'reads as an option'],
    ['%d', 'replaces "%"'],
    ['', 'a bridge name is missing'],
    ['eno1', 'is taken by a device of the host (veth)'],
    ['br0', 'is taken by a device of the host (bridge)'],
    ['taken0', 'is taken by network taken'],
  ],
  '--gateway': [
    ['192.168.132.0', 'is the network address'],
    ['192.168.132.255', 'is the broadcast address'],
    ['192.168.133.1', `it is not in ${subnet}`],
    ['192.168.132.01', 'as an octal number'],
    ['fd00::1', 'the network has no IPv6 subnet'],
    ['host', 'four numbers'],
  ],
  '--dhcp': [
    ['192.168.131.2-192.168.131.9', `it leaves the subnet ${subnet}`],
    ['192.168.132.9-192.168.132.2', 'the range ends before it starts'],
    ['192.168.132.0-192.168.132.9', 'is the network address'],
    ['192.168.132.250-192.168.132.255', 'is the broadcast address'],
    ['192.168.132.9', 'a DHCP range is START-END'],
    [['192.168.132.2-192.168.132.9', '192.168.132.9-192.168.132.19'], 'it overlaps the DHCP range'],
  ],
  '--reserve': [
    [`${mac}=192.168.133.5`, `is not in ${subnet}`],
    [`${mac}=192.168.132.1`, 'this is the gateway'],
    ['01:00:5e:00:00:01=192.168.132.5', 'a multicast address'],
    ['00:00:00:00:00:00=192.168.132.5', 'not the address of a device'],
    [`${mac}=192.168.132.5,a\nb`, 'host name "a\\nb"'],
    [`${mac}=192.168.132.5,a,infinite`, 'one host name may follow'],
    [mac, 'a reservation is MAC=IP'],
    [[`${mac}=192.168.132.5`, `${mac}=192.168.132.6`], `${mac} has a reservation already`],
    [[`${mac}=192.168.132.5`, '52:54:00:00:00:02=192.168.132.5'], '192.168.132.5 has a reservation already'],
  ],
  '--domain': [
    ...['a\nb', 'a b', 'a/b', '-x', 'a..b'].map((name): Row => [name, 'a domain name has letters']),
    ['x.'.repeat(150), 'at most 253'],
  ],
  '--dns': [
    ['www', 'a DNS entry is HOST=IP'],
    ['a\nb=192.168.132.5', 'host name "a\\nb"'],
    ['www=300.1.1.1', '300 is more than 255'],
  ],
  '--forwarder': ['192.0.2.1\nlog-facility=/x', 'dns.example', '192.0.2.1#53'].map((value): Row => [
    value,
    'four numbers',
  ]),
  '--lease': [
    ['1m', 'at least 2 minutes'],
    ['99999999999999h', 'at most 136 years'],
    ...['abc', '0h', '-1h', '24', '1.5h'].map((value): Row => [value, 'a lease is a number with']),
  ],
  '--mtu': [
    ...['0', '67', '65536', 'abc', '1500 ', '-1', '4294967296', '0x5dc'].map((value): Row => [
      value,
      'an MTU is a number from 68',
    ]),
    ['576', 'needs your consent:\nMTU 576 is below 1280'],
  ],
  '--mac': [
    ['01:00:5e:00:00:01', 'a multicast address'],
    ['ff:ff:ff:ff:ff:ff', 'the broadcast address'],
    ['00:00:00:00:00:00', 'not the address of a device'],
    ['52:54:00:00:01', 'six bytes'],
    ['zz:54:00:00:00:01', 'six bytes'],
    ['52:54:00:00:00:aa', 'a NIC of VM1 already has it'],
    ['52:54:00:00:00:bb', 'the bridge of network taken already has it'],
  ],
  '--nat-ports': [
    ['0-10', 'a port is a number from 1'],
    ['1-65536', 'a port is a number from 1'],
    ['90-80', 'ends before it starts'],
    ['http', 'a range of ports is FIRST-LAST'],
  ],
  '--dev': [
    ['nope9', 'no NIC nope9 on the host'],
    ...['! lo', '+', 'a\nb'].map((name): Row => [name, 'an interface name has only']),
    ['-j', 'reads as an option'],
  ],
  '--zone': ['a\nb', 'a b', ''].map((value): Row => [value, 'a firewalld zone has']),
  '--portgroup': [
    ['a b', 'a portgroup name has only'],
    ['blue:vlan=4096', 'a VLAN ID is a number from 1 to 4094'],
    ['blue:color=red', 'a portgroup is NAME or NAME:vlan=ID'],
    ['blue:vlan=10', 'libvirt tags frames on host bridges'],
  ],
  '--title': [['a\nb', 'a line break']],
  '--ipv6': [
    ['192.168.133.0/24', 'this is an IPv4 subnet'],
    ['fd00::/48', 'in a /64 only'],
  ],
};

/** Whole command lines. */
export const lines: readonly (readonly [commandLine: string, message: string])[] = [
  ['net create bad', 'the kind of network is missing'],
  [`net create bad --nat ${subnet} --isolated`, '--nat and --isolated exclude each other'],
  [
    `net create bad --nat ${subnet} --dhcp 192.168.132.2-192.168.132.9 --no-dhcp`,
    '--dhcp and --no-dhcp exclude each other',
  ],
  [`net create bad --nat ${subnet} --no-dns --dns www=192.168.132.5`, '--no-dns and --dns exclude each other'],
  [`net create bad --nat ${subnet} --mode vepa`, '--mode cannot be used with --nat'],
  [`net create bad --route ${subnet} --nat-ports 1-2`, '--nat-ports cannot be used with --route'],
  [`net create bad --open ${subnet} --dev eno1`, '--dev cannot be used with --open'],
  ['net create bad --isolated --gateway 192.168.132.1', '--isolated without a subnet'],
  ['net create bad --isolated --transient --no-start', '--transient and --no-start exclude each other'],
  ['net create bad --isolated --bogus', `unknown option '--bogus'`],
  ['net create bad more --isolated', 'too many arguments'],
  ['net create bad --bridge nope', 'no bridge nope on the host'],
  ['net create bad --bridge eno1', 'eno1 is not a bridge but a veth device'],
  ['net create bad --bridge br0 --vlan 4095', 'a VLAN ID is a number from 1 to 4094'],
  ['net create bad --macvtap nope', 'no NIC nope on the host'],
  ['net create bad --macvtap lo', 'lo is not an Ethernet NIC but a loopback device'],
  ['net create bad --macvtap eno1,eno1', 'duplicate eno1'],
  ['net create bad --macvtap eno1 --mode banana', 'a macvtap mode is'],
  ['net create bad --hostdev eno1', 'eno1 is not a physical NIC'],
  ['net create bad --template kennet', "no template named 'kennet'"],
  ['net create bad --template ../../etc/x', 'file ../../etc/x does not exist'],
  ['net create bad --template /etc/hostname', 'this is not XML'],
  ['--timeout 0 net create bad --isolated', 'is not a number of seconds'],
  ['-o banana net create bad --isolated', `'banana' is not one of table, json`],
  ['-c banana net create bad --isolated', 'is not a libvirt URI'],
  ['-c qemu:///system?command=/bin/true net create bad --isolated', 'starts a program of its own choice'],
  ['net define /nonexistent.xml', 'file /nonexistent.xml does not exist'],
  ['net define FOLDER/latin1.xml', 'is not UTF-8 text'],
  ['net define FOLDER/utf16.xml', 'is not UTF-8 text'],
  ['vm attach VM1 nope9', 'nope9'],
  ['vm attach VM2 taken', 'no domain "VM2"'],
  ['vm attach VM1 taken --mac 01:00:5e:00:00:01', 'a multicast address'],
  ['vm attach VM1 taken --mac 52:54:00:00:00:aa', 'is taken by NIC 0 of VM1'],
  ['vm attach VM1 taken --mac 52:54:00:00:00:bb', 'is taken by the bridge of network taken'],
  ['vm attach VM1 taken --vlan 0', 'a VLAN ID is a number from 1 to 4094'],
  ['vm attach VM1 taken --mtu 67', 'an MTU is a number from 68'],
  ['vm attach VM1 taken --in fast', 'a rate is a number with'],
  ['vm attach VM1 taken --link sideways', 'a link is up or down'],
  ['vm attach VM1 taken --alias x', 'aliases of users begin with ua-'],
  ['vm attach VM1 taken --portgroup nope', 'has no portgroup nope'],
  ['vm attach VM1 taken --wait-ip abc', 'a duration is a number of seconds'],
  ['vm attach VM1 taken --network --bridge', 'one of --network, --bridge and --macvtap'],
  ['vm attach VM1 eno1 --bridge', 'eno1 is not a bridge'],
  ['vm attach VM1 taken --live', 'VM1 is not running'],
];

export const network = (inner: string, name = 'bad'): string => `<network><name>${name}</name>${inner}</network>`;
const nat = (inner: string, address = `address='192.168.132.1' netmask='255.255.255.0'`): string =>
  network(`<forward mode='nat'/><bridge name='bad0'/><ip ${address}>${inner}</ip>`);
const raw = `<dnsmasq:options xmlns:dnsmasq='http://libvirt.org/schemas/network/dnsmasq/1.0'><dnsmasq:option value='dhcp-script=/x'/></dnsmasq:options>`;

/** Input of `net define -`. */
export const documents: readonly (readonly [what: string, xml: string, message: string])[] = [
  ['nothing', '', 'the XML is empty'],
  ['a NUL', '\0', 'the character U+0000 is not allowed'],
  ['half of it', '<network><name>bad', '<name> is never closed'],
  ['two documents', network('') + network(''), 'a second root element'],
  ['a domain', '<domain/>', 'the XML is a <domain>, not a <network>'],
  ['an attribute twice', `<network><name a='1' a='2'>bad</name></network>`, 'the attribute a twice'],
  ['another encoding', `<?xml version='1.0' encoding='latin1'?>${network('')}`, 'declares the encoding latin1'],
  ['an entity', `<!DOCTYPE x [<!ENTITY n 'bad'>]>${network('', '&n;')}`, 'DOCTYPE and other declarations'],
  ['a file as an entity', `<!DOCTYPE x [<!ENTITY n SYSTEM 'file:///etc/passwd'>]>${network('')}`, 'DOCTYPE'],
  ['400 levels', network(`<metadata>${'<a>'.repeat(400)}${'</a>'.repeat(400)}</metadata>`), 'nested deeper than 256'],
  ['5 MB', network(`<description>${'x'.repeat(5_000_000)}</description>`), 'larger than 4 MiB'],
  ['typographic quotes', `<network><name>bad</name><bridge name=“br9”/></network>`, 'pasted from a web page'],
  ['no name', '<network/>', 'network has no <name>'],
  ['a bad name', network('', 'a b'), inNames],
  ['a UUID that is none', network('<uuid>nope</uuid>'), 'this is not a UUID'],
  ['the UUID of another network', network(`<uuid>${uuid}</uuid>`), `belongs to network taken`],
  ['a netmask with a hole', nat('', `address='192.168.132.1' netmask='255.0.255.0'`), 'ones followed by zeros'],
  ['a netmask and a prefix', nat('', `address='192.168.132.1' netmask='255.255.255.0' prefix='24'`), 'a prefix too'],
  ['no prefix', nat('', `address='192.168.132.1'`), 'libvirt would guess'],
  ['an octal address', nat('', `address='010.1.1.1' prefix='24'`), 'as an octal number'],
  ['the wrong family', nat('', `address='fd00::1' prefix='64'`), `family='ipv4' does not fit`],
  ['a TFTP root of everything', nat(`<tftp root='/'/>`), 'every file of the host'],
  ['a TFTP root of two lines', nat(`<tftp root='/srv&#10;x'/>`), 'one line without control characters'],
  [
    'a host of two lines',
    nat(`<dhcp><host mac='${mac}' name='a&#10;b' ip='192.168.132.5'/></dhcp>`),
    'host[0].name "a\\nb"',
  ],
  [
    'a host with a comma',
    nat(`<dhcp><host mac='${mac}' name='a,infinite' ip='192.168.132.5'/></dhcp>`),
    'name a,infinite',
  ],
  [
    'a TXT of two lines',
    network(`<dns><txt name='a' value='v&#10;log-facility=/x'/></dns>`),
    'a TXT value is one line',
  ],
  ['a domain of two lines', network(`<domain name='a&#10;b'/>`), 'domain.name "a\\nb"'],
  [
    'two defaults',
    network(`<portgroup name='a' default='yes'/><portgroup name='b' default='yes'/>`),
    'is the default already',
  ],
  ['a bad spanning tree', network(`<bridge name='bad0' stp='banana'/>`), 'not on or off'],
  ['a long delay', network(`<bridge name='bad0' delay='31'/>`), 'from 0 to 30'],
  ['no MTU', network(`<mtu size='abc'/>`), 'not an integer'],
  ['a multicast MAC', network(`<mac address='01:00:5e:00:00:01'/>`), 'a multicast address'],
  ['an unknown mode', network(`<forward mode='banana'/>`), 'libvirt has no such mode'],
  ['a bridge that does not exist', network(`<forward mode='bridge'/><bridge name='nope'/>`), 'no bridge nope'],
  [
    'a NIC that does not exist',
    network(`<forward mode='nat' dev='nope9'/><ip address='192.168.132.1' prefix='24'/>`),
    'no NIC nope9',
  ],
  ['a negative rate', network(`<bandwidth><inbound average='-5'/></bandwidth>`), 'a rate is a positive number'],
  ['raw options for dnsmasq', network(raw), 'needs your consent:\nthe raw dnsmasq option'],
];
