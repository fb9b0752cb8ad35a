import type { CommandDefinition } from '../../command.ts';
import { hostScope } from '../../context.ts';
import { bridgeColumns, noBridges, summarizeBridges } from '../../views/bridge.ts';
import { isForPeople } from '../../views/link.ts';

export const command: CommandDefinition = {
  columns: bridgeColumns(false),
  description:
    'Lists all bridges of the kernel, including the bridges of libvirt and other programs. Long lists of ports are shortened in the table, ' +
    'but not with --json.',
  examples: [
    ['bridge list', 'List ports, STP, addresses and users'],
    ['bridge list -o name', 'List the names, for scripts'],
    ['-c qemu+ssh://root@host2/system bridge list', 'List the bridges of another host'],
  ],
  async run(context) {
    const rows = summarizeBridges(await context.observe({ ...hostScope, routes: false }));
    const columns = bridgeColumns(isForPeople(context.options));
    return { value: rows, table: { rows, columns, empty: noBridges } };
  },
};
