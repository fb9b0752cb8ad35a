/** Topology -> SVG, without a browser: boxes in columns, and curves between them. @see https://www.w3.org/TR/SVG2/ */
import { groupBy } from '../values/group-by.ts';
import { printable } from '../values/printable.ts';
import type { Topology, TopologyEdge, TopologyNode } from './graph.ts';
import { cut, linesOf, widthOf } from './labels.ts';
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
    labelWidthOf,
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
  const widest = Math.max(...lines.map((line) => widthOf(line)));
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
function edgeGroups(edges: readonly TopologyEdge[], { places, passages }: Layout): readonly string[] {
  const known = edges.flatMap((edge) => {
    const [from, to] = [places.get(edge.from), places.get(edge.to)];
    return from === undefined || to === undefined ? [] : [{ edge, to, stops: [from, ...(passages.get(edge) ?? [])] }];
  });
  const widest = edges.reduce((most, edge) => Math.max(most, labelWidthOf(edge)), 0);
  const lastY = (stops: readonly Place[]): number => stops.slice(-1).reduce((_, stop) => middleOf(stop), 0);
  return known
    .toSorted((left, right) => lastY(left.stops) - lastY(right.stops))
    .map(({ edge, stops, to }, index) =>
      edgeGroup(edge, stops, {
        x: to.x,
        y: to.y + (to.height * (index + 1)) / (known.length + 1),
        straight: widest + 6,
      }),
    );
}

/** The upper end of an edge, and how many pixels the edge is straight before it, as long as the labels of that box are. */
interface End extends Point {
  readonly straight: number;
}

/** @param stops the box where the edge begins, and its places in the columns that it passes */
function edgeGroup(edge: TopologyEdge, stops: readonly Place[], end: End): string {
  const label = labelOf(edge);
  return element('g', { class: `${edge.kind} ${edge.status}`, 'data-from': edge.from, 'data-to': edge.to }, [
    element('title', {}, [words(linesOf(edge, edge.label).join('\n'))]),
    element('path', { d: pathOf(stops, end) }),
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

/** A curve to each stop, and straight across its column. */
function pathOf([first, ...stops]: readonly Place[], end: End): string {
  if (first === undefined) return '';
  const start = { x: first.x + first.width, y: middleOf(first) };
  const arrivals = [
    ...stops.map((stop) => ({ x: stop.x, y: middleOf(stop), straight: stop.width })),
    { ...end, x: end.x - end.straight },
  ];
  let from: Point = start;
  const parts = arrivals.map(({ x, y, straight }) => {
    const bend = Math.max(40, (x - from.x) / 2);
    const curve = `C${point({ x: from.x + bend, y: from.y })} ${point({ x: x - bend, y })} ${point({ x, y })}`;
    from = { x: x + straight, y };
    return `${curve} H${rounded(from.x)}`;
  });
  return `M${point(start)} ${parts.join(' ')}`;
}

/** The words next to an edge; where it is for several forwards, the first of them. */
function labelOf({ kind, label, facts }: TopologyEdge): string {
  const [first = '', ...others] = kind === 'forward' ? facts : [];
  return printable(label ?? (others.length === 0 ? first : `${first} and ${String(others.length)} more`));
}

function labelWidthOf(edge: TopologyEdge): number {
  return Math.ceil(widthOf(labelOf(edge)) * text.labelCharacter);
}

function middleOf({ y, height }: Place): number {
  return y + height / 2;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function point({ x, y }: Point): string {
  return `${rounded(x)},${rounded(y)}`;
}

function rounded(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}
