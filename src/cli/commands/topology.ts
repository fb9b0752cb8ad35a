import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { KvmnetError } from '../../errors.ts';
import { observeNeighbors } from '../../observe/addresses.ts';
import { hostTarget } from '../../observe/host-target.ts';
import { observeKeptNat } from '../../observe/nat.ts';
import { readTopologyPage } from '../../observe/topology-page.ts';
import { parseUri } from '../../observe/uri.ts';
import { topologyOf } from '../../topology/build.ts';
import type { State } from '../../state/state.ts';
import { formatDot } from '../../topology/dot.ts';
import type { Topology } from '../../topology/graph.ts';
import { formatHtml } from '../../topology/html.ts';
import { formatMermaid } from '../../topology/mermaid.ts';
import { formatSvg } from '../../topology/svg.ts';
import { formatText } from '../../topology/text.ts';
import { printable } from '../../values/printable.ts';
import { quoted } from '../../values/quoted.ts';
import type { CommandDefinition, DrawOptions, Result } from '../command.ts';
import { pathScope, type Context } from '../context.ts';
import type { PictureFormat } from '../global-options.ts';
import { render } from '../output/output.ts';
import { unpainted } from '../output/color.ts';
import { pageWidth, statusTones } from '../views/explain/topology.ts';

const endings: Readonly<Record<string, PictureFormat | 'table' | 'json'>> = {
  ...{ dot: 'dot', gv: 'dot', mmd: 'mermaid', mermaid: 'mermaid', svg: 'svg', html: 'html', htm: 'html' },
  ...{ txt: 'table', json: 'json' },
};

export const command: CommandDefinition = {
  arguments: [
    {
      name: '[FILE]',
      description: 'File to write instead; its ending selects the format: .txt, .dot, .mmd, .svg, .html or .json',
      completes: 'file',
    },
  ],
  description:
    'The NICs of the host are at the bottom, the VMs at the top; dashed lines are routed. What cannot carry packets is marked with "!", and is ' +
    'red in pictures. -o dot, -o mermaid and -o svg print pictures, -o html a page with search and details, and -o json the graph.',
  examples: [
    ['topology', 'Draw it in the terminal'],
    ['topology network.html', 'Write a page for a browser, with search and details'],
    ['topology network.svg', 'Write a picture'],
    ['topology -o mermaid', 'Print a diagram for a Markdown document'],
  ],
  async run(context, [file]) {
    const { uri } = context.options;
    const [state, neighbors, nat] = await Promise.all([
      observeAll(context),
      observeNeighbors(context),
      observeKeptNat(uri, context.traceRun),
    ]);
    const facts = { nat, now: Date.now() / 1000, neighbors };
    const topology = topologyOf(state, facts);
    const result: Result = { value: topology, draw: (format, options) => draw(topology, format, { ...options, uri }) };
    return file === undefined ? result : written(file, result, context);
  },
};

/** Reads the links of a host that ssh reaches, too; where they cannot be read, libvirt's part is drawn. */
async function observeAll(context: Context): Promise<State> {
  const { uri } = context.options;
  if (!isBySsh(uri)) return context.observe(pathScope);
  await context.connection('read');
  try {
    return await context.observe({ ...pathScope, remoteLinks: true });
  } catch (error) {
    if (!(error instanceof KvmnetError)) throw error;
    context.warn([`cannot read the links of ${hostOf(uri)}: ${error.message}`]);
    return context.observe();
  }
}

function isBySsh(uri: string): boolean {
  try {
    return hostTarget(uri) !== undefined;
  } catch (error) {
    if (error instanceof KvmnetError) return false;
    throw error;
  }
}

function draw(
  topology: Topology,
  format: PictureFormat | 'table',
  { paint, width = pageWidth, uri }: DrawOptions & { readonly uri: string },
): string {
  switch (format) {
    case 'table':
      return formatText(topology, { width, paint: (status, text) => paint(statusTones[status], text) });
    case 'dot':
      return formatDot(topology);
    case 'mermaid':
      return formatMermaid(topology);
    case 'svg':
      return formatSvg(topology);
    case 'html':
      return formatHtml(topology, readTopologyPage(), { host: hostOf(uri), time: new Date() });
  }
}

/** The name of the host that a URI leads to. */
function hostOf(uri: string): string {
  return parseUri(uri).host?.replaceAll(/^.*@|:\d+$/g, '') ?? hostname();
}

async function written(file: string, result: Result, context: Context): Promise<Result> {
  const ending = /\.(\w+)$/.exec(file)?.[1] ?? '';
  const { format: typed } = context.options;
  const format = typed === 'table' ? endings[ending] : typed;
  if (format === undefined) {
    throw new KvmnetError('USAGE', `the ending of ${JSON.stringify(file)} is of no format`, {
      hint: `name it .txt, .dot, .mmd, .svg, .html or .json, or select the format: kvmnet topology -o svg ${quoted(file)}`,
    });
  }
  const text = await render(result, { format, columns: undefined, paint: unpainted });
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new KvmnetError(
      'BACKEND',
      `cannot write ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
  const done = `written to ${file}`;
  return { value: { file }, text: done, draw: () => `${printable(done)}\n` };
}
