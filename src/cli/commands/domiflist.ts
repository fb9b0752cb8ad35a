import { KvmnetError } from '../../errors.ts';
import { findDomain } from '../../state/find-domain.ts';
import { parseDomain, type Domain } from '../../xml/domain.ts';
import type { CommandDefinition, Result } from '../command.ts';
import type { Context } from '../context.ts';
import { columnsFor, domiflistColumns, summarizeNics } from '../views/nic.ts';

export const command: CommandDefinition = {
  arguments: [
    { name: '[VM...]', description: 'domains, by name, UUID or number; all when left out', completes: 'domain' },
  ],
  options: [{ flags: '--inactive', description: 'of one domain: the NICs at its next boot' }],
  description:
    'For one VM it prints exactly what virsh prints. For all, or several, a NIC that has lost its bridge, or is another at the next boot, is marked.',
  examples: [
    ['domiflist', 'every NIC of every domain'],
    ['domiflist VM1', 'as virsh domiflist VM1'],
    ['domiflist --json', 'everything, for programs'],
    ['domiflist --columns Domain,MAC,IP -o csv', 'for a spreadsheet'],
  ],
  async run(context, names, { inactive }) {
    const [name, ...others] = names;
    const { format, columns } = context.options;
    if (name !== undefined && others.length === 0 && format === 'table' && !columns) {
      return virshDomiflist(context, name, inactive === true);
    }
    if (inactive === true)
      throw new KvmnetError('USAGE', '--inactive goes with one VM', {
        hint: 'the column "Next boot" of kvmnet vm nics shows it for several',
      });
    const state = await context.observe({ routes: false });
    const domains = names.length === 0 ? state.domains : names.map((wanted) => findDomain(state, wanted));
    const rows = domains.flatMap((domain) => summarizeNics(domain, state));
    return { value: rows, table: { rows, columns: columnsFor(domiflistColumns, rows), empty: 'no domain has a NIC' } };
  },
};

async function virshDomiflist(context: Context, name: string, inactive: boolean): Promise<Result> {
  const connection = await context.connection('read');
  const domain = parseDomain(await domainXml(context, name, inactive, connection));
  const { virshTable } = await import('../table.ts');
  const rows = domain.interfaces.map(virshRow);
  return { value: rows, text: virshTable(['Interface', 'Type', 'Source', 'Model', 'MAC'], rows) + '\n' };
}

/** One domain's XML; an unknown name costs a listing, to name the nearest. */
async function domainXml(
  context: Context,
  name: string,
  inactive: boolean,
  connection: Awaited<ReturnType<Context['connection']>>,
): Promise<string> {
  try {
    return await connection.call('domainXml', { domain: name, inactive });
  } catch (error) {
    if (!(error instanceof KvmnetError) || error.code !== 'NOTFOUND') throw error;
    const found = findDomain(await context.observe({ networks: false, links: false, routes: false }), name);
    return connection.call('domainXml', { domain: found.uuid, inactive });
  }
}

/** As virsh's cmdDomiflist takes them from the XML; what is absent is a dash. */
function virshRow({ target, type, source, model, mac }: Domain['interfaces'][number]): string[] {
  const from = source?.bridge ?? source?.dev ?? source?.network ?? source?.name ?? source?.path;
  const wanted = type === 'network' ? source?.network : from;
  return [target?.dev, type, wanted, model?.type, mac?.address].map((cell) => cell ?? '-');
}
