import { findNetworks } from '../../../state/find-network.ts';
import { leaseViews } from '../../../state/leases.ts';
import type { CommandDefinition } from '../../command.ts';
import { leaseColumns } from '../../views/lease.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '[NAME...]', description: 'Networks (default: all)', completes: 'network' }],
  columns: leaseColumns(0),
  description:
    'Lists the leases of dnsmasq and their holders. Reserved: yes, or the address that the guest gets next. State: active; shut off; ' +
    'moved (the NIC is now attached to another source); stale (no domain has a NIC with the MAC address); outside (in a former subnet ' +
    'of the network); expired.',
  examples: [
    ['net leases', 'List the leases of all networks, with VM and NIC'],
    ['net leases keennet -o csv --columns VM,Address', 'Print CSV for scripts'],
  ],
  async run(context, names) {
    const state = await context.observe({ only: ['networks', 'domains'] });
    const networks = names.length === 0 ? state.networks : findNetworks(state, names);
    const now = Date.now() / 1000;
    const rows = leaseViews(networks, state, now);
    context.warn(
      networks
        .filter(({ leases, active }) => active && leases === undefined && state.connection.hypervisor !== 'TEST')
        .map(({ name }) => `the leases of network ${name} cannot be read`),
    );
    const empty = `no leases${names.length === 0 ? '' : ` in ${names.join(', ')}`}`;
    return { value: rows, table: { rows, columns: leaseColumns(now), empty } };
  },
};
