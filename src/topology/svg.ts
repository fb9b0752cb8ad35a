/** Topology -> SVG, without a browser: boxes in columns, and curves between them. @see https://www.w3.org/TR/SVG2/ */
import stringWidth from 'string-width';
import { groupBy } from '../values/group-by.ts';
import { printable } from '../values/printable.ts';
import type { Topology, TopologyEdge, TopologyNode } from './graph.ts';
import { cut, linesOf } from './labels.ts';
import { layoutOf, type Layout, type Place, type Size } from './layout.ts';
import { element, words } from './markup.ts';
import { styleOf, type ColorScheme } from './style.ts';

/** Pixels: a character of the font and of a label's, a line, and the space around the text of a box. */
const text = { character: 7.5, labelCharacter: 6.9, line: 17, padding: 10 } as const;

/** Columns of a line of a box at most. */
const longest = 40;

/** Draws a topology as a picture of its own. */
export function formatSvg(topology: Topology, scheme: ColorScheme = 'auto'): string {
  return `${drawSvg(topology, element('style', {}, [words(styleOf(scheme))]))}\n`;
}

/** @param style an element with the look; none where a page has it */
export function drawSvg(topology: Topology, style = ''): string {
  const arriving = groupBy(topology.edges, ({ to }) => to);
  const linesIn = (node: TopologyNode): readonly string[] => boxLines(node, arriving.get(node.id) ?? []);
  const layout = layoutOf(topology, {
    sizeOf: (node) => sizeOf(linesIn(node), arriving.get(node.id)?.length ?? 0),
    labelWidthOf: (edge) => Math.ceil(stringWidth(labelOf(edge)) * text.labelCharacter),
  });
  const { width, height } = layout;
  const viewBox = `0 0 ${String(width)} ${String(height)}`;
  return element('svg', { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox }, [
    element('title', {}, [words('Network of this host, by kvmnet')]),
    style,
    ...[...arriving.values()].flatMap((edges) => edgeGroups(edges, layout)),
    ...topology.nodes.flatMap((node) => nodeGroup(node, linesIn(node), layout)),
  ]);
}

/** The lines of a box; a guest has its addresses in it, which belong to its NICs. */
function boxLines(node: TopologyNode, arriving: readonly TopologyEdge[]): readonly string[] {
  const own = node.kind === 'vm' ? arriving.flatMap(({ addresses }) => addresses) : [];
  return linesOf({ ...node, addresses: [...node.addresses, ...own] }, node.name).map((line) => cut(line, longest));
}

/** @param arriving how many edges end at the box: their labels need a line each */
function sizeOf(lines: readonly string[], arriving: number): Size {
  const widest = Math.max(...lines.map((line) => stringWidth(line)));
  return {
    width: Math.ceil(widest * text.character) + 2 * text.padding,
    height: Math.max(lines.length, arriving) * text.line + 2 * text.padding,
  };
}

function nodeGroup(node: TopologyNode, lines: readonly string[], { places }: Layout): readonly string[] {
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
function edgeGroups(edges: readonly TopologyEdge[], { places }: Layout): readonly string[] {
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

function edgeGroup(edge: TopologyEdge, start: Point, end: Point): string {
  const bend = Math.max(40, (end.x - start.x) / 2);
  const path = `M${point(start)} C${point({ x: start.x + bend, y: start.y })} ${point({ x: end.x - bend, y: end.y })} ${point(end)}`;
  const label = labelOf(edge);
  return element('g', { class: `${edge.kind} ${edge.status}`, 'data-from': edge.from, 'data-to': edge.to }, [
    element('title', {}, [words(linesOf(edge, edge.label).join('\n'))]),
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

/** The words next to an edge; where it is for several forwards, the first of them. */
function labelOf({ kind, label, facts }: TopologyEdge): string {
  const [first = '', ...others] = kind === 'forward' ? facts : [];
  return printable(label ?? (others.length === 0 ? first : `${first} and ${String(others.length)} more`));
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
