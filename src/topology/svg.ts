/** Topology -> SVG, without a browser: boxes in columns, and curves between them. @see https://www.w3.org/TR/SVG2/ */
import stringWidth from 'string-width';
import { printable } from '../values/printable.ts';
import { serialize } from '../xml/serialize.ts';
import type { XmlElement, XmlNode } from '../xml/tree.ts';
import { linesOf } from './dot.ts';
import type { Topology, TopologyEdge, TopologyNode } from './graph.ts';
import { layoutOf, type Layout, type Place } from './layout.ts';

/** Pixels: a character of the font, a line, and the space around the text of a box. */
const text = { character: 7.5, line: 17, padding: 10 } as const;

/** Characters of a line of a box at most. */
const longest = 40;

/** Colors follow the reader's color scheme, also in a picture that another page shows. */
const style = `text{font:12px monospace;fill:#222}.name{font-weight:bold}.label{font-size:11px;fill:#555}
rect{fill:#fff;stroke:#555}.network rect{fill:#eef5ff}.bridge rect{fill:#f3f0ff}.vm rect{fill:#effaf0}
path{fill:none;stroke:#555;stroke-width:1.5}.routed path{stroke-dasharray:6 4}.forward path{stroke-dasharray:2 4}
.off{opacity:.55}.broken rect,.broken path{stroke:#c00;stroke-width:2}.broken text{fill:#c00}
@media(prefers-color-scheme:dark){text{fill:#eee}.label{fill:#bbb}rect{fill:#222;stroke:#aaa}.network rect{fill:#1b2a40}
.bridge rect{fill:#2a2440}.vm rect{fill:#1b3320}path{stroke:#aaa}.broken text{fill:#ff7b72}.broken rect,.broken path{stroke:#ff7b72}}`;

export function formatSvg(topology: Topology): string {
  const layout = layoutOf(topology, sizeOf);
  const size = { width: layout.width, height: layout.height };
  return serialize(
    element(
      'svg',
      { xmlns: 'http://www.w3.org/2000/svg', ...size, viewBox: `0 0 ${String(size.width)} ${String(size.height)}` },
      [
        element('title', {}, [words('Network of this host, by kvmnet')]),
        element('style', {}, [words(style)]),
        ...topology.edges.flatMap((edge) => edgeGroup(edge, layout)),
        ...topology.nodes.flatMap((node) => nodeGroup(node, layout)),
      ],
    ),
  );
}

function boxLines(node: TopologyNode): readonly string[] {
  return linesOf(node, node.name).map((line) => (line.length > longest ? `${line.slice(0, longest - 1)}…` : line));
}

function sizeOf(node: TopologyNode): { readonly width: number; readonly height: number } {
  const lines = boxLines(node);
  const widest = Math.max(...lines.map((line) => stringWidth(line)));
  return {
    width: Math.ceil(widest * text.character) + 2 * text.padding,
    height: lines.length * text.line + 2 * text.padding,
  };
}

function nodeGroup(node: TopologyNode, { places }: Layout): readonly XmlElement[] {
  const place = places.get(node.id);
  if (place === undefined) return [];
  const { x, y, width, height } = place;
  const lines = boxLines(node).map((line, index) =>
    element(
      'text',
      {
        x: x + text.padding,
        y: y + text.padding + (index + 0.75) * text.line,
        ...(index === 0 ? { class: 'name' } : {}),
      },
      [words(line)],
    ),
  );
  const title = element('title', {}, [words([node.kind, ...linesOf(node, node.name)].join('\n'))]);
  return [
    element('g', { class: `${node.kind} ${node.status}`, 'data-id': node.id }, [
      title,
      element('rect', { x, y, width, height, rx: 6 }),
      ...lines,
    ]),
  ];
}

function edgeGroup(edge: TopologyEdge, { places }: Layout): readonly XmlElement[] {
  const [from, to] = [places.get(edge.from), places.get(edge.to)];
  if (from === undefined || to === undefined) return [];
  const [start, end] = [exitOf(from), { x: to.x, y: middleOf(to) }];
  const bend = Math.max(40, (end.x - start.x) / 2);
  const path = `M${point(start)} C${point({ x: start.x + bend, y: start.y })} ${point({ x: end.x - bend, y: end.y })} ${point(end)}`;
  const label = edge.label ?? '';
  return [
    element('g', { class: `${edge.kind} ${edge.status}`, 'data-from': edge.from, 'data-to': edge.to }, [
      element('title', {}, [words(linesOf(edge, label).join('\n'))]),
      element('path', { d: path }),
      // Next to the upper end, where no other edge ends.
      ...(label === ''
        ? []
        : [element('text', { class: 'label', x: end.x - 6, y: end.y - 5, 'text-anchor': 'end' }, [words(label)])]),
    ]),
  ];
}

function exitOf(place: Place): Point {
  return { x: place.x + place.width, y: middleOf(place) };
}

function middleOf({ y, height }: Place): number {
  return y + height / 2;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function point({ x, y }: Point): string {
  return `${String(x)},${String(y)}`;
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly XmlNode[] = [],
): XmlElement {
  const list = Object.entries(attributes).map(([key, value]) => ({ name: key, value: printable(String(value)) }));
  return { kind: 'element', name, attributes: list, children };
}

function words(content: string): XmlNode {
  return { kind: 'text', text: content };
}
