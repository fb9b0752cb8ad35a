/** Topology -> DOT, the language of Graphviz. @see https://graphviz.org/doc/info/lang.html */
import { printable } from '../values/printable.ts';
import {
  rankOf,
  ranks,
  type EdgeKind,
  type Status,
  type Topology,
  type TopologyEdge,
  type TopologyNode,
} from './graph.ts';

const shapes = { nic: 'cds', bond: 'cds', vlan: 'cds', macvlan: 'cds', bridge: 'box3d', network: 'component' } as const;
const colors: Readonly<Record<Status, string>> = { up: 'black', off: 'gray60', broken: 'red' };
const styles: Readonly<Record<EdgeKind, string>> = { link: 'solid', routed: 'dashed', forward: 'dotted' };

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

type Ids = ReadonlyMap<string, string>;

/** Identifiers for languages in which names cannot be some: guests choose their names. */
export function shortIds(nodes: readonly TopologyNode[]): Ids {
  return new Map(nodes.map(({ id }, index) => [id, `n${String(index)}`]));
}

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

/** Facts that a picture shows of one node or edge. */
const mostFacts = 6;

/** The text of a node or an edge, line by line: what is wrong comes after its name. Guests choose names: control characters are visible. */
export function linesOf(
  { addresses, facts, problem }: Pick<TopologyNode, 'addresses' | 'facts' | 'problem'>,
  title: string | undefined,
): readonly string[] {
  const all = [...addresses, ...facts];
  const shown = all.length > mostFacts ? all.slice(0, mostFacts - 1) : all;
  const rest = all.length > shown.length ? [`and ${String(all.length - shown.length)} more`] : [];
  return [title ?? '', problem ?? '', ...shown, ...rest].filter((line) => line !== '').map(printable);
}

/** A quoted string: backslashes would begin Graphviz's own escapes. */
function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
