import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import stringWidth from 'string-width';
import { readTopologyPage } from '../../../src/observe/topology-page.ts';
import { formatDot } from '../../../src/topology/dot.ts';
import type { Topology } from '../../../src/topology/graph.ts';
import { formatHtml } from '../../../src/topology/html.ts';
import { formatMermaid } from '../../../src/topology/mermaid.ts';
import { formatSvg } from '../../../src/topology/svg.ts';
import { formatText } from '../../../src/topology/text.ts';
import { isElement, type XmlElement } from '../../../src/xml/tree.ts';
import { parseXml } from '../../../src/xml/parser.ts';
import { root } from '../../helpers/host.ts';
import { drawn, hostNames } from './hosts.ts';

const textIn = (topology: Topology, width: number): string =>
  formatText(topology, { width, paint: (_status, text) => text });

const page = readTopologyPage();

const formats: Readonly<Record<string, (topology: Topology) => string>> = {
  txt: (topology) => textIn(topology, 100),
  dot: formatDot,
  mmd: formatMermaid,
  svg: (topology) => formatSvg(topology),
  html: (topology) => formatHtml(topology, page, { host: 'host1', time: new Date(0) }),
};

/** Compares with a file, which `npm run pictures` writes. */
function expectFile(path: string, text: string): void {
  if (process.env['TEST_PICTURES'] === 'write') writeFileSync(`${root}${path}`, text);
  expect(text).toBe(readFileSync(`${root}${path}`, 'utf8'));
}

it.each(['light', 'dark'] as const)("the picture of README is the program's, for a page that is %s", (scheme) => {
  expectFile(`docs/pictures/host1-${scheme}.svg`, formatSvg(drawn('host1'), scheme));
});

describe.each(hostNames)('the drawing of the host %s', (name) => {
  it.each(Object.keys(formats))('is as before in format %s', (format) => {
    expectFile(`fixtures/topology/${name}.${format}`, formats[format]!(drawn(name)));
  });

  it('is a page of less than 150 kB', () => {
    expect(Buffer.byteLength(formats['html']!(drawn(name)))).toBeLessThan(150_000);
  });

  it.each([60, 80, 100, 200])('fits a terminal of %d columns', (width) => {
    const lines = textIn(drawn(name), width).split('\n');
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
  });

  it('names each node in each format', () => {
    const topology = drawn(name);
    for (const format of Object.values(formats)) {
      const text = format(topology);
      const plain = topology.nodes.filter((node) => /^[\w.-]+$/.test(node.name));
      expect(plain.length).toBeGreaterThan(0);
      expect(plain.filter((node) => !text.includes(node.name))).toEqual([]);
    }
  });

  it('is well-formed SVG without overlapping boxes', () => {
    const all = (element: XmlElement): readonly XmlElement[] => [
      element,
      ...element.children.filter(isElement).flatMap(all),
    ];
    const boxes = all(parseXml(formatSvg(drawn(name)), 'svg').root)
      .filter((element) => element.name === 'rect')
      .map(({ attributes }) => {
        const value = (key: string): number => Number(attributes.find((each) => each.name === key)?.value);
        const [x, y] = [value('x'), value('y')];
        return { left: x, top: y, right: x + value('width'), bottom: y + value('height') };
      });
    expect(boxes).toHaveLength(drawn(name).nodes.length);
    const overlaps = boxes.flatMap((a, index) =>
      boxes
        .slice(index + 1)
        .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
        .map((b) => [a, b]),
    );
    expect(overlaps).toEqual([]);
  });
});

it('a drawing of networks that leave by the bridges of each other ends', () => {
  const node = (name: string) =>
    ({ id: `network:${name}`, kind: 'network', name, status: 'up', addresses: [], facts: [] }) as const;
  const edge = (from: string, to: string) =>
    ({
      from: `network:${from}`,
      to: `network:${to}`,
      kind: 'routed',
      label: 'NAT',
      status: 'up',
      addresses: [],
      facts: [],
    }) as const;
  const topology = { nodes: [node('one'), node('two')], edges: [edge('one', 'two'), edge('two', 'one')] };
  const lines = textIn(topology, 80).split('\n');
  expect(lines.filter((line) => line.includes('│ one'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('│ two'))).toHaveLength(1);
});

it('a port that is forwarded is written at its edge, and of several the first', () => {
  const topology = drawn('host1');
  const forward = topology.edges.find(({ kind }) => kind === 'forward')!;
  expect(formatSvg(topology)).toContain('>8080/tcp to 192.168.122.50:80</text>');
  const more = { ...forward, facts: [...forward.facts, '53/udp to 192.168.122.50:53'] };
  const both = { ...topology, edges: topology.edges.map((edge) => (edge === forward ? more : edge)) };
  expect(formatSvg(both)).toContain('>8080/tcp to 192.168.122.50:80 and 1 more</text>');
});

describe('a hostile name', () => {
  it.each(Object.keys(formats))('is text alone in format %s', (format) => {
    const text = formats[format]!(drawn('hostile'));
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
    expect(text).toMatch(/x1b/);
  });

  it('ends no string and no label', () => {
    expect(formatDot(drawn('hostile'))).toContain('[label="\\"]; x -> y; <b>&amp;|#9;\\\\\\"\\\\x1b[31m\\\\u202e"');
    expect(formatMermaid(drawn('hostile'))).not.toMatch(/\["[^"]*[\]<>|&][^"]*"\]/);
    for (const format of [formats['svg']!, formats['html']!])
      expect(format(drawn('hostile'))).not.toMatch(/<(b|img)\b/);
  });

  it('ends neither the data nor the script of the page, and names none of its parts', () => {
    const [hostile, plain] = [drawn('hostile'), drawn('default')].map((topology) => formats['html']!(topology));
    const tags = (text: string): readonly string[] => text.match(/<\/?script|<!--/g) ?? [];
    expect(tags(hostile!)).toEqual(tags(plain!));
    expect(hostile).toContain('{{script}}$&amp;');
  });
});
