import { KvmnetError } from '../../../errors.ts';
import { observeNeighbors } from '../../../observe/addresses.ts';
import { keptNat } from '../../../observe/nat.ts';
import { holderViews } from '../../../state/address-holders.ts';
import { findNetworks } from '../../../state/find-network.ts';
import { freeRanges, subnetUses } from '../../../state/subnet-use.ts';
import { flag, typed } from '../../options.ts';
import { freeColumns, holderColumns, useColumns } from '../../views/holder.ts';
import { warnOfUnseenNeighbors } from './arguments.ts';

export const command = typed({
  arguments: [{ name: '[NAME...]', description: 'Networks (default: all)', completes: 'network' }],
  columns: holderColumns,
  options: {
    free: flag('--free', 'List the free ranges of the IPv4 subnets instead'),
    summary: flag('--summary', 'Count the addresses of each subnet instead'),
  },
  description:
    'Lists the addresses of networks with their holders and all sources: `gateway` (an address of the host), `lease`, `neighbour` (table of the kernel of the ' +
    'host), `definition` (of a NIC), `reserved`, `forward` (a target, for root only). State: active; unseen (kept, but not seen in use); former (its guest has ' +
    'another lease now); shut off; moved (the NIC is now attached to another source); stale (no domain has a NIC with the MAC address); outside (in ' +
    'no subnet of the network).',
  examples: [
    ['net addresses', 'List the addresses of all networks with their holders'],
    ['net addresses keennet --free', 'List the free ranges, DHCP ranges separately'],
    ['net addresses --summary', 'Show how much of each subnet is left'],
  ],
  async run(context, names, { free, summary }) {
    if (free && summary) {
      throw new KvmnetError('USAGE', '--free and --summary exclude each other', { hint: 'leave one of them out' });
    }
    const [state, neighbors] = await Promise.all([context.observe({ routes: false }), observeNeighbors(context)]);
    warnOfUnseenNeighbors(context, state);
    const networks = names.length === 0 ? state.networks : findNetworks(state, names);
    const facts = {
      now: Date.now() / 1000,
      neighbors: neighbors ?? [],
      forwards: keptNat(context.options.uri).forwards,
    };
    const holders = holderViews(networks, state, facts);
    const of = names.length === 0 ? '' : ` in ${names.join(', ')}`;
    if (free) {
      const rows = freeRanges(networks, holders);
      return { value: rows, table: { rows, columns: freeColumns, empty: `no free IPv4 addresses${of}` } };
    }
    if (summary) {
      const rows = subnetUses(networks, holders);
      return { value: rows, table: { rows, columns: useColumns, empty: `no subnets${of}` } };
    }
    return { value: holders, table: { rows: holders, columns: holderColumns, empty: `no addresses${of}` } };
  },
});
