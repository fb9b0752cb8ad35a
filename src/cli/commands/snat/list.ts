import { hostScope } from '../../context.ts';
import { natFacts } from '../../nat-change.ts';
import type { CommandDefinition } from '../../command.ts';
import { sourceColumns, sourceViews } from '../../views/forward.ts';

export const command: CommandDefinition = {
  columns: sourceColumns,
  description:
    'In force: yes; no, if another program has removed the rules; partly. Packets counts the connections since the rules were loaded. ' +
    "The NAT of libvirt's networks is libvirt's own: kvmnet net list.",
  examples: [
    ['snat list', 'List subnets, devices and counters'],
    ['snat list --json', 'Print all fields for programs'],
  ],
  async run(context) {
    const state = await context.observe({ ...hostScope, only: ['host'], routes: false });
    const rows = sourceViews(await natFacts(context, state, 'see the rules of this host'));
    const empty = 'no source NAT; add one: kvmnet snat add SUBNET --to masquerade --dev NIC';
    return { value: rows, table: { rows, columns: sourceColumns, empty } };
  },
};
