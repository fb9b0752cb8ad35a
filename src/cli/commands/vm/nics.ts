import { findDomain } from '../../../state/find-domain.ts';
import type { CommandDefinition } from '../../command.ts';
import { columnsFor, nicsColumns, summarizeNics } from '../../views/nic.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '<VM...>', description: 'the domains', completes: 'domain' }],
  description:
    'The index in the column NIC names a NIC in vm detach, move and link; so do its interface, MAC, alias, or net=NAME.',
  examples: [['vm nics VM1', 'its NICs, what they are plugged into now, and at the next boot']],
  async run(context, names) {
    const state = await context.observe({ routes: false });
    const domains = names.map((name) => findDomain(state, name));
    const rows = domains.flatMap((domain) => summarizeNics(domain, state));
    const columns = columnsFor(nicsColumns, rows, context.options);
    const empty = `no NICs; plug one in: kvmnet vm attach ${names[0] ?? 'VM'} NETWORK`;
    return { value: rows, table: { rows, columns, empty } };
  },
};
