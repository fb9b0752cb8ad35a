import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KvmnetError } from '../../../src/errors.ts';
import { arrange } from '../../../src/xml/arrange.ts';
import { buildInterface, buildNetwork } from '../../../src/xml/build.ts';
import { nic, parseInterface } from '../../../src/xml/interface.ts';
import { differences } from '../../../src/xml/meaning.ts';
import { network, parseNetwork } from '../../../src/xml/network.ts';
import { parseXml } from '../../../src/xml/parser.ts';
import { serialize } from '../../../src/xml/serialize.ts';
import type { Fields } from '../../../src/xml/table.ts';
import type { XmlElement, XmlNode } from '../../../src/xml/tree.ts';
import { checkWellFormed } from '../../../src/xml/wellformed.ts';
import { byHand } from './fixture.ts';
import { anyText, isXmlText, xmlText, fitText, modelOf } from './arbitrary.ts';

const numRuns = 150;

/** The result of an action; undefined if it refuses its input. */
function refusedOr<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof KvmnetError && error.code === 'INPUT') return undefined;
    throw error;
  }
}

function isXml(value: unknown): boolean {
  if (typeof value === 'string') return isXmlText(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isXml);
}

interface Codec {
  readonly fields: Fields;
  readonly write: (model: object) => string;
  readonly read: (xml: string) => object;
}

const codecs: readonly (readonly [string, Codec])[] = [
  [
    'network',
    {
      fields: network.fields,
      write: (model) => buildNetwork(model as Parameters<typeof buildNetwork>[0]),
      read: (xml) => byHand(parseNetwork(xml)),
    },
  ],
  [
    'interface',
    {
      fields: nic.fields,
      write: (model) => buildInterface(model as Parameters<typeof buildInterface>[0]),
      read: (xml) => byHand(parseInterface(xml)),
    },
  ],
];

describe('any model that is made by hand', () => {
  it.each(codecs)('of fit text reads back as the same %s', (_, { fields, write, read }) => {
    let accepted = 0;
    fc.assert(
      fc.property(modelOf(fields, fitText), (model) => {
        const written = refusedOr(() => write(model));
        if (written === undefined) return;
        accepted += 1;
        expect(read(written)).toEqual(model);
      }),
      { numRuns },
    );
    expect(accepted).toBe(numRuns);
  });

  it.each(codecs)('of other text is refused: %s', (_, { fields, write }) => {
    let refused = 0;
    fc.assert(
      fc.property(
        modelOf(fields, anyText).filter((model) => !isXml(model)),
        (model) => {
          if (refusedOr(() => write(model)) === undefined) refused += 1;
        },
      ),
      { numRuns },
    );
    expect(refused).toBe(numRuns);
  });

  it('never has more elements and attributes than it was given, whatever the text', () => {
    fc.assert(
      fc.property(fitText, (text) => {
        const written = buildNetwork({
          name: text,
          bridge: { name: text },
          dns: { txts: [{ name: text, value: text }] },
        });
        expect(byHand(parseNetwork(written))).toEqual({
          name: text,
          bridge: { name: text },
          dns: { forwarders: [], txts: [{ name: text, value: text }], srvs: [], hosts: [] },
          ips: [],
          routes: [],
          portgroups: [],
        });
      }),
      { numRuns: 500 },
    );
  });
});

const uris = fc.constantFrom('urn:a', 'urn:b');
const attributes = fc
  .uniqueArray(
    fc.oneof(
      fc.record({ name: fc.constantFrom('x', 'y'), value: anyText }),
      fc.record({ name: fc.constantFrom('xmlns:p', 'xmlns:q', 'xmlns'), value: uris }),
    ),
    { selector: ({ name }) => name, maxLength: 4 },
  )
  .filter((list) => list.every(({ value }) => isXmlText(value)));

/** Any tree, with prefixes that are declared, redeclared, or not declared at all. */
const { tree } = fc.letrec<{ tree: XmlElement; node: XmlNode }>((tie) => ({
  tree: fc.record({
    kind: fc.constant('element' as const),
    name: fc.constantFrom('a', 'b', 'p:a', 'q:a'),
    attributes,
    children: fc.array(tie('node'), { maxLength: 4 }),
  }),
  node: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.record({ kind: fc.constant('text' as const), text: xmlText }),
    tie('tree'),
  ),
}));

/** Names with their full namespaces: the meaning of a document, whatever its prefixes and where they are declared. */
function expanded(element: XmlElement, outer: Readonly<Record<string, string>> = {}): unknown {
  const scope = { ...outer };
  for (const { name, value } of element.attributes) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) scope[name.slice(6)] = value;
  }
  const prefix = element.name.includes(':') ? element.name.slice(0, 1) : '';
  const children: unknown[] = [];
  for (const child of element.children) {
    if (child.kind === 'element') children.push(expanded(child, scope));
    else if (child.kind === 'text' && child.text !== '') children.push(child.text);
  }
  return {
    name: [scope[prefix] ?? prefix, element.name.replace(/^.*:/, '')],
    attributes: element.attributes.filter(({ name }) => !name.startsWith('xmlns')),
    children: children.reduce<unknown[]>((list, child) => {
      const last = list.at(-1);
      return typeof child === 'string' && typeof last === 'string'
        ? [...list.slice(0, -1), last + child]
        : [...list, child];
    }, []),
  };
}

describe('any tree', () => {
  it('that is written reads back as the same tree, in the same namespaces', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const written = serialize(root);
        checkWellFormed(written);
        expect(expanded(parseXml(written, root.name).root)).toEqual(expanded(root));
      }),
      { numRuns: 500 },
    );
  });
});

describe('any text', () => {
  it('is refused as a document, or reads and writes without another error', () => {
    const tokens = fc.constantFrom(
      ...[
        '<network>',
        '</network>',
        '<name>',
        '</name>',
        '<ip ',
        `prefix='24'`,
        `x="`,
        '/>',
        '>',
        '<!--',
        '-->',
        '<![CDATA[',
      ],
      ...[
        ']]>',
        '<?a',
        '?>',
        '&amp;',
        '&#10;',
        '&',
        'text',
        ' ',
        '\n',
        '“',
        'xmlns:a="b"',
        '<a:b>',
        '</a:b>',
        '<metadata>',
        '</metadata>',
      ],
    );
    const soup = fc.array(tokens, { maxLength: 12 }).map((list) => list.join(''));
    const wrapped = soup.map((inside) => `<network><name>n</name>${inside}</network>`);
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), soup, wrapped), (xml) => {
        const model = refusedOr(() => parseNetwork(xml));
        if (model === undefined) return;
        accepted += 1;
        const again = parseNetwork(buildNetwork(model));
        expect({ ...byHand(again), metadata: '' }).toEqual({ ...byHand(model), metadata: '' });
        expect(differences(model, again)).toEqual([]);
      }),
      { numRuns: 3000 },
    );
    // A document of one piece of text is accepted, and many of them are generated.
    expect(accepted).toBeGreaterThan(100);
  });
});

describe('arranging children', () => {
  const element = (name: string): XmlElement => ({ kind: 'element', name, attributes: [], children: [] });

  it('keeps what stays in order, has all items in their order, and drops none of the others', () => {
    const scenario = fc
      .record({
        had: fc.integer({ min: 0, max: 6 }),
        wanted: fc.array(fc.option(fc.nat({ max: 5 })), { maxLength: 8 }),
      })
      .filter(({ had, wanted }) => wanted.every((index) => index === null || index < had));
    fc.assert(
      fc.property(scenario, ({ had, wanted }) => {
        const slots = Array.from({ length: had }, (_, index) => element(`old${String(index)}`));
        const children = slots.flatMap((slot): XmlNode[] => [{ kind: 'comment', text: slot.name }, slot]);
        const items = wanted.map((index) => ({
          element: element('new'),
          origin: index === null ? undefined : slots[index],
        }));
        const result = arrange(children, [{ rank: 0, slots, items }]);
        expect(result.filter((node) => node.kind === 'element')).toEqual(items.map((item) => item.element));
        result
          .filter((node) => node.kind === 'element')
          .forEach((node, index) => expect(node).toBe(items[index]?.element));
        expect(result.filter((node) => node.kind === 'comment')).toEqual(
          children.filter((node) => node.kind === 'comment'),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
