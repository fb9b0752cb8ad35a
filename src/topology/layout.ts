/** Places for the nodes of a topology: ranks from left to right, each rank a column. An edge has a place in each column that it passes. */
import { groupBy } from '../values/group-by.ts';
import { rankOf, type Topology, type TopologyEdge, type TopologyNode } from './graph.ts';

/** A rectangle in pixels; `x` and `y` are its upper left corner. */
export interface Place extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly places: ReadonlyMap<string, Place>;
  /** Where an edge passes other columns, from left to right; only edges that do are in it. */
  readonly passages: ReadonlyMap<TopologyEdge, readonly Place[]>;
  readonly width: number;
  readonly height: number;
}

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels. */
export interface Measures {
  readonly sizeOf: (node: TopologyNode) => Size;
  /** Of the label at the upper end of an edge. */
  readonly labelWidthOf: (edge: TopologyEdge) => number;
}

/** Pixels: between two columns at least, around the label of an edge there, between two items of a column, and around all. */
const spacing = { column: 110, label: 90, row: 18, margin: 16 } as const;

/** How often each column is sorted by the places of its neighbors. */
const sweeps = 4;

/** A node, or an edge that passes the column. */
interface Item extends Size {
  readonly id: string;
}

type Columns = readonly (readonly Item[])[];

/** Places each rank of nodes in a column. The items of a column are in the order of what they are connected to, so that few edges cross. */
export function layoutOf({ nodes, edges }: Topology, { sizeOf, labelWidthOf }: Measures): Layout {
  // The nodes of a topology are in the order of their ranks.
  const ranked = [...groupBy(nodes, ({ kind }) => rankOf(kind)).values()];
  const columnOf = new Map(ranked.flatMap((column, index) => column.map(({ id }) => [id, index])));
  const passing = edges.map((edge, index) => passagesOf(edge, index, columnOf));
  const all = ranked.map((column, index) => [
    ...column.map((node) => ({ id: node.id, ...sizeOf(node) })),
    ...passing.flatMap((passages) => passages.filter((each) => each.column === index).map(({ id }) => passage(id))),
  ]);
  const neighbors = neighborsOf(
    edges.flatMap(({ from, to }, index) => {
      const stops = [from, ...(passing[index] ?? []).map(({ id }) => id), to];
      return stops.slice(1).map((stop, place) => [stops[place] ?? from, stop] as const);
    }),
  );
  let columns: Columns = all;
  for (let sweep = 0; sweep < sweeps; sweep += 1) columns = sorted(columns, neighbors, sweep % 2 === 0);
  const arriving = groupBy(edges, ({ to }) => columnOf.get(to));
  const gaps = columns.map((_, index) =>
    (arriving.get(index) ?? [])
      .map(labelWidthOf)
      .reduce((most, width) => Math.max(most, width + spacing.label), spacing.column),
  );
  const { places, ...size } = placed(columns, gaps);
  const passages = edges.flatMap((edge, index) => {
    const own = (passing[index] ?? []).flatMap(({ id }) => places.get(id) ?? []);
    return own.length === 0 ? [] : [[edge, own] as const];
  });
  return { places, passages: new Map(passages), ...size };
}

/** The columns between the ends of an edge, with an id for its place there. */
function passagesOf(
  { from, to }: TopologyEdge,
  index: number,
  columnOf: ReadonlyMap<string, number>,
): readonly { readonly id: string; readonly column: number }[] {
  const [first, last] = [columnOf.get(from) ?? 0, columnOf.get(to) ?? 0];
  return Array.from({ length: Math.max(0, last - first - 1) }, (_, place) => {
    const column = first + 1 + place;
    // No kind of node is called so.
    return { id: `edge:${String(index)}:${String(column)}`, column };
  });
}

function passage(id: string): Item {
  return { id, width: 0, height: 0 };
}

function neighborsOf(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const both = pairs.flatMap(([one, other]) => [[one, other] as const, [other, one] as const]);
  return new Map([...groupBy(both, ([id]) => id)].map(([id, group]) => [id, group.map(([, other]) => other)]));
}

/** Sorts each column by the mean place of the neighbors in columns that were sorted before it. */
function sorted(columns: Columns, neighbors: ReadonlyMap<string, readonly string[]>, isRightward: boolean): Columns {
  const place = new Map<string, number>();
  const note = (column: readonly Item[]): void => {
    column.forEach(({ id }, index) => place.set(id, index / column.length));
  };
  const order = isRightward ? columns : columns.toReversed();
  const result = order.map((column) => {
    const mean = ({ id }: Item, index: number): number => {
      const known = (neighbors.get(id) ?? []).flatMap((other) => place.get(other) ?? []);
      return known.length === 0 ? index / column.length : known.reduce((sum, each) => sum + each, 0) / known.length;
    };
    const keyed = column.map((item, index) => ({ item, key: mean(item, index) }));
    const done = keyed.toSorted((left, right) => left.key - right.key).map(({ item }) => item);
    note(done);
    return done;
  });
  return isRightward ? result : result.toReversed();
}

/** @param gaps pixels before each column; the first has none */
function placed(columns: Columns, gaps: readonly number[]): Omit<Layout, 'passages'> {
  const heights = columns.map((column) => column.reduce((sum, { height }) => sum + height + spacing.row, -spacing.row));
  const height = heights.reduce((most, each) => Math.max(most, each), 0);
  const places = new Map<string, Place>();
  let right: number = spacing.margin;
  columns.forEach((column, index) => {
    const x = index === 0 ? right : right + (gaps[index] ?? 0);
    const width = column.reduce((most, item) => Math.max(most, item.width), 0);
    let y = spacing.margin + (height - (heights[index] ?? 0)) / 2;
    for (const item of column) {
      places.set(item.id, { x, y: Math.round(y), width, height: item.height });
      y += item.height + spacing.row;
    }
    right = x + width;
  });
  return { places, width: right + spacing.margin, height: height + 2 * spacing.margin };
}
