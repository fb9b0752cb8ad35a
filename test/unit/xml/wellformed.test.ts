import { describe, expect, it } from '@jest/globals';
import { KvmnetError } from '../../../src/errors.ts';
import { buildNetwork } from '../../../src/xml/build.ts';
import { parseNetwork } from '../../../src/xml/network.ts';

const deep = (levels: number): string =>
  `<network><name>x</name>${'<a>'.repeat(levels)}${'</a>'.repeat(levels)}</network>`;

/** The fault, the document, and a pattern of the message. */
const bad: readonly (readonly [what: string, xml: string, message: string])[] = [
  ['nothing', '', 'the XML is empty'],
  ['only white space', ' \n\t ', 'the XML is empty'],
  ['only a comment', '<!-- x -->', 'has no element'],
  ['what is not XML', 'name: keennet', 'this is not XML (line 1, column 1)'],
  [
    'a document cut off between elements',
    '<network>\n  <name>x</name>\n',
    '<network> is never closed (line 1, column 1)',
  ],
  ['a document cut off in a closing tag', '<network><name>x</na', '</na is not closed with > (line 1, column 21)'],
  ['a document cut off in a name', '<network', '<network is never closed'],
  ['a document cut off in a value', "<network ipv6='ye", 'has a value that is never closed'],
  [
    'a closing tag of another element',
    '<network>\n<name>x</nam></network>',
    '</nam> does not close <name> of line 2, column 1',
  ],
  ['a closing tag too much', '<network/></network>', '</network> closes nothing'],
  ['a closing tag with an attribute', "<network></network a='1'>", '</network is not closed with >'],
  ['two roots', '<network/>\n<network/>', 'a second root element after <network> (line 2, column 1)'],
  ['text after the root', '<network/>garbage', 'the XML has text after </network> (line 1, column 11)'],
  ['text before the root', 'x<network/>', 'before the root element'],
  ['a CDATA section outside the root', '<network/><![CDATA[x]]>', 'outside the root element'],
  ['an attribute twice', "<network ipv6='yes' ipv6='no'/>", 'has the attribute ipv6 twice (line 1, column 21)'],
  ['attributes without a space', "<network a='1'b='2'/>", 'a space or > should be'],
  ['an attribute without quotes', '<network ipv6=yes/>', 'has a value without quotes'],
  ['an attribute without value', '<network ipv6/>', 'has no value'],
  ['< in a value', "<network a='<'/>", 'has < in its value'],
  ['a bare & in text', '<network><name>a & b</name></network>', 'the XML has an unescaped & (line 1, column 18)'],
  ['a bare & in a value', "<network a='x&y'/>", 'the XML has an unescaped &'],
  ['an entity of HTML', '<network><name>&nbsp;</name></network>', 'the entity &nbsp; is not known'],
  ['an unknown entity in a value', "<network a='&xxe;'/>", 'the entity &xxe; is not known'],
  ['a reference to NUL', '<network>&#0;</network>', '&#0; is not a character of XML'],
  ['a reference to half a character', '<network>&#xD800;</network>', '&#xD800; is not a character of XML'],
  ['a reference beyond Unicode', '<network>&#99999999;</network>', 'is not a character of XML'],
  [']]> in text', '<network>]]></network>', 'the text has ]]>'],
  ['-- in a comment', '<network><!-- a -- b --></network>', 'a comment has --'],
  ['a comment that is not closed', '<network><!-- a </network>', 'a comment is not closed'],
  ['a CDATA section that is not closed', '<network><![CDATA[ a </network>', 'a CDATA section is not closed'],
  ['a processing instruction that is not closed', '<network><?a b </network>', 'is not closed'],
  ['a declaration that is not first', ' <?xml version="1.0"?><network/>', 'must be the very first thing'],
  ['a malformed declaration', '<?xml vers="1.0"?><network/>', 'declaration is malformed'],
  ['another encoding', '<?xml version="1.0" encoding="ISO-8859-1"?><network/>', 'declares the encoding ISO-8859-1'],
  ['a DOCTYPE', '<!DOCTYPE network SYSTEM "x.dtd"><network/>', 'DOCTYPE and other declarations are not accepted'],
  ['an internal entity', '<!DOCTYPE n [<!ENTITY a "b">]><network/>', 'DOCTYPE and other declarations are not accepted'],
  ['a space before a name', '< network/>', 'a name is missing here (line 1, column 2)'],
  ['a name with two colons', '<a:b:c/>', 'too many colons'],
  ['NUL', '<network>\0</network>', 'the character U+0000 is not allowed in XML (line 1, column 10)'],
  ['a control character', '<network>\u0007</network>', 'the character U+0007 is not allowed'],
  ['half a character', '<network>\uD83D</network>', 'the character U+D83D is not allowed'],
  ['a non-character', '<network>\uFFFF</network>', 'the character U+FFFF is not allowed'],
  ['more than 256 levels', deep(256), 'nested deeper than 256 levels'],
  ['more than 4 MiB of letters', `<network>${'x'.repeat(4 * 1024 * 1024)}</network>`, 'larger than 4 MiB'],
  ['more than 4 MiB of bytes', `<network>${'é'.repeat(2.1 * 1024 * 1024)}</network>`, 'larger than 4 MiB'],
  ['another root', '<domain><name>x</name></domain>', 'the XML is a <domain>, not a <network>'],
];

function errorOf(xml: string): KvmnetError {
  try {
    parseNetwork(xml);
  } catch (error) {
    if (error instanceof KvmnetError) return error;
    throw error;
  }
  throw new Error('the document was accepted');
}

describe('reading XML', () => {
  it.each(bad)('refuses %s', (_what, xml, message) => {
    const error = errorOf(xml);
    expect(error.code).toBe('INPUT');
    expect(error.message).toContain(message);
  });

  it.each([
    ['“…”', '<network>\n  <bridge name=“keenbr0” stp=“on”/>\n</network>', '“', 'line 2, column 16'],
    ['‘…’', '<network><bridge name=‘keenbr0’/></network>', '‘', 'line 1, column 23'],
    ['„…“', '<network><bridge name=„keenbr0“/></network>', '„', 'line 1, column 23'],
    ['«…»', '<network><bridge name=«keenbr0»/></network>', '«', 'line 1, column 23'],
    [
      'a value that begins right and ends wrong',
      "<network>\n<bridge name='a’ stp='on'/></network>",
      '’',
      'line 2, column 16',
    ],
    ['a declaration', '<?xml version=“1.0”?><network/>', '“', 'line 1, column 15'],
  ])('reports that typographic quotes were pasted: %s', (_what, xml, quote, place) => {
    const error = errorOf(xml);
    expect(error.message).toContain(`pasted from a web page`);
    expect(error.message).toContain(`typographic quote ${quote}`);
    expect(error.message).toContain(place);
    expect(error.hint).toContain('replace the quotes');
  });

  it('reports that a document may be cut off', () => {
    expect(errorOf('<network><name>x</name>').hint).toContain('cut off');
    expect(errorOf('<network><name>x</name').hint).toContain('cut off');
  });

  it('takes typographic quotes inside a value and in text', () => {
    const network = parseNetwork(`<network><name>the “best”</name><title>l’été</title><bridge zone='«z»'/></network>`);
    expect(network).toMatchObject({ name: 'the “best”', title: 'l’été', bridge: { zone: '«z»' } });
  });

  it('takes 255 levels, a byte order mark, a declaration, and Windows line ends', () => {
    expect(parseNetwork(deep(255)).name).toBe('x');
    const xml =
      '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\r\n<network>\r\n<name>x</name><description>a\r\nb</description></network>\r\n';
    expect(parseNetwork(xml)).toMatchObject({ name: 'x', description: 'a\nb' });
  });

  it('takes both kinds of quotes, spaces around =, and > in a value', () => {
    const xml = `<network\n><name >x</name ><bridge name = "br'0"\tzone='a>b"c'\n/></network>`;
    expect(parseNetwork(xml).bridge).toMatchObject({ name: "br'0", zone: 'a>b"c' });
  });

  it('decodes the five entities and references by number, once', () => {
    const xml = `<network><name>&amp;lt; &lt;&gt;&quot;&apos;&#65;&#x1F600;</name><bridge zone='&amp;#65;&#10;'/></network>`;
    expect(parseNetwork(xml)).toMatchObject({ name: `&lt; <>"'A😀`, bridge: { zone: '&#65;\n' } });
  });

  it('reads a line break in a value as a space, as XML specifies', () => {
    expect(parseNetwork(`<network><name>x</name><bridge zone='a\n\tb'/></network>`).bridge?.zone).toBe('a  b');
  });

  it('reads CDATA as text', () => {
    expect(parseNetwork('<network><name><![CDATA[a<b>&amp;]]></name></network>').name).toBe('a<b>&amp;');
  });

  it('has attributes named like parts of JavaScript', () => {
    const xml = `<network __proto__='1' constructor='2' toString='3'><name>x</name></network>`;
    expect(parseNetwork(xml).name).toBe('x');
    expect(Object.getPrototypeOf(parseNetwork(xml))).toBe(Object.prototype);
  });

  it.each(['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'])(
    'has elements named %s, and writes them back as they were',
    (name) => {
      const mine = `<a:${name} xmlns:a="urn:a">1</a:${name}><${name} ${name}="2">3<!-- <${name}> --><![CDATA[<${name}>]]><${name}/></${name}>`;
      const xml = `<network><name>${name}</name><metadata>${mine}</metadata><${name}x/></network>`;
      expect(parseNetwork(xml)).toMatchObject({ name, metadata: mine });
      expect(buildNetwork({ ...parseNetwork(xml), name: 'other' }).replaceAll(/\n */g, '')).toBe(
        xml.replace(`<name>${name}`, '<name>other'),
      );
    },
  );
});
