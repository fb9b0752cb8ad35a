import { bondModes, planBondCreate } from '../../../plan/host/bond.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, given } from '../../host-change.ts';
import { persistOptions } from '../../host-options.ts';

export const command: CommandDefinition = {
  arguments: [
    { name: '<NAME>', description: 'its name, for example bond0' },
    { name: '<NIC...>', description: 'the NICs that it is made of', completes: 'port' },
  ],
  options: [
    { flags: '--mode <MODE>', description: 'active-backup when left out', completes: bondModes },
    { flags: '--miimon <MS>', description: "milliseconds between two looks at the NICs' links; 100 when left out" },
    { flags: '--primary <NIC>', description: 'the one that carries the traffic whenever it can', completes: 'link' },
    ...persistOptions,
  ],
  description:
    'Bridges, VLANs and addresses then go on the bond. With active-backup any switch will do; --mode 802.3ad wants LACP there. ' +
    'It is gone at the next boot, unless --persist has the host make it anew.',
  examples: [
    ['bond create bond0 eno1 eno2', 'one carries the traffic, the other takes over'],
    ['bond create bond0 eno1 eno2 --mode 802.3ad', 'both at once, with LACP'],
    ['bridge create br0 --port bond0', 'then guests on top of it'],
  ],
  run(context, [name = '', ...nics], options) {
    const wanted = { name, nics, ...given(options, 'mode', 'miimon', 'primary') };
    return changeHost(
      context,
      (state) => planBondCreate(wanted, state),
      `bond ${name} of ${nics.join(', ')} is there`,
      [name],
      options,
    );
  },
};
