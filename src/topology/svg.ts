/** Topology -> SVG, without a browser: boxes in columns, and curves between them. @see https://www.w3.org/TR/SVG2/ */
import stringWidth from 'string-width';
import { groupBy } from '../values/group-by.ts';
import { printable } from '../values/printable.ts';
import { serialize } from '../xml/serialize.ts';
import type { XmlElement, XmlNode } from '../xml/tree.ts';
import { linesOf } from './dot.ts';
import type { Topology, TopologyEdge, TopologyNode } from './graph.ts';
import { layoutOf, type Layout, type Place, type Size } from './layout.ts';

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
  const arriving = groupBy(topology.edges, ({ to }) => to);
  const linesIn = (node: TopologyNode): readonly string[] => boxLines(node, arriving.get(node.id) ?? []);
  const layout = layoutOf(topology, (node) => sizeOf(linesIn(node), arriving.get(node.id)?.length ?? 0));
  const { width, height } = layout;
  const viewBox = `0 0 ${String(width)} ${String(height)}`;
  return serialize(
    element('svg', { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox }, [
      element('title', {}, [words('Network of this host, by kvmnet')]),
      element('style', {}, [words(style)]),
      ...[...arriving.values()].flatMap((edges) => edgeGroups(edges, layout)),
      ...topology.nodes.flatMap((node) => nodeGroup(node, linesIn(node), layout)),
    ]),
  );
}

/** The lines of a box; a guest has its addresses in it, which belong to its NICs. */
function boxLines(node: TopologyNode, arriving: readonly TopologyEdge[]): readonly string[] {
  const own = node.kind === 'vm' ? arriving.flatMap(({ addresses }) => addresses) : [];
  return linesOf({ ...node, addresses: [...node.addresses, ...own] }, node.name).map((line) =>
    line.length > longest ? `${line.slice(0, longest - 1)}…` : line,
  );
}

/** @param arriving how many edges end at the box: their labels need a line each */
function sizeOf(lines: readonly string[], arriving: number): Size {
  const widest = Math.max(...lines.map((line) => stringWidth(line)));
  return {
    width: Math.ceil(widest * text.character) + 2 * text.padding,
    height: Math.max(lines.length, arriving) * text.line + 2 * text.padding,
  };
}

function nodeGroup(node: TopologyNode, lines: readonly string[], { places }: Layout): readonly XmlElement[] {
  const place = places.get(node.id);
  if (place === undefined) return [];
  const { x, y, width, height } = place;
  const texts = lines.map((line, index) =>
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
      ...texts,
    ]),
  ];
}

/** Draws the edges that end at one box, each at a place of its own: the higher it comes from, the higher. */
function edgeGroups(edges: readonly TopologyEdge[], { places }: Layout): readonly XmlElement[] {
  const known = edges.flatMap((edge) => {
    const [from, to] = [places.get(edge.from), places.get(edge.to)];
    return from === undefined || to === undefined ? [] : [{ edge, start: exitOf(from), to }];
  });
  return known
    .toSorted((left, right) => left.start.y - right.start.y)
    .map(({ edge, start, to }, index) =>
      edgeGroup(edge, start, { x: to.x, y: to.y + (to.height * (index + 1)) / (known.length + 1) }),
    );
}

function edgeGroup(edge: TopologyEdge, start: Point, end: Point): XmlElement {
  const bend = Math.max(40, (end.x - start.x) / 2);
  const path = `M${point(start)} C${point({ x: start.x + bend, y: start.y })} ${point({ x: end.x - bend, y: end.y })} ${point(end)}`;
  const label = printable(edge.label ?? '');
  return element('g', { class: `${edge.kind} ${edge.status}`, 'data-from': edge.from, 'data-to': edge.to }, [
    element('title', {}, [words(linesOf(edge, label).join('\n'))]),
    element('path', { d: path }),
    // Next to the upper end, where no other edge ends.
    ...(label === ''
      ? []
      : [
          element('text', { class: 'label', x: end.x - 6, y: Math.round(end.y - 5), 'text-anchor': 'end' }, [
            words(label),
          ]),
        ]),
  ]);
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
  return [x, y].map((each) => String(Math.round(each * 10) / 10)).join(',');
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
