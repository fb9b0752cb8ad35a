import { describe, expect, it } from '@jest/globals';
import { KvmnetError } from '../../../src/errors.ts';
import { buildInterface, buildNetwork } from '../../../src/xml/build.ts';
import { parseInterface } from '../../../src/xml/interface.ts';
import { parseNetwork } from '../../../src/xml/network.ts';
import { parseXml } from '../../../src/xml/parser.ts';
import { isElement, type XmlElement } from '../../../src/xml/tree.ts';

function refusal(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof KvmnetError && error.code === 'INPUT') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

const inNetwork = (inside: string): string => `<network>\n  <name>n</name>\n  ${inside}\n</network>`;

describe('reading values', () => {
  it.each(['007', '1e3', '0x1F', 'true', 'no', 'null', ' x ', '-0', '١٢'])('takes the name %j as text', (name) => {
    expect(parseNetwork(`<network><name>${name}</name></network>`).name).toBe(name);
  });

  it('leaves undefined what is absent, and fills in no default', () => {
    const network = parseNetwork(`<network><name>n</name><forward/><bridge/></network>`);
    expect(JSON.parse(JSON.stringify(network))).toEqual({
      name: 'n',
      forward: { interfaces: [], addresses: [] },
      bridge: {},
      ips: [],
      routes: [],
      portgroups: [],
    });
  });

  it.each([
    [`<bridge stp='banana'/>`, 'network/bridge/@stp is "banana", not on or off (line 3, column 3)'],
    [`<bridge stp='yes'/>`, 'network/bridge/@stp is "yes", not on or off'],
    [`<domain localOnly='on'/>`, 'network/domain/@localOnly is "on", not yes or no'],
    [`<mtu size='abc'/>`, 'network/mtu/@size is "abc", not an integer'],
    [`<mtu size='1500 '/>`, 'network/mtu/@size is "1500 ", not an integer'],
    [`<mtu size='1e3'/>`, 'network/mtu/@size is "1e3", not an integer'],
    [`<mtu size='0x5dc'/>`, 'network/mtu/@size is "0x5dc", not an integer'],
    [`<mtu size='01500'/>`, 'network/mtu/@size is "01500", not an integer'],
    [`<mtu size=''/>`, 'network/mtu/@size is "", not an integer'],
    [`<mtu size='99999999999999999999'/>`, 'network/mtu/@size is "99999999999999999999", not an integer'],
    [`<bridge delay='2.5'/>`, 'network/bridge/@delay is "2.5", not an integer'],
    [`<mtu/>`, 'network/mtu has no attribute size'],
    [`<ip/><ip><dhcp><range/></dhcp></ip>`, 'network/ip[2]/dhcp/range[1] has no attribute start'],
    [`<vlan><tag id='1'/><tag id='x'/></vlan>`, 'network/vlan/tag[2]/@id is "x", not an integer'],
  ])('refuses %s, with its position', (inside, message) => {
    expect(refusal(() => parseNetwork(inNetwork(inside)))).toContain(message);
  });

  it('refuses a network without a name', () => {
    expect(refusal(() => parseNetwork('<network/>'))).toBe('network has no <name> (line 1, column 1)');
  });

  it('loses no digit of a number of 64 bits', () => {
    const xml = (peak: string): string =>
      `<interface type="network"><bandwidth><inbound average="1000" peak="${peak}"/></bandwidth></interface>`;
    expect(parseInterface(xml('9007199254740991')).bandwidth?.inbound?.peak).toBe(9007199254740991);
    expect(parseInterface(xml('18446744073709551615')).bandwidth?.inbound?.peak).toBe('18446744073709551615');
    const written = buildInterface({ type: 'network', bandwidth: { inbound: { peak: '18446744073709551615' } } });
    expect(written).toContain('peak="18446744073709551615"');
  });

  it('takes values of enumerations that a newer libvirt may bring', () => {
    expect(parseNetwork(inNetwork(`<forward mode='teleport'/>`)).forward?.mode).toBe('teleport');
    expect(parseInterface(`<interface type='quantum'/>`).type).toBe('quantum');
  });

  it('takes the first of an element that should stand once, as libvirt does, and keeps the other', () => {
    const network = parseNetwork(inNetwork(`<bridge name='a'/><bridge name='b'/>`));
    expect(network.bridge?.name).toBe('a');
    const written = buildNetwork({ ...network, bridge: { ...network.bridge, name: 'c' } });
    expect(written).toContain('<bridge name="c"/>\n  <bridge name="b"/>');
  });
});

/** The names of elements and attributes, without what is in them. */
function shape(element: XmlElement): unknown {
  return [element.name, element.attributes.map(({ name }) => name), element.children.filter(isElement).map(shape)];
}

/** As from JavaScript, or from a file: what TypeScript would not let through. */
const untyped = (model: unknown): Parameters<typeof buildNetwork>[0] => model as Parameters<typeof buildNetwork>[0];

describe('writing values', () => {
  it.each([
    [{ name: 7 }, 'network/name is 7, not text'],
    [{}, 'network/name is missing'],
    [{ name: null }, 'network/name is null, not text'],
    [{ name: 'n', mtu: { size: '1500' } }, 'network/mtu/@size is "1500", not an integer'],
    [{ name: 'n', mtu: { size: 1.5 } }, 'network/mtu/@size is 1.5, not an integer'],
    [{ name: 'n', mtu: { size: NaN } }, 'network/mtu/@size is null, not an integer'],
    [{ name: 'n', mtu: { size: 2 ** 53 } }, 'network/mtu/@size is 9007199254740992, not an integer'],
    [{ name: 'n', mtu: {} }, 'network/mtu/@size is missing'],
    [{ name: 'n', mtu: 1500 }, 'network/mtu is 1500, not an object'],
    [{ name: 'n', ipv6: 'yes' }, 'network/@ipv6 is "yes", not yes or no'],
    [{ name: 'n', bridge: { delay: '1 second' } }, 'network/bridge/@delay is "1 second", not an integer'],
    [{ name: 'n', ips: {} }, 'network/ips is {}, not a list'],
    [{ name: 'n', ips: [{}, 'x'] }, 'network/ip[2] is "x", not an object'],
    [
      { name: 'n', dns: { hosts: [{ ip: '1', hostnames: ['a', 2] }] } },
      'network/dns/host[1]/hostname[2] is 2, not text',
    ],
    [{ name: 'n', bridge: { nmae: 'x' } }, 'network/bridge has no property "nmae"'],
    [{ name: 'n', metadata: '<a>' }, 'network/metadata is not well-formed XML'],
    [{ name: 'n', metadata: '</metadata><x/><metadata>' }, 'network/metadata is not well-formed XML'],
    [{ name: 'n', metadata: 5 }, 'network/metadata is 5, not text'],
  ])('refuses %j', (model, message) => {
    expect(refusal(() => buildNetwork(untyped(model)))).toContain(message);
  });

  it.each([
    ['a line break', '\n', 'U+000A'],
    ['a tab', '\t', 'U+0009'],
    ['a carriage return', '\r', 'U+000D'],
    ['NUL', '\0', 'U+0000'],
    ['ESC', '\u001B', 'U+001B'],
    ['DEL', '\u007F', 'U+007F'],
    ['NEL', '\u0085', 'U+0085'],
    ['a line separator', '\u2028', 'U+2028'],
    ['half a character', '\uD800', 'U+D800'],
    ['U+FFFE', '\uFFFE', 'U+FFFE'],
  ])('refuses %s in a name, a value and a leaf', (_what, character, code) => {
    const value = `a${character}b`;
    const refused = `has the character ${code}, which is not allowed`;
    expect(refusal(() => buildNetwork({ name: value }))).toBe(`network/name ${refused}`);
    expect(refusal(() => buildNetwork({ name: 'n', dns: { txts: [{ name: 't', value }] } }))).toBe(
      `network/dns/txt[1]/@value ${refused}`,
    );
    expect(refusal(() => buildNetwork({ name: 'n', dns: { hosts: [{ ip: '1', hostnames: [value] }] } }))).toBe(
      `network/dns/host[1]/hostname[1] ${refused}`,
    );
  });

  it('takes line breaks and tabs in a description, and no other control character', () => {
    const description = 'one\n\ttwo';
    expect(parseNetwork(buildNetwork({ name: 'n', description })).description).toBe(description);
    expect(refusal(() => buildNetwork({ name: 'n', description: 'a\rb' }))).toContain('U+000D');
  });

  it('writes an existing value unchanged, valid or not, so that the rest can be edited', () => {
    const network = parseNetwork(
      `<network><name>a&#x85;b</name><dns><txt name='t' value='a&#10;&#9;&#13;b'/></dns></network>`,
    );
    const again = parseNetwork(buildNetwork({ ...network, mtu: { size: 1400 } }));
    expect(again).toMatchObject({ name: 'a\u0085b', mtu: { size: 1400 } });
    expect(again.dns?.txts[0]?.value).toBe('a\n\t\rb');
  });

  it.each([
    `'/><x a='`,
    `"/><x a="`,
    ']]>',
    '<![CDATA[x]]>',
    '<!-- x -->',
    '<?x y?>',
    '&',
    '&lt;',
    '&amp;lt;',
    '&#10;',
    '&xxe;',
    '</name></network>',
    '<',
    '>',
    `'"`,
    ' a ',
    '',
  ])('carries %j as a value and nothing else', (value) => {
    const model = (text: string) => ({
      name: text,
      bridge: { name: text },
      dns: { hosts: [{ ip: text, hostnames: [text] }] },
    });
    const written = buildNetwork(model(value));
    expect(parseNetwork(written)).toMatchObject(model(value));
    expect(shape(parseXml(written, 'network').root)).toEqual(shape(parseXml(buildNetwork(model('x')), 'network').root));
  });
});
