import { KvmnetError } from '../../../errors.ts';
import { isHeld, type AddressView } from '../../../state/addresses.ts';
import { findDomains, namedDomains } from '../../../state/find-domain.ts';
import { parsed, typed } from '../../options.ts';
import type { Context } from '../../context.ts';
import { addressColumns } from '../../views/address.ts';
import { observeAddresses } from '../../../observe/addresses.ts';
import { parseDuration, waitShown } from './arguments.ts';
import { quoted } from '../../../values/quoted.ts';

export const command = typed({
  arguments: [{ name: '[VM...]', description: 'Domains (default: all)', completes: 'domain' }],
  columns: addressColumns,
  options: { wait: parsed('--wait <TIME>', 'Wait until each has an address, for example 60s', parseDuration) },
  description:
    "Lists the addresses of every NIC, each with its source: `lease` (of dnsmasq), `agent` (of the guest), `neighbour` (table of the host's " +
    'kernel), `reserved` (for a guest that may not have it yet). A NIC without an address gets a line with the reason; csv, markdown and ' +
    'name list only the present addresses of guests.',
  examples: [
    ['vm ip', 'List the addresses of all domains'],
    ['vm ip VM1', 'List its addresses, each with its source'],
    ['vm ip VM1 --wait 60s -o csv --columns Address', 'Print the addresses for scripts'],
  ],
  async run(context, names, { wait }) {
    const wanted = names.length === 0 ? undefined : names.map((domain) => ({ domain }));
    const all =
      wait !== undefined ? await whenRunning(context, names, wait) : (await observeAddresses(context, wanted)).flat();
    // Who reads a list of addresses by a program wants no others in it.
    const rows = ['csv', 'markdown', 'name'].includes(context.options.format) ? all.filter(isHeld) : all;
    const columns = columnsFor(rows, context.options);
    const whose = names.length === 0 ? 'any domain' : names.join(', ');
    const empty = `no address of ${whose} is known; --wait 60s waits for one`;
    return { value: rows, table: { rows, columns, empty } };
  },
});

/** Omits columns that would be empty for people. */
function columnsFor(rows: readonly AddressView[], { format, columns }: Context['options']) {
  if (format !== 'table' || columns) return addressColumns;
  return addressColumns.filter(
    ({ heading }) =>
      (heading !== 'Reason' || rows.some(({ reason }) => reason !== undefined)) &&
      (heading !== 'Hostname' || rows.some(({ hostname }) => hostname !== undefined)),
  );
}

/** Domains that are off are not waited for: they get no address. */
async function whenRunning(context: Context, names: readonly string[], milliseconds: number) {
  const state = await context.observe({ only: ['domains'], domains: namedDomains(names) });
  const domains = findDomains(state, names).filter(({ active }) => active || names.length > 0);
  const off = domains.filter(({ active }) => !active).map(({ name }) => name);
  if (off.length > 0) {
    throw new KvmnetError('CONFLICT', `${off.join(', ')}: not running, and so without addresses`, {
      hint: `kvmnet vm start ${off.map(quoted).join(' ')}`,
    });
  }
  return waitShown(
    context,
    domains.map(({ name }) => ({ domain: name })),
    milliseconds,
  );
}
