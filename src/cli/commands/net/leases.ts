import { findNetworks } from '../../../state/find-network.ts';
import { leaseViews } from '../../../state/leases.ts';
import type { CommandDefinition } from '../../command.ts';
import { leaseColumns } from '../../views/lease.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '[NAME...]', description: 'the networks; all of them by default', completes: 'network' }],
  columns: leaseColumns(0),
  description:
    'What dnsmasq has leased, and to whom. Reserved: yes, or the address that the guest gets next. State: active; shut off; moved (its NIC is ' +
    'plugged into something else now); stale (its MAC is no NIC of any domain); outside (of a subnet that the network had before); expired.',
  examples: [
    ['net leases', 'of all networks, with the VM and NIC that has each'],
    ['net leases keennet -o csv --columns VM,Address', 'for scripts'],
  ],
  async run(context, names) {
    const state = await context.observe({ links: false, routes: false });
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
