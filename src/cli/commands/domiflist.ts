import { KvmnetError } from '../../errors.ts';
import { findDomain, namedDomains } from '../../state/find-domain.ts';
import { readNamed } from '../../state/unreadable.ts';
import type { DomainState } from '../../state/state.ts';
import { lazyDomain } from '../../xml/lazy-domain.ts';
import type { Result } from '../command.ts';
import type { Context } from '../context.ts';
import { flag, text, typed } from '../options.ts';
import { observePortHealth } from '../../observe/examine.ts';
import { domiflistHeadings, domiflistRow } from '../views/domiflist.ts';
import { columnsFor, domiflistColumns, summarizeNics, unreadableNics } from '../views/nic.ts';

export const command = typed({
  arguments: [{ name: '[VM...]', description: 'Domains, by name, UUID or ID (default: all)', completes: 'domain' }],
  options: {
    domain: text('--domain <VM>', 'Same as VM, as in virsh', 'domain'),
    inactive: flag('--inactive', 'List the NICs at the next boot'),
  },
  columns: domiflistColumns,
  description:
    'For one VM the output is exactly the output of virsh. For several or all VMs, it marks NICs that have lost their bridge or that differ ' +
    'at the next boot.',
  examples: [
    ['domiflist', 'List every NIC of every domain'],
    ['domiflist VM1', 'Same as virsh domiflist VM1'],
    ['domiflist --json', 'Print all fields for programs'],
    ['domiflist --columns Domain,MAC,IP -o csv', 'Print CSV for a spreadsheet'],
  ],
  async run(context, args, { domain, inactive }) {
    const names = domain === undefined ? args : [...args, domain];
    const [name, ...others] = names;
    const { format, columns } = context.options;
    if (name !== undefined && others.length === 0 && format === 'table' && !columns) {
      return virshDomiflist(context, name, inactive);
    }
    const showsUnreadable = names.length === 0 ? 'domain' : undefined;
    const state = await context.observe({
      routes: false,
      domains: namedDomains(names),
      ...(showsUnreadable ? { showsUnreadable } : {}),
    });
    const domains = names.length === 0 ? state.domains : names.map((wanted) => findDomain(state, wanted));
    const facts = await observePortHealth(context, state);
    const nics = domains.flatMap((each) => summarizeNics(inactive ? atNextBoot(each) : each, state, facts));
    const unreadable = (state.unreadable ?? []).filter(({ object }) => object === showsUnreadable);
    const rows = [...nics, ...unreadable.map(unreadableNics)];
    return {
      value: rows,
      table: { rows, columns: columnsFor(domiflistColumns, rows, context.options), empty: 'no NICs' },
    };
  },
});

/** As if it were shut off; a transient domain has no other definition than its live one. */
function atNextBoot(domain: DomainState): DomainState {
  return domain.inactive ? { ...domain, active: false, domain: domain.inactive } : domain;
}

async function virshDomiflist(context: Context, name: string, inactive: boolean): Promise<Result> {
  const xml = await domainXml(context, name, inactive);
  const { interfaces } = readNamed('domain', name, () => lazyDomain(xml));
  const { virshTable } = await import('../output/virsh-table.ts');
  const rows = interfaces.map(domiflistRow);
  const { quiet } = context.options;
  const table = await virshTable(quiet ? undefined : domiflistHeadings, rows);
  const text = table + (quiet ? '' : '\n');
  return { value: rows, text, isVerbatim: true };
}

/** One domain's XML; an unknown name costs a listing, to name the nearest. */
async function domainXml(context: Context, name: string, inactive: boolean): Promise<string> {
  const connection = await context.connection('read');
  try {
    return await connection.call('domainXml', { domain: name, inactive });
  } catch (error) {
    if (!(error instanceof KvmnetError) || error.code !== 'NOTFOUND') throw error;
    const found = findDomain(await context.observe({ only: ['domains'], domains: [name] }), name);
    return connection.call('domainXml', { domain: found.uuid, inactive });
  }
}
