/** The texts at nodes and edges, the same in all drawings. */
import stringWidth from 'string-width';
import { printable } from '../values/printable.ts';
import type { TopologyNode } from './graph.ts';

/** Identifiers for languages in which names cannot be some: guests choose their names. */
export function shortIds(nodes: readonly TopologyNode[]): ReadonlyMap<string, string> {
  return new Map(nodes.map(({ id }, index) => [id, `n${String(index)}`]));
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

/** At most `width` columns of a text; a text that was longer ends in `…`. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  for (const sign of text) {
    if (widthOf(kept + sign) > width - 1) break;
    kept += sign;
  }
  return `${kept}…`;
}

/** The columns of a text in a fixed-width font; nearly all texts are plain, which takes no table of characters. */
export function widthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}
