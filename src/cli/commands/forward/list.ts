import { hookWarnings, natFacts } from '../../nat-change.ts';
import { hostScope } from '../../context.ts';
import type { CommandDefinition } from '../../command.ts';
import { forwardColumns, forwardViews } from '../../views/forward.ts';

export const command: CommandDefinition = {
  columns: forwardColumns,
  description:
    'In force: yes; no, if another program has removed its rules; partly. kvmnet forward restore loads the rules again. Packets counts the ' +
    'connections, and for UDP the flows, since the rules were loaded.',
  examples: [
    ['forward list', 'List ports, targets and counters'],
    ['forward list --json', 'Print all fields for programs'],
  ],
  async run(context) {
    const state = await context.observe({ ...hostScope, only: ['host'], routes: false });
    const facts = await natFacts(context, state, 'see the rules of this host');
    context.warn(hookWarnings(facts));
    const rows = forwardViews(facts);
    const empty = 'no port forwards; add one: kvmnet forward add PORT VM:PORT';
    return { value: rows, table: { rows, columns: forwardColumns, empty } };
  },
};
