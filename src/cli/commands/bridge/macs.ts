import { observeMacs } from '../../../observe/kernel.ts';
import { findBridge, linksOf } from '../../../plan/host/find-link.ts';
import { hostScope } from '../../context.ts';
import { flag, typed } from '../../options.ts';
import { summarizeBridges } from '../../views/bridge.ts';
import { macColumns, summarizeMacs } from '../../views/macs.ts';
import { anyBridges } from './arguments.ts';

export const command = typed({
  arguments: [anyBridges],
  columns: macColumns(true),
  options: { all: flag('--all', 'Include the own addresses of the bridge and its ports') },
  description: 'Lists the MAC addresses that the bridge has learned from frames, each with its port, VM and NIC.',
  examples: [
    ['bridge macs', 'List the addresses on all bridges'],
    ['bridge macs br0', 'List the addresses on br0, with their age'],
    ['bridge macs br0 br1 --json', 'Print JSON for programs'],
  ],
  async run(context, names, { all }) {
    const state = await context.observe({ ...hostScope, routes: false });
    for (const name of names) findBridge(name, linksOf(state));
    const bridges = names.length === 0 ? summarizeBridges(state).map(({ name }) => name) : names;
    const { uri } = context.options;
    const tables = await Promise.all(
      bridges.map(async (name) => summarizeMacs(name, await observeMacs(uri, name, context.traceRun), state)),
    );
    const rows = tables.flat().filter(({ learned }) => learned || all);
    return {
      value: rows,
      table: { rows, columns: macColumns(names.length !== 1), empty: 'no MAC address was heard yet' },
    };
  },
});
