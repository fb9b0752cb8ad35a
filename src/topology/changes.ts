/** Marks in the drawing of a topology for all that is new. */
import type { Topology, TopologyEdge, TopologyNode } from './graph.ts';

/** The beginning of a mark, which is drawn like a fact. */
export const mark = '*';

/** Marks nodes that are new or differ from the earlier graph; what is gone is listed by its name. */
export function markChanges(
  before: Topology,
  after: Topology,
): { readonly topology: Topology; readonly gone: readonly string[] } {
  const oldNodes = new Map(before.nodes.map((node) => [node.id, node]));
  const oldEdges = edgesByEnd(before.edges);
  const newEdges = edgesByEnd(after.edges);
  const ids = new Set(after.nodes.map(({ id }) => id));
  const markOf = (node: TopologyNode): string | undefined => {
    const old = oldNodes.get(node.id);
    if (old === undefined) return `${mark} new`;
    const isSame = textOf(old) === textOf(node) && oldEdges.get(node.id) === newEdges.get(node.id);
    return isSame ? undefined : `${mark} changed`;
  };
  const nodes = after.nodes.map((node) => {
    const text = markOf(node);
    return text === undefined ? node : { ...node, facts: [text, ...node.facts] };
  });
  const gone = before.nodes.filter(({ id }) => !ids.has(id)).map(({ name }) => name);
  return { topology: { ...after, nodes }, gone };
}

/** The edges below each node, as one text. */
function edgesByEnd(edges: readonly TopologyEdge[]): ReadonlyMap<string, string> {
  const byEnd = new Map<string, string>();
  for (const edge of edges) byEnd.set(edge.to, `${byEnd.get(edge.to) ?? ''}\n${textOf(edge)}`);
  return byEnd;
}

function textOf(part: TopologyNode | TopologyEdge): string {
  return JSON.stringify(part);
}
