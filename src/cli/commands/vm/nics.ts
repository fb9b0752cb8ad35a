import { KvmnetError } from '../../../errors.ts';
import type { SyncTarget } from '../../../plan/nic/sync.ts';
import { invalid } from '../../../values/invalid.ts';
import { findDomain, findDomains, namedDomains } from '../../../state/find-domain.ts';
import type { Result } from '../../command.ts';
import { parsed, typed } from '../../options.ts';
import type { Context } from '../../context.ts';
import { observePortHealth } from '../../../observe/examine.ts';
import { columnsFor, nicsColumns, summarizeNics } from '../../views/nic.ts';
import { changeResult } from '../../views/plan.ts';
import { quoted } from '../../../values/quoted.ts';

export const command = typed({
  arguments: [{ name: '[VM...]', description: 'Domains (default: all)', completes: 'domain' }],
  columns: nicsColumns,
  options: {
    sync: parsed(
      '--sync <LIVE|CONFIG>',
      "Make the live NICs match the next boot's, or the other way around (config)",
      syncTarget,
      ['live', 'config'],
    ),
  },
  description:
    'vm detach, move and link accept the index in the column NIC, an interface, a MAC address, an alias, or net=NAME.',
  examples: [
    ['vm nics VM1', 'List its NICs and their sources, now and at the next boot'],
    ['vm nics', 'List the NICs of all domains'],
    ['vm nics VM1 --sync config', 'Keep the present NICs at the next boot'],
    ['vm nics VM1 --sync live --dry-run', 'Print the changes that give it the NICs of its next boot now'],
  ],
  async run(context, names, { sync }) {
    if (sync !== undefined) return synchronize(context, names, sync);
    const state = await context.observe({ routes: false, domains: namedDomains(names) });
    const domains = findDomains(state, names);
    const facts = await observePortHealth(context, state);
    const rows = domains.flatMap((domain) => summarizeNics(domain, state, facts));
    const columns = columnsFor(nicsColumns, rows, context.options);
    const empty = `no NICs; attach one: kvmnet vm attach ${quoted(names[0] ?? 'VM')} NETWORK`;
    return { value: rows, table: { rows, columns, empty } };
  },
});

async function synchronize(context: Context, [name, ...more]: readonly string[], target: SyncTarget): Promise<Result> {
  if (name === undefined || more.length > 0) {
    throw new KvmnetError('USAGE', '--sync changes one domain at a time', {
      hint: 'name one; repeat the command for each',
    });
  }
  // A report does not need what changes NICs.
  const { planSync } = await import('../../../plan/nic/sync.ts');
  const result = await context.change((state) => planSync(findDomain(state, name), target, state), {
    leases: false,
    routes: false,
    domains: [name],
  });
  const done = [
    `${name}: its NICs now and at its next boot agree`,
    ...result.plan.steps.map(({ title }) => `  ${title}`),
  ].join('\n');
  return changeResult(context, result, done, { domain: name });
}

function syncTarget(value: string, origin: string): SyncTarget {
  if (value === 'live' || value === 'config') return value;
  throw invalid(origin, value, 'specify the definition to change: live or config', 'config');
}
