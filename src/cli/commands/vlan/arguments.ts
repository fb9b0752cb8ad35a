/** Arguments that the commands on VLANs have in common. */
import type { ArgumentDefinition } from '../../command.ts';

export const nic: ArgumentDefinition = {
  name: '<NIC>',
  description: 'NIC, bond or bridge that carries the VLAN',
  completes: 'trunk',
};
export const vlanIds: ArgumentDefinition = {
  name: '<ID...>',
  description: 'VLAN IDs from 1 to 4094, and ranges: 10 20-29',
};
