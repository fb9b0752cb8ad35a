/** State -> Topology. */
import type { NatRules } from '../records/nat.ts';
import type { AddressFacts } from '../state/addresses.ts';
import type { State } from '../state/state.ts';
import { naturalOrder } from '../values/natural.ts';
import { rankOf, type Topology, type TopologyEdge, type TopologyNode } from './graph.ts';
import { guestEdges, guestNodes } from './guests.ts';
import { drawingOf, linkEdges, linkNodes } from './host.ts';
import { natEdges } from './nat-edges.ts';
import { networkEdges, networkNodes } from './networks.ts';

export interface TopologyFacts extends Pick<AddressFacts, 'now' | 'neighbors'> {
  /** The port forwards and source NAT of the host. */
  readonly nat: NatRules;
}

/**
 * Draws a host as a graph, in which nodes and edges have a stable order.
 * @param state with its routes, which show the way to the outside
 */
export function topologyOf(state: State, { nat, now, neighbors }: TopologyFacts): Topology {
  const drawing = drawingOf(state, neighbors);
  const edges = [
    ...linkEdges(drawing),
    ...networkEdges(drawing),
    ...guestEdges(drawing, now),
    ...natEdges(nat, drawing),
  ];
  const known = [...linkNodes(drawing), ...networkNodes(drawing), ...guestNodes(drawing)];
  const nodes = [...withoutRepeats(known), ...missingNodes(known, edges)];
  return { nodes: nodes.toSorted(byRank), edges };
}

/** A namespace may have several cables: it is one node. */
function withoutRepeats(nodes: readonly TopologyNode[]): readonly TopologyNode[] {
  const byId = new Map<string, TopologyNode>();
  for (const node of nodes) {
    const same = byId.get(node.id);
    byId.set(
      node.id,
      same === undefined
        ? node
        : {
            ...same,
            ...{ addresses: [...same.addresses, ...node.addresses], facts: [...same.facts, ...node.facts] },
          },
    );
  }
  return [...byId.values()];
}

/** Networks and bridges that guests name, and that do not exist. */
function missingNodes(known: readonly TopologyNode[], edges: readonly TopologyEdge[]): readonly TopologyNode[] {
  const ids = new Set(known.map(({ id }) => id));
  const missing = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].filter((id) => !ids.has(id));
  return missing.map((id) => {
    const kind = id.startsWith('network:') ? 'network' : 'bridge';
    const name = id.slice(kind.length + 1);
    return { id, kind, name, addresses: [], facts: [], status: 'broken', problem: 'does not exist' };
  });
}

function byRank(left: TopologyNode, right: TopologyNode): number {
  return rankOf(left.kind) - rankOf(right.kind) || naturalOrder(left.name, right.name);
}
