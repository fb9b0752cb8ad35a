import { findDomain } from '../../../state/find-domain.ts';
import type { CommandDefinition } from '../../command.ts';
import { addressColumns, addressesOfDomain } from '../../views/address.ts';
import { waitForAddresses } from '../../wait-address.ts';
import { parseDuration } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '<VM...>', description: 'the domains', completes: 'domain' }],
  options: [{ flags: '--wait <TIME>', description: 'wait until each has an address: 60s' }],
  examples: [
    ['vm ip VM1', 'its addresses, each with its source'],
    ['vm ip VM1 --wait 60s -o csv --columns Address', 'for scripts'],
  ],
  async run(context, names, { wait }) {
    const rows =
      typeof wait === 'string'
        ? await waitForAddresses(
            context,
            names.map((domain) => ({ domain })),
            parseDuration(wait, '--wait'),
          )
        : await look(context, names);
    return {
      value: rows,
      table: {
        rows,
        columns: addressColumns,
        empty: `no address of ${names.join(', ')} is known; --wait 60s waits for one`,
      },
    };
  },
};

async function look(context: Parameters<CommandDefinition['run']>[0], names: readonly string[]) {
  const state = await context.observe({ links: false, routes: false });
  const connection = await context.connection('read');
  const known = await Promise.all(names.map((name) => addressesOfDomain(connection, findDomain(state, name), state)));
  return known.flat();
}
