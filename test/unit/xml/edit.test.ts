import { describe, expect, it } from '@jest/globals';
import { buildInterface, buildNetwork } from '../../../src/xml/build.ts';
import { parseInterface } from '../../../src/xml/interface.ts';
import { parseNetwork, type Network, type NetworkInput } from '../../../src/xml/network.ts';
import { fixture, fixtures } from './fixture.ts';

const reservation = { mac: '52:54:00:00:00:09', ip: '192.168.132.9' };

/** The edit of NAME.in.xml that gives NAME.out.xml. */
const edits: Readonly<Record<string, (network: Network) => NetworkInput>> = {
  nothing: (network) => network,
  change: (network) => ({ ...network, name: 'renamed', bridge: { ...network.bridge, stp: false, delay: 4 } }),
  add: (network) => ({
    ...network,
    title: 'A title',
    ipv6: true,
    mtu: { size: 9000 },
    routes: [{ address: '10.9.0.0', prefix: 16, gateway: '192.168.132.7' }],
    dnsmasqOptions: { options: [{ value: 'log-dhcp' }] },
    ips: network.ips.map((ip) => ({ ...ip, dhcp: { ...ip.dhcp, hosts: [...(ip.dhcp?.hosts ?? []), reservation] } })),
  }),
  remove: (network) => ({
    ...network,
    forward: undefined,
    metadata: undefined,
    ips: network.ips.map((ip) => ({
      ...ip,
      dhcp: { ...ip.dhcp, hosts: ip.dhcp?.hosts.filter((host) => host.name !== 'two') },
    })),
  }),
  replace: (network) => ({
    ...network,
    bridge: { name: 'new0' },
    metadata: '\n    <k:note xmlns:k="urn:k">new</k:note>\n  ',
    ips: network.ips.map((ip) => ({
      ...ip,
      dhcp: { ...ip.dhcp, hosts: ip.dhcp?.hosts.map((host) => (host.name === 'two' ? reservation : host)) },
    })),
  }),
  reorder: (network) => ({
    ...network,
    ips: network.ips.map((ip) => ({ ...ip, dhcp: { ...ip.dhcp, hosts: ip.dhcp?.hosts.toReversed() } })),
  }),
};

describe('editing a network with XML that kvmnet does not know', () => {
  it.each(Object.entries(edits))('%s: gives the recorded document', (name, edit) => {
    const network = parseNetwork(fixture('edit', 'network.in.xml'));
    expect(buildNetwork(edit(network))).toBe(fixture('edit', `${name}.out.xml`));
  });

  it('has an edit for every recorded document', () => {
    const recorded = fixtures('edit').flatMap(([name]) => (name.endsWith('.out.xml') ? [name.slice(0, -8)] : []));
    expect(recorded.sort()).toEqual(Object.keys(edits).sort());
  });

  it('comes to rest: what was written reads and writes as itself', () => {
    for (const [, xml] of fixtures('edit')) {
      const once = buildNetwork(parseNetwork(xml));
      expect(buildNetwork(parseNetwork(once))).toBe(once);
    }
  });
});

const unknown = `<network>
  <name>n</name>
  <future level="1">text <b>bold</b> tail</future>
  <bridge name="br0" colour="red">
    <!-- inside -->
    <port-of-bridge/>
  </bridge>
</network>
`;

describe('what a model carries along', () => {
  it('survives object spread at every level', () => {
    const network = parseNetwork(unknown);
    const copy = { ...network, bridge: { ...network.bridge, name: 'br1' } };
    expect(buildNetwork(copy)).toBe(unknown.replace('br0', 'br1'));
  });

  it('is not seen by JSON.stringify nor Object.keys', () => {
    const network = parseNetwork(unknown);
    expect(JSON.stringify(network)).toBe('{"name":"n","bridge":{"name":"br0"},"ips":[],"routes":[],"portgroups":[]}');
    expect(Object.keys(network)).toEqual(['name', 'bridge', 'ips', 'routes', 'portgroups']);
  });

  it('goes with an element into another document', () => {
    const { bridge } = parseNetwork(unknown);
    expect(buildNetwork({ name: 'other', bridge })).toBe(
      `<network>\n  <name>other</name>\n  <bridge name="br0" colour="red">\n    <!-- inside -->\n    <port-of-bridge/>\n  </bridge>\n</network>\n`,
    );
  });

  it('is written once for each copy of an element', () => {
    const nic = parseInterface(`<interface type='user'><portForward proto='tcp' x='1'/></interface>`);
    const [forward] = nic.portForwards;
    expect(
      buildInterface({ ...nic, portForwards: [forward, { ...forward, proto: 'udp' }] as typeof nic.portForwards }),
    ).toBe(
      `<interface type="user">\n  <portForward proto="tcp" x="1"/>\n  <portForward proto="udp" x="1"/>\n</interface>\n`,
    );
  });

  it('is not in a model that was made by hand, which has elements in the order of libvirt', () => {
    expect(
      buildNetwork({ ips: [{ prefix: 24, address: '10.0.0.1' }], forward: { mode: 'nat' }, uuid: 'u', name: 'n' }),
    ).toBe(
      `<network>\n  <name>n</name>\n  <uuid>u</uuid>\n  <forward mode="nat"/>\n  <ip address="10.0.0.1" prefix="24"/>\n</network>\n`,
    );
  });

  it('keeps comments and processing instructions around the root, and leaves out the declaration', () => {
    const xml = `<?xml version="1.0"?>\n<!-- before --><?tool on?><network><name>n</name></network><!-- after -->`;
    expect(buildNetwork(parseNetwork(xml))).toBe(
      `<!-- before -->\n<?tool on?>\n<network>\n  <name>n</name>\n</network>\n<!-- after -->\n`,
    );
  });

  it('keeps the text of mixed content, blanks included', () => {
    const xml = `<network><name>n</name>stray <bridge name="b"/> text</network>\n`;
    expect(buildNetwork(parseNetwork(xml))).toBe(xml);
  });
});

describe('namespaces', () => {
  const uri = 'http://libvirt.org/schemas/network/dnsmasq/1.0';

  it.each([
    [
      'a prefix of its own',
      `<network xmlns:d="${uri}"><name>n</name><d:options><d:option value="a"/></d:options></network>`,
    ],
    [
      'a declaration on the element',
      `<network><name>n</name><d:options xmlns:d="${uri}"><d:option value="a"/></d:options></network>`,
    ],
    ['no prefix', `<network><name>n</name><options xmlns="${uri}"><option value="a"/></options></network>`],
  ])('finds dnsmasq options with %s, and adds to them in the same way', (_what, xml) => {
    const network = parseNetwork(xml);
    expect(network.dnsmasqOptions?.options).toMatchObject([{ value: 'a' }]);
    const options = [...(network.dnsmasqOptions?.options ?? []), { value: 'b' }];
    const again = parseNetwork(buildNetwork({ ...network, dnsmasqOptions: { ...network.dnsmasqOptions, options } }));
    expect(again.dnsmasqOptions?.options).toMatchObject([{ value: 'a' }, { value: 'b' }]);
  });

  it('takes dnsmasq:options of another namespace for something unknown', () => {
    const xml = `<network xmlns:dnsmasq="urn:other"><name>n</name><dnsmasq:options><x/></dnsmasq:options></network>`;
    const network = parseNetwork(xml);
    expect(network.dnsmasqOptions).toBeUndefined();
    expect(buildNetwork(network)).toContain('<dnsmasq:options><x/></dnsmasq:options>');
  });

  it('are kept in unknown XML and metadata, declared or not', () => {
    const inside = `<a:b xmlns:a="urn:a" a:c="1"><d xmlns="urn:d"><e xmlns=""/></d></a:b><undeclared:x undeclared:y="z" xml:lang="en"/>`;
    const xml = `<network><name>n</name><metadata>${inside}</metadata></network>`;
    const network = parseNetwork(xml);
    expect(network.metadata).toBe(inside);
    expect(parseNetwork(buildNetwork(network)).metadata).toBe(inside);
  });
});
