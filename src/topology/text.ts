/** Topology -> a drawing with box characters: the NICs of the host at the bottom, the guests at the top. */
import { groupBy } from '../values/group-by.ts';
import { below, beside, boxOf, type Block, type Stem } from './block.ts';
import type { Status, Topology, TopologyEdge, TopologyNode } from './graph.ts';
import { widthOf } from './labels.ts';

/** Colors a part of the drawing; the text keeps its width. */
export type PaintStatus = (status: Status, text: string) => string;

export interface TextOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly paint: PaintStatus;
}

/** One node with the edge by which it is reached from the one below it. */
interface Branch {
  readonly node: TopologyNode;
  readonly edge: TopologyEdge | undefined;
}

const gap = 2;

/** Draws each NIC of the host with all that is above it, and what has no NIC below it; each drawing is as wide as the terminal at most. */
export function formatText({ nodes, edges }: Topology, options: TextOptions): string {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const carrying = withoutCycles(edges.filter(({ kind }) => kind !== 'forward'));
  const upward = groupBy(carrying, ({ from }) => from);
  const above = (lower: readonly TopologyNode[]): readonly Branch[] => {
    const all = lower.flatMap(({ id }) => upward.get(id) ?? []);
    // The ports of a bond carry the same.
    const once = lower.length === 1 ? all : [...groupBy(all, ({ to }) => to).values()].flatMap(([edge]) => edge ?? []);
    return once.flatMap((edge) => {
      const node = byId.get(edge.to);
      return node === undefined ? [] : [{ node, edge }];
    });
  };
  const reached = new Set(carrying.map(({ to }) => to));
  const roots = nodes.filter(({ id }) => !reached.has(id));
  const blocks = joined(roots, upward).flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const branch = { node: first, edge: undefined };
    const own = group.length === 1 ? nodeBox(branch, options) : listBox(group.map(alone), undefined, options);
    return drawAbove(above(group), own, (node) => above([node]), options);
  });
  const forwards = edges.filter(({ kind }) => kind === 'forward').flatMap(({ facts }) => facts);
  const drawn = rows(blocks, options.width).map((row) => textOf(beside(row, gap)));
  return [...drawn, ...(forwards.length === 0 ? [] : [forwards.map((text) => `forward ${text}\n`).join('')])].join(
    '\n',
  );
}

const alone = (node: TopologyNode): Branch => ({ node, edge: undefined });

function textOf({ lines }: Block): string {
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

/** The nodes at the bottom, each together with the other ports of its bond or bridge. */
function joined(
  roots: readonly TopologyNode[],
  upward: ReadonlyMap<string, readonly TopologyEdge[]>,
): readonly (readonly TopologyNode[])[] {
  const groups: TopologyNode[][] = [];
  const ofMaster = new Map<string, TopologyNode[]>();
  for (const root of roots) {
    const masters = (upward.get(root.id) ?? []).filter(({ kind, label }) => kind === 'link' && label === undefined);
    let group = masters.map(({ to }) => ofMaster.get(to)).find((each) => each !== undefined);
    if (group === undefined) groups.push((group = []));
    group.push(root);
    for (const { to } of masters) ofMaster.set(to, group);
  }
  return groups;
}

/** Drops edges that lead back to where the drawing came from: two networks may each leave by the bridge of the other. */
function withoutCycles(edges: readonly TopologyEdge[]): readonly TopologyEdge[] {
  const upward = groupBy(edges, ({ from }) => from);
  const kept = new Set<TopologyEdge>();
  const done = new Set<string>();
  const visit = (id: string, path: ReadonlySet<string>): void => {
    if (done.has(id)) return;
    const here = new Set([...path, id]);
    for (const edge of upward.get(id) ?? []) {
      if (here.has(edge.to)) continue;
      kept.add(edge);
      visit(edge.to, here);
    }
    done.add(id);
  };
  for (const { from } of edges) visit(from, new Set());
  return edges.filter((edge) => kept.has(edge));
}

/** Draws a branch and all that is above it. If that is too wide for one row, the box of the branch is drawn again for each row. */
function draw(
  branch: Branch,
  above: (node: TopologyNode) => readonly Branch[],
  options: TextOptions,
): readonly Block[] {
  return drawAbove(above(branch.node), nodeBox(branch, options), above, options);
}

function drawAbove(
  branches: readonly Branch[],
  own: Block,
  above: (node: TopologyNode) => readonly Branch[],
  options: TextOptions,
): readonly Block[] {
  if (branches.length === 0) return [own];
  const isLeaf = ({ node }: Branch): boolean => above(node).length === 0;
  const leaves = branches.filter(isLeaf);
  const single = leaves.map((leaf) => nodeBox(leaf, options));
  const isMany = leaves.length > 2 && rows(single, options.width).length > 1;
  const blocks = [
    ...branches.filter((each) => !(isMany && isLeaf(each))).flatMap((each) => draw(each, above, options)),
    ...(isMany ? [listBox(leaves, { label: undefined, isDashed: false, status: 'up' }, options)] : []),
  ];
  return rows(blocks, options.width).map((row) => below(beside(row, gap), own));
}

/** As many blocks side by side as fit, in their order. */
function rows(blocks: readonly Block[], width: number): readonly (readonly Block[])[] {
  const all: Block[][] = [];
  let used = Infinity;
  for (const block of blocks) {
    used += gap + block.width;
    if (used > width) {
      all.push([]);
      used = block.width;
    }
    all.at(-1)?.push(block);
  }
  return all;
}

/** A box with the name and the facts of a node; its stem has the name of the edge below it. */
function nodeBox({ node, edge }: Branch, { paint, width }: TextOptions): Block {
  const facts = factsOf(node, node.kind === 'vm' ? edge : undefined);
  const lines = [
    { text: node.name, status: node.status },
    ...problemsOf(node, edge).map((text) => ({ text: `! ${text}`, status: 'broken' as const })),
    ...facts.map((text) => ({ text, status: node.status })),
  ];
  return boxOf(lines, stemOf(edge), { paint, width });
}

function stemOf(edge: TopologyEdge | undefined): Stem | undefined {
  if (edge === undefined) return undefined;
  return { label: edge.label, isDashed: edge.kind === 'routed', status: edge.status };
}

function factsOf(node: TopologyNode, edge: TopologyEdge | undefined): readonly string[] {
  return [node, edge].flatMap((part) => (part === undefined ? [] : [...part.addresses, ...part.facts]));
}

function problemsOf(node: TopologyNode, edge: TopologyEdge | undefined): readonly string[] {
  return [node.problem, edge?.problem].filter((problem) => problem !== undefined);
}

/** Many nodes in one box, a line each: the name, the edge, and the facts. */
function listBox(branches: readonly Branch[], stem: Stem | undefined, { paint, width }: TextOptions): Block {
  const rowsOf = branches.map(({ node, edge }) => {
    const problems = problemsOf(node, edge).map((text) => `! ${text}`);
    const facts = [...problems, ...factsOf(node, edge)].join('  ');
    const status = problems.length > 0 ? 'broken' : node.status === 'up' ? (edge?.status ?? 'up') : node.status;
    return { cells: [node.name, edge?.label ?? '', facts], status } as const;
  });
  const widths = [0, 1].map((column) => Math.max(...rowsOf.map(({ cells }) => widthOf(cells[column] ?? ''))));
  const lines = rowsOf.map(({ cells, status }) => {
    const padded = cells.map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))));
    return {
      text: padded
        .filter((cell) => cell !== '')
        .join('  ')
        .trimEnd(),
      status,
    };
  });
  return boxOf(lines, stem, { paint, width });
}
