import { bondModes, planBondCreate } from '../../../plan/host/bond.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, given } from '../../host-change.ts';
import { persistOptions } from '../../persist-option.ts';

export const command: CommandDefinition = {
  arguments: [
    { name: '<NAME>', description: 'Name of the bond, for example bond0' },
    { name: '<NIC...>', description: 'NICs of the bond', completes: 'port' },
  ],
  options: [
    { flags: '--mode <MODE>', description: 'Bonding mode (default: active-backup)', completes: bondModes },
    { flags: '--miimon <MS>', description: "Milliseconds between two checks of the NICs' links (default: 100)" },
    { flags: '--primary <NIC>', description: 'NIC that carries the traffic while its link is up', completes: 'link' },
    ...persistOptions,
  ],
  description:
    'Create bridges, VLANs and addresses on the bond, not on its NICs. active-backup works with any switch; --mode 802.3ad requires ' +
    'LACP on the switch. The bond lasts until the next boot, unless --persist saves it.',
  examples: [
    ['bond create bond0 eno1 eno2', 'One NIC carries the traffic, the other takes over'],
    ['bond create bond0 eno1 eno2 --mode 802.3ad', 'Use both at the same time, with LACP'],
    ['bridge create br0 --port bond0', 'Then a bridge for guests on top of it'],
  ],
  run(context, [name = '', ...nics], options) {
    const wanted = { name, nics, ...given(options, 'mode', 'miimon', 'primary') };
    return changeHost(
      context,
      (state) => planBondCreate(wanted, state),
      `created bond ${name} of ${nics.join(', ')}`,
      [name],
      options,
    );
  },
};
