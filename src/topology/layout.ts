/** Places for the nodes of a topology: ranks from left to right, each rank a column. */
import { groupBy } from '../values/group-by.ts';
import { rankOf, type Topology, type TopologyEdge, type TopologyNode } from './graph.ts';

/** A rectangle in pixels; `x` and `y` are its upper left corner. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly places: ReadonlyMap<string, Place>;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels: between two columns at least, around the label of an edge there, between two nodes of a column, and around all. */
const spacing = { column: 170, label: 24, row: 18, margin: 16 } as const;

/** How often each column is sorted by the places of its neighbors. */
const sweeps = 4;

/** Pixels. */
export interface Measures {
  readonly sizeOf: (node: TopologyNode) => Size;
  /** Of the label that stands before the upper end of an edge. */
  readonly labelWidthOf: (edge: TopologyEdge) => number;
}

/** Places each rank of nodes in a column. Nodes of a column are in the order of the nodes that they are connected to, so that few edges cross. */
export function layoutOf({ nodes, edges }: Topology, { sizeOf, labelWidthOf }: Measures): Layout {
  // The nodes of a topology are in the order of their ranks.
  let columns: Columns = [...groupBy(nodes, ({ kind }) => rankOf(kind)).values()];
  const neighbors = neighborsOf(edges);
  for (let sweep = 0; sweep < sweeps; sweep += 1) columns = sorted(columns, neighbors, sweep % 2 === 0);
  const arriving = groupBy(edges, ({ to }) => to);
  const gapBefore = (column: readonly TopologyNode[]): number => {
    const labels = column.flatMap(({ id }) => (arriving.get(id) ?? []).map(labelWidthOf));
    return labels.reduce((most, width) => Math.max(most, width + spacing.label), spacing.column);
  };
  return placed(columns, sizeOf, gapBefore);
}

function neighborsOf(edges: Topology['edges']): ReadonlyMap<string, readonly string[]> {
  const pairs = edges.flatMap(({ from, to }) => [
    [from, to],
    [to, from],
  ]);
  const groups = groupBy(pairs, ([id = '']) => id);
  return new Map([...groups].map(([id, group]) => [id, group.map(([, other = '']) => other)]));
}

type Columns = readonly (readonly TopologyNode[])[];

/** Sorts each column by the mean place of the neighbors in columns that were sorted before it. */
function sorted(
  columns: Columns,
  neighbors: ReadonlyMap<string, readonly string[]>,
  isRightward: boolean,
): TopologyNode[][] {
  const place = new Map<string, number>();
  const note = (column: readonly TopologyNode[]): void => {
    column.forEach(({ id }, index) => place.set(id, index / column.length));
  };
  const order = isRightward ? columns : columns.toReversed();
  const result = order.map((column) => {
    const mean = ({ id }: TopologyNode, index: number): number => {
      const known = (neighbors.get(id) ?? []).flatMap((other) => place.get(other) ?? []);
      return known.length === 0 ? index / column.length : known.reduce((sum, each) => sum + each, 0) / known.length;
    };
    const keyed = column.map((node, index) => ({ node, key: mean(node, index) }));
    const done = keyed.toSorted((left, right) => left.key - right.key).map(({ node }) => node);
    note(done);
    return done;
  });
  return isRightward ? result : result.toReversed();
}

function placed(
  columns: Columns,
  sizeOf: Measures['sizeOf'],
  gapBefore: (column: readonly TopologyNode[]) => number,
): Layout {
  const sizes = columns.map((column) => column.map((node) => ({ id: node.id, ...sizeOf(node) })));
  const heights = sizes.map((column) => column.reduce((sum, { height }) => sum + height + spacing.row, -spacing.row));
  const height = Math.max(0, ...heights);
  const places = new Map<string, Place>();
  let right: number = spacing.margin;
  sizes.forEach((column, index) => {
    const x = index === 0 ? right : right + gapBefore(columns[index] ?? []);
    const width = column.reduce((most, size) => Math.max(most, size.width), 0);
    let y = spacing.margin + (height - (heights[index] ?? 0)) / 2;
    for (const { id, ...size } of column) {
      places.set(id, { x, y: Math.round(y), width, height: size.height });
      y += size.height + spacing.row;
    }
    right = x + width;
  });
  return { places, width: right + spacing.margin, height: height + 2 * spacing.margin };
}
