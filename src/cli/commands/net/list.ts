import { networkProblems, forgotten } from '../../../state/health.ts';
import { naturalOrder } from '../../../values/natural.ts';
import { strandedNics, strandedText } from '../../../state/membership.ts';
import { allOption, flag, typed } from '../../options.ts';
import { observeHealthSummary } from '../../../observe/examine.ts';
import { networkColumns, noNetworks, summarizeNetwork, summarizeUnreadable } from '../../views/network.ts';
import { quoted } from '../../../values/quoted.ts';

export const command = typed({
  options: {
    all: allOption,
    active: flag('--active', 'List only active networks'),
    inactive: flag('--inactive', 'List only inactive networks'),
  },
  columns: networkColumns,
  examples: [
    ['net list', 'List all networks, active and inactive'],
    ['net list -o name --active', 'List the names of active networks, for scripts'],
    ['net list --json', 'Print all fields for programs'],
  ],
  async run(context, _args, { active, inactive }) {
    const seen = await context.observe({
      only: ['networks', 'host'],
      leases: false,
      routes: false,
      showsUnreadable: 'network',
    });
    const { state, facts } = await observeHealthSummary(context, seen);
    const lost = forgotten(state, facts);
    context.warn([
      ...lost.map(
        ({ name }) =>
          `libvirt does not know network ${name} any more, though it is still on disk: kvmnet net heal ${quoted(name)}`,
      ),
      ...strandedNics(state)
        .filter(({ network }) => !lost.some(({ name }) => name === network))
        .map((nic) => `${strandedText(nic)}: ${nic.remedy}`),
    ]);
    const rows = [
      ...state.networks.map((network) => summarizeNetwork(network, state.host, networkProblems(network, state, facts))),
      ...(state.unreadable ?? []).filter(({ object }) => object === 'network').map(summarizeUnreadable),
    ]
      .filter((network) => active === inactive || network.active === active)
      .sort((left, right) => naturalOrder(left.name, right.name));
    // The column only exists if it has values.
    const broken = rows.some(({ problems }) => problems.length > 0);
    const columns = networkColumns.filter(({ heading }) => broken || heading !== 'Problem');
    return { value: rows, table: { rows, columns, empty: noNetworks } };
  },
});
