import { planNetworkDelete } from '../../../plan/network/lifecycle.ts';
import { text, typed } from '../../options.ts';
import { changeNetworks, networkNames } from './change-networks.ts';
import { readSaved } from './arguments.ts';

export const command = typed({
  arguments: [networkNames],
  options: { moveTo: text('--move-to <NET>', 'Move every NIC to this network first', 'network') },
  description:
    'Names every guest that would be cut off, and every domain, snapshot and saved memory that could not start without the network, and ' +
    'asks. --move-to first moves the NICs of all domains, running and shut off, like vm move: they keep MAC address, PCI slot, ' +
    'portgroup and VLAN, and running guests request a new address. Snapshots cannot be moved.',
  examples: [
    ['net delete keennet', 'Stop it and remove its definition'],
    ['net delete keennet --dry-run', 'Print the steps'],
    ['net delete keennet --move-to default', 'Move its guests to the network default'],
  ],
  run: changeNetworks(
    async (names, state, { moveTo }: { readonly moveTo: string | undefined }, context) => {
      const saved = await readSaved(context);
      return planNetworkDelete(names, state, { saved, moveTo });
    },
    (deleted, _options, { moved }) => [`deleted ${deleted}`, ...moved].join('\n'),
  ),
});
