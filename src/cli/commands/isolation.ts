import { guestIsolation, networkIsolation } from '../../topology/isolation.ts';
import { flag, typed } from '../options.ts';
import { pathFacts } from '../path-facts.ts';
import { isolationColumns, isolationRows, isolationText } from '../views/isolation.ts';

export const command = typed({
  columns: [{ heading: 'From' }],
  options: { vms: flag('--vms', 'Compare VMs instead of networks') },
  description:
    'Each row is a sender, each column a receiver: "yes", "no", "one-way" (packets arrive, but answers do not come back) or "unknown". The answer ' +
    'follows from the links of the host and its rules, whoever made them; guests use the host as their gateway. kvmnet path explains a cell.',
  examples: [
    ['isolation', 'Show which networks reach each other'],
    ['isolation --vms', 'Show which VMs do'],
    ['isolation --json', 'Print each cell with its reason'],
  ],
  async run(context, _args, { vms }) {
    const { state, facts } = await pathFacts(context);
    const isolation = vms ? guestIsolation(state, facts) : networkIsolation(state, facts);
    const empty = vms ? 'no VMs' : 'no networks';
    return {
      value: isolation,
      table: { rows: isolationRows(isolation), columns: isolationColumns(isolation), empty },
      text: isolation.subjects.length === 0 ? empty : isolationText(isolation, context.streams.stdout.columns),
    };
  },
});
