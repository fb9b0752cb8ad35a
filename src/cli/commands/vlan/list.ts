import type { CommandDefinition } from '../../command.ts';
import { hostScope } from '../../context.ts';
import { isForPeople } from '../../views/link.ts';
import { summarizeVlans, vlanColumns } from '../../views/vlan.ts';

export const command: CommandDefinition = {
  columns: vlanColumns(false),
  description:
    'Lists all VLAN devices of the host with their NIC, ID and bridge, and the VMs and networks that use them.',
  examples: [
    ['vlan list', 'List parent, ID, bridge and users'],
    ['vlan list --json', 'Print all fields for programs'],
  ],
  async run(context) {
    const rows = summarizeVlans(await context.observe({ ...hostScope, routes: false }));
    const columns = vlanColumns(isForPeople(context.options));
    return {
      value: rows,
      table: { rows, columns, empty: 'no VLAN devices; create one: kvmnet vlan create NIC ID --bridge BRIDGE' },
    };
  },
};
