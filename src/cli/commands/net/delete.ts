import { planNetworkDelete } from '../../../plan/network/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeNetworks, networkNames } from './names.ts';
import { readSaved } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [networkNames],
  options: [{ flags: '--move-to <NET>', description: 'move every NIC into this network first', completes: 'network' }],
  description:
    'Names every guest that is cut off, and every domain, snapshot and saved memory that could not start without the network, and asks. ' +
    'With --move-to the NICs of all domains, running and shut off, move first as by vm move: they keep MAC, PCI slot, portgroup and VLAN, and ' +
    'running guests ask for a new address. Snapshots cannot move.',
  examples: [
    ['net delete keennet', 'stops it and removes its definition'],
    ['net delete keennet --dry-run', 'says what that would do'],
    ['net delete keennet --move-to default', 'its guests go on in the network default'],
  ],
  run: changeNetworks(
    async (names, state, { moveTo }, context) => {
      const saved = await readSaved(context);
      return planNetworkDelete(names, state, { saved, ...(typeof moveTo === 'string' ? { moveTo } : {}) });
    },
    (deleted, _options, { moved }) => [`deleted ${deleted}`, ...moved].join('\n'),
  ),
};
