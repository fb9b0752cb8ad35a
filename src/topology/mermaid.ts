/** Topology -> a flowchart of Mermaid. @see https://mermaid.js.org/syntax/flowchart.html */
import type { EdgeKind, Topology, TopologyEdge, TopologyNode } from './graph.ts';
import { linesOf, shortIds } from './labels.ts';

const arrows: Readonly<Record<EdgeKind, string>> = { link: '---', routed: '-.-', forward: '-.->' };

/** Draws a topology for Markdown, in which many sites show flowcharts of Mermaid. */
export function formatMermaid({ nodes, edges }: Topology): string {
  const ids = shortIds(nodes);
  const lines = [
    'flowchart LR',
    ...nodes.map((node) => `  ${ids.get(node.id) ?? ''}["${label(linesOf(node, node.name))}"]${classOf(node)}`),
    ...edges.map((edge) => edgeLine(edge, ids)),
    '  classDef off stroke-dasharray:4,color:#888',
    '  classDef broken stroke:#c00,color:#c00',
  ];
  return `${lines.join('\n')}\n`;
}

function classOf({ status }: TopologyNode): string {
  return status === 'up' ? '' : `:::${status}`;
}

function edgeLine(edge: TopologyEdge, ids: ReadonlyMap<string, string>): string {
  const text = label(linesOf(edge, edge.label));
  const [from, to] = [edge.from, edge.to].map((id) => ids.get(id) ?? '');
  return `  ${from ?? ''} ${arrows[edge.kind]}${text === '' ? '' : `|"${text}"|`} ${to ?? ''}`;
}

/** Mermaid reads markup in labels: everything but letters, digits and harmless signs becomes a reference. */
function label(lines: readonly string[]): string {
  return lines
    .map((line) => line.replaceAll(/[^\p{L}\p{N} .,:/_()+-]/gu, (sign) => `#${String(sign.codePointAt(0))};`))
    .join('<br>');
}
