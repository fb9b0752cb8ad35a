/** Topology -> a page of its own: the drawing as SVG, with search and details. It loads nothing. */
import type { TopologyPage } from '../records/topology-page.ts';
import { printable } from '../values/printable.ts';
import type { Topology } from './graph.ts';
import { words } from './markup.ts';
import { colorsOf, styleOf } from './style.ts';
import { drawSvg } from './svg.ts';

/** The facts in the title and at the foot of a page. */
export interface PageFacts {
  /** The host that is drawn. */
  readonly host: string;
  readonly time: Date;
}

/**
 * Draws a topology as a page that a browser opens from a file.
 * @param page by `readTopologyPage`
 */
export function formatHtml(topology: Topology, page: TopologyPage, { host, time }: PageFacts): string {
  const parts: Readonly<Record<string, string>> = {
    title: words(printable(`Network of ${host}`)),
    time: `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    style: `${page.style}${styleOf('light')}`,
    darkStyle: `${page.darkStyle}${colorsOf('dark')}`,
    svg: drawSvg(topology),
    topology: dataOf(topology),
    script: page.script,
    scriptHash: page.scriptHash,
  };
  return page.document.replace(/\{\{(\w+)\}\}/g, (_, name: string) => parts[name] ?? '');
}

/** JSON that ends no element. Guests choose names: control characters are visible, as in the drawing. */
function dataOf(topology: Topology): string {
  const json = JSON.stringify(topology, (_, value: unknown) => (typeof value === 'string' ? printable(value) : value));
  return json.replaceAll('<', '\\u003c');
}
