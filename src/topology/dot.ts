/** Topology -> DOT, the language of Graphviz. @see https://graphviz.org/doc/info/lang.html */
import {
  rankOf,
  ranks,
  type EdgeKind,
  type Status,
  type Topology,
  type TopologyEdge,
  type TopologyNode,
} from './graph.ts';
import { linesOf, shortIds } from './labels.ts';

const shapes = { nic: 'cds', bond: 'cds', vlan: 'cds', macvlan: 'cds', bridge: 'box3d', network: 'component' } as const;
const colors: Readonly<Record<Status, string>> = { up: 'black', off: 'gray60', broken: 'red' };
const styles: Readonly<Record<EdgeKind, string>> = { link: 'solid', routed: 'dashed', forward: 'dotted' };

/** Draws a topology for the programs of Graphviz, such as `dot -Tsvg`. */
export function formatDot({ nodes, edges }: Topology): string {
  const ids = shortIds(nodes);
  const columns = ranks.flatMap((_kinds, rank) => {
    const column = nodes.filter(({ kind }) => rankOf(kind) === rank).map(({ id }) => ids.get(id) ?? '');
    return column.length < 2 ? [] : [`  { rank=same; ${column.join('; ')} }`];
  });
  const lines = [
    'digraph kvmnet {',
    '  rankdir=LR; node [shape=box, fontname="sans-serif"]; edge [dir=none, fontname="sans-serif", fontsize=10];',
    ...nodes.map((node) => nodeLine(node, ids)),
    ...edges.map((edge) => edgeLine(edge, ids)),
    ...columns,
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

type Ids = ReturnType<typeof shortIds>;

function nodeLine(node: TopologyNode, ids: Ids): string {
  const shape = node.kind in shapes ? `, shape=${shapes[node.kind as keyof typeof shapes]}` : '';
  return `  ${ids.get(node.id) ?? ''} [label=${quote(linesOf(node, node.name).join('\n'))}, color=${colors[node.status]}, fontcolor=${colors[node.status]}${shape}];`;
}

function edgeLine(edge: TopologyEdge, ids: Ids): string {
  const [from, to] = [edge.from, edge.to].map((id) => ids.get(id) ?? '');
  const label = linesOf(edge, edge.label).join('\n');
  const direction = edge.kind === 'forward' ? ', dir=forward' : '';
  return `  ${from ?? ''} -> ${to ?? ''} [label=${quote(label)}, color=${colors[edge.status]}, style=${styles[edge.kind]}${direction}];`;
}

/** A quoted string: backslashes would begin Graphviz's own escapes. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
