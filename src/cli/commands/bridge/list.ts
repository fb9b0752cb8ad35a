import type { CommandDefinition } from '../../command.ts';
import { hostLook } from '../../context.ts';
import { bridgeColumns, noBridges, summarizeBridges } from '../../views/bridge.ts';
import { isForPeople } from '../../views/link.ts';

export const command: CommandDefinition = {
  columns: bridgeColumns(false),
  description:
    'All bridges of the kernel, also those of libvirt and of other programs. A long list is cut to its first names for people, and whole with --json.',
  examples: [
    ['bridge list', 'ports, STP, addresses, and who uses each'],
    ['bridge list -o name', 'their names, for scripts'],
    ['-c qemu+ssh://root@host2/system bridge list', 'those of another host'],
  ],
  async run(context) {
    const rows = summarizeBridges(await context.observe({ ...hostLook, routes: false }));
    const columns = bridgeColumns(isForPeople(context.options));
    return { value: rows, table: { rows, columns, empty: noBridges } };
  },
};
