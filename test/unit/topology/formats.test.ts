import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import stringWidth from 'string-width';
import { topologyOf } from '../../../src/topology/build.ts';
import { formatDot } from '../../../src/topology/dot.ts';
import type { Topology } from '../../../src/topology/graph.ts';
import { formatMermaid } from '../../../src/topology/mermaid.ts';
import { formatSvg } from '../../../src/topology/svg.ts';
import { formatText } from '../../../src/topology/text.ts';
import { isElement, type XmlElement } from '../../../src/xml/tree.ts';
import { parseXml } from '../../../src/xml/parser.ts';
import { root } from '../../helpers/host.ts';
import { hosts, moment } from './hosts.ts';

const textIn = (topology: Topology, width: number): string =>
  formatText(topology, { width, paint: (_status, text) => text });

const formats: Readonly<Record<string, (topology: Topology) => string>> = {
  txt: (topology) => textIn(topology, 100),
  dot: formatDot,
  mmd: formatMermaid,
  svg: formatSvg,
};

const names = Object.keys(hosts) as (keyof typeof hosts)[];
const drawn = (name: keyof typeof hosts): Topology =>
  topologyOf(hosts[name].state, { nat: hosts[name].nat, ...moment });

describe.each(names)('the drawing of the host %s', (name) => {
  it.each(Object.keys(formats))('is as before in format %s', (format) => {
    expect(formats[format]!(drawn(name))).toBe(readFileSync(`${root}fixtures/topology/${name}.${format}`, 'utf8'));
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

describe('a hostile name', () => {
  it.each(Object.keys(formats))('is text alone in format %s', (format) => {
    const text = formats[format]!(drawn('hostile'));
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
    expect(text).toMatch(/x1b/);
  });

  it('ends no string and no label', () => {
    expect(formatDot(drawn('hostile'))).toContain('[label="\\"]; x -> y; <b>&amp;|#9;\\\\\\"\\\\x1b[31m\\\\u202e"');
    expect(formatMermaid(drawn('hostile'))).not.toMatch(/\["[^"]*[\]<>|&][^"]*"\]/);
    expect(formatSvg(drawn('hostile'))).not.toContain('<b>');
  });
});
