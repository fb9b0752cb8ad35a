import { KvmnetError } from '../../../errors.ts';
import { findDomains, namedDomains } from '../../../state/find-domain.ts';
import { findNic, nicsOf } from '../../../state/nics.ts';
import { text, typed } from '../../options.ts';
import { statsColumns, statsOfDomain } from '../../views/stats.ts';
import { quoted } from '../../../values/quoted.ts';

export const command = typed({
  arguments: [{ name: '[VM...]', description: 'Running domains (default: all)', completes: 'domain' }],
  columns: statsColumns,
  options: { nic: text('--nic <NIC>', 'Show only this NIC: index, interface, MAC address, alias, or net=NAME', 'nic') },
  description: "Counters are from the guest's view since its NIC was attached: RX is what the guest received.",
  examples: [
    ['vm stats', 'Show all NICs of all running domains'],
    ['vm stats VM1', 'Show all of its NICs'],
    ['vm stats VM1 --nic 0 --json', 'Show one NIC, for programs'],
  ],
  async run(context, names, { nic }) {
    const state = await context.observe({ only: ['domains'], domains: namedDomains(names) });
    const domains = findDomains(state, names).filter(({ active }) => active || names.length > 0);
    const off = domains.filter(({ active }) => !active).map(({ name }) => name);
    if (off.length > 0) {
      throw new KvmnetError('CONFLICT', `${off.join(', ')}: not running, and so without counters`, {
        hint: `kvmnet vm start ${off.map(quoted).join(' ')}`,
      });
    }
    const connection = await context.connection('read');
    const counted = await Promise.all(
      domains.map((domain) => {
        const nics = nic !== undefined ? [findNic(domain, nic)] : nicsOf(domain);
        return statsOfDomain(domain, nics, connection);
      }),
    );
    const rows = counted.flat();
    const hasProblem = rows.some(({ problem }) => problem !== undefined);
    const columns = statsColumns.filter(({ heading }) => hasProblem || heading !== 'Problem');
    return {
      value: rows,
      table: {
        rows,
        columns,
        empty: names.length === 0 ? 'no running domain has a NIC' : `${names.join(', ')}: no attached NICs`,
      },
    };
  },
});
