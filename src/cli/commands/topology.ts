import { writeFileSync } from 'node:fs';
import { KvmnetError } from '../../errors.ts';
import { observeNeighbours } from '../../observe/addresses.ts';
import { keptNat } from '../../observe/nat.ts';
import { topologyOf } from '../../topology/build.ts';
import { formatDot } from '../../topology/dot.ts';
import type { Topology } from '../../topology/graph.ts';
import { formatMermaid } from '../../topology/mermaid.ts';
import { formatText } from '../../topology/text.ts';
import { quoted } from '../../values/quoted.ts';
import type { CommandDefinition, DrawOptions, Result } from '../command.ts';
import type { Context } from '../context.ts';
import type { PictureFormat } from '../global-options.ts';
import { render } from '../output/output.ts';
import { unpainted } from '../output/color.ts';
import { pageWidth, statusTones } from '../views/topology.ts';

const endings: Readonly<Record<string, PictureFormat | 'table' | 'json'>> = {
  ...{ dot: 'dot', gv: 'dot', mmd: 'mermaid', mermaid: 'mermaid', svg: 'svg', txt: 'table', json: 'json' },
};

export const command: CommandDefinition = {
  arguments: [
    {
      name: '[FILE]',
      description: 'File to write instead; its ending selects the format: .txt, .dot, .mmd, .svg or .json',
      completes: 'file',
    },
  ],
  description:
    'The NICs of the host are at the bottom, the VMs at the top; dashed lines are routed. What cannot carry packets is marked with "!", and is ' +
    'red in pictures. -o dot, -o mermaid and -o svg print pictures, and -o json the graph.',
  examples: [
    ['topology', 'Draw it in the terminal'],
    ['topology network.svg', 'Write a picture for a browser'],
    ['topology -o mermaid', 'Print a diagram for a Markdown document'],
  ],
  async run(context, [file]) {
    const [state, neighbours] = await Promise.all([context.observe(), observeNeighbours(context)]);
    const facts = { nat: keptNat(context.options.uri), now: Date.now() / 1000, neighbours };
    const topology = topologyOf(state, facts);
    const result: Result = { value: topology, draw: (format, options) => draw(topology, format, options) };
    return file === undefined ? result : written(file, result, context);
  },
};

function draw(
  topology: Topology,
  format: PictureFormat | 'table',
  { paint, width = pageWidth }: DrawOptions,
): string | Promise<string> {
  switch (format) {
    case 'table':
      return formatText(topology, { width, paint: (status, text) => paint(statusTones[status], text) });
    case 'dot':
      return formatDot(topology);
    case 'mermaid':
      return formatMermaid(topology);
    case 'svg':
      // It loads a writer of XML, which takes longer than to draw.
      return import('../../topology/svg.ts').then(({ formatSvg }) => formatSvg(topology));
  }
}

async function written(file: string, result: Result, context: Context): Promise<Result> {
  const ending = /\.(\w+)$/.exec(file)?.[1] ?? '';
  const { format: typed } = context.options;
  const format = typed === 'table' ? endings[ending] : typed;
  if (format === undefined) {
    throw new KvmnetError('USAGE', `the ending of ${JSON.stringify(file)} is of no format`, {
      hint: `name it .txt, .dot, .mmd, .svg or .json, or select the format: kvmnet topology -o svg ${quoted(file)}`,
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
  return { value: { file }, text: `written to ${file}` };
}
