import { describe, expect, it } from '@jest/globals';
import { lostXml } from '../../../src/xml/canonical.ts';
import { differences, sameNetwork } from '../../../src/xml/meaning.ts';
import { parseNetwork } from '../../../src/xml/network.ts';
import { byHand, fixture, fixtures } from './fixture.ts';

const network = (inside: string): ReturnType<typeof parseNetwork> =>
  parseNetwork(`<network><name>n</name>${inside}</network>`);

describe('two networks mean the same', () => {
  it.each(fixtures('network'))('%s and itself, made by hand or not', (_name, xml) => {
    expect(differences(parseNetwork(xml), byHand(parseNetwork(xml)))).toEqual([]);
  });

  it("libvirt's default network and what libvirt gives back for it", () => {
    const asked = parseNetwork(`
      <network>
        <name>default</name>
        <bridge name="virbr0"/><forward/>
        <ip netmask="255.255.255.0" address="192.168.122.1">
          <dhcp><range start="192.168.122.2" end="192.168.122.254"/></dhcp>
        </ip>
      </network>`);
    const got = parseNetwork(`
      <network connections='2'>
        <name>default</name>
        <uuid>81ff0d90-c91e-6742-64da-4a736edb9a9b</uuid>
        <forward mode='nat'><nat><port start='1024' end='65535'/></nat></forward>
        <bridge name='virbr0' stp='on' delay='0'/>
        <mac address='52:54:00:1c:2d:3e'/>
        <ip address='192.168.122.1' prefix='24'>
          <dhcp><range start='192.168.122.2' end='192.168.122.254'/></dhcp>
        </ip>
      </network>`);
    expect(differences(asked, got)).toEqual([]);
    expect(sameNetwork(got, asked)).toBe(true);
  });

  it.each([
    ['white space and comments', `<bridge name='b'/>`, `\n <!-- c -->\n <bridge\tname = "b" />`],
    ['the order of attributes', `<bridge name='b' zone='z'/>`, `<bridge zone='z' name='b'/>`],
    ['a UUID that libvirt gave', '', '<uuid>81ff0d90-c91e-6742-64da-4a736edb9a9b</uuid>'],
    [
      'a UUID without dashes',
      '<uuid>81FF0D90C91E674264DA4A736EDB9A9B</uuid>',
      '<uuid>81ff0d90-c91e-6742-64da-4a736edb9a9b</uuid>',
    ],
    ['a MAC that libvirt gave', '', `<mac address='52:54:00:00:00:01'/>`],
    ['a MAC in capitals and without zeros', `<mac address='52:54:0:0:0:AB'/>`, `<mac address='52:54:00:00:00:ab'/>`],
    ['a bridge that libvirt named', '', `<bridge name='virbr3' stp='on' delay='0'/>`],
    ['a mask and a prefix', `<ip address='10.0.0.1' netmask='255.255.240.0'/>`, `<ip address='10.0.0.1' prefix='20'/>`],
    [
      'a route by mask',
      `<route address='10.0.0.0' netmask='255.0.0.0' gateway='1.1.1.1'/>`,
      `<route address='10.0.0.0' prefix='8' gateway='1.1.1.1'/>`,
    ],
    ['family ipv4', `<ip address='10.0.0.1' prefix='8'/>`, `<ip family='ipv4' address='10.0.0.1' prefix='8'/>`],
    [
      'spellings of IPv6',
      `<ip family='ipv6' address='2001:DB8:0:0::1' prefix='64'/>`,
      `<ip family='ipv6' address='2001:db8::1' prefix='64'/>`,
    ],
    [
      'the device of forward',
      `<forward dev='eth0'/>`,
      `<forward dev='eth0' mode='nat'><interface dev='eth0'/></forward>`,
    ],
    ['no', `<domain name='d'/>`, `<domain name='d' localOnly='no'/>`],
    ['empty elements', '', '<dns/>'],
    ['DNS that is on', '', `<dns enable='yes'/>`],
    ['minutes', lease(`expiry='5'`), lease(`expiry='5' unit='minutes'`)],
    ['a lease without end', lease(`expiry='0'`), lease(`expiry='0' unit='hours'`)],
    ['several tags', `<vlan><tag id='1'/><tag id='2'/></vlan>`, `<vlan trunk='yes'><tag id='1'/><tag id='2'/></vlan>`],
    [
      'layout of metadata',
      `<metadata><a b='1' c='2'><d/></a></metadata>`,
      `<metadata>\n <a c="2" b="1"> <!-- --><d></d></a>\n</metadata>`,
    ],
  ])('if they differ in %s', (_what, left, right) => {
    expect(differences(network(left), network(right))).toEqual([]);
    expect(differences(network(right), network(left))).toEqual([]);
  });
});

function lease(attributes: string): string {
  return `<ip address='10.0.0.1' prefix='8'><dhcp><host name='h' ip='10.0.0.2'><lease ${attributes}/></host></dhcp></ip>`;
}

describe('two networks differ', () => {
  it.each([
    [
      'in a given UUID',
      '<uuid>81ff0d90-c91e-6742-64da-4a736edb9a9b</uuid>',
      '<uuid>81ff0d90-c91e-6742-64da-4a736edb9a9c</uuid>',
      'uuid',
    ],
    ['in a given MAC', `<mac address='52:54:00:00:00:01'/>`, `<mac address='52:54:00:00:00:02'/>`, 'mac.address'],
    ['in STP', `<bridge name='b' stp='off'/>`, `<bridge name='b'/>`, 'bridge.stp'],
    ['in being isolated', '', '<forward/>', 'forward'],
    ['in the mode', `<forward mode='route'/>`, `<forward mode='open'/>`, 'forward.mode'],
    [
      'in NAT ports',
      `<forward><nat><port start='2000' end='3000'/></nat></forward>`,
      `<forward/>`,
      'forward.nat.port.start',
    ],
    [
      'in a prefix',
      `<ip address='10.0.0.1' prefix='8'/>`,
      `<ip address='10.0.0.1' netmask='255.255.0.0'/>`,
      'ips[0].prefix',
    ],
    [
      'in a mask that is none',
      `<ip address='10.0.0.1' prefix='8'/>`,
      `<ip address='10.0.0.1' netmask='255.0.255.0'/>`,
      'ips[0].prefix',
    ],
    ['in DNS that is off', `<dns enable='no'/>`, '', 'dns'],
    ['in a lease', lease(`expiry='5'`), lease(`expiry='5' unit='hours'`), 'ips[0].dhcp.hosts[0].lease.unit'],
    ['in metadata', '<metadata><a>1</a></metadata>', '<metadata><a>2</a></metadata>', 'metadata'],
    [
      'in the order of a list',
      `<route address='1.0.0.0' gateway='9.9.9.9'/><route address='2.0.0.0' gateway='9.9.9.9'/>`,
      `<route address='2.0.0.0' gateway='9.9.9.9'/><route address='1.0.0.0' gateway='9.9.9.9'/>`,
      'routes[0].address',
    ],
  ])('%s', (_what, left, right, path) => {
    expect(differences(network(left), network(right)).map((difference) => difference.path)).toContain(path);
    expect(sameNetwork(network(left), network(right))).toBe(false);
  });

  it('and the difference is described', () => {
    expect(differences(network(`<mtu size='1400'/>`), network(''))).toEqual([
      { path: 'mtu', left: { size: 1400 }, right: undefined },
    ]);
  });
});

describe('XML that got lost on the way', () => {
  it('is named, and what was kept is not', () => {
    const asked = parseNetwork(fixture('edit', 'network.in.xml'));
    const got = parseNetwork(
      fixture('edit', 'network.in.xml')
        .replace(` colour='red'`, '')
        .replace(/<future-element.*<\/future-element>/s, ''),
    );
    expect(lostXml(asked, got)).toEqual([
      'network/<future-element a="1"><b>text</b></future-element>',
      'network/bridge/@colour="red"',
    ]);
    expect(lostXml(asked, asked)).toEqual([]);
  });

  it('is not the XML that kvmnet knows', () => {
    for (const [, xml] of fixtures('network')) expect(lostXml(parseNetwork(xml), { name: 'n' })).toEqual([]);
  });
});
