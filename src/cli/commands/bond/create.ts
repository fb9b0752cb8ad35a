import { bondModes, parseBondMode, parseMiimon, planBondCreate } from '../../../plan/host/bond.ts';
import { changeHost } from '../../host-change.ts';
import { persistOptions } from '../../host-options.ts';
import { parsed, text, typed } from '../../options.ts';

export const command = typed({
  arguments: [
    { name: '<NAME>', description: 'its name, for example bond0' },
    { name: '<NIC...>', description: 'the NICs that it is made of', completes: 'port' },
  ],
  options: {
    mode: parsed('--mode <MODE>', 'active-backup when left out', parseBondMode, bondModes),
    miimon: parsed(
      '--miimon <MS>',
      "milliseconds between two looks at the NICs' links; 100 when left out",
      parseMiimon,
    ),
    primary: text('--primary <NIC>', 'the one that carries the traffic whenever it can', 'link'),
    ...persistOptions,
  },
  description:
    'Bridges, VLANs and addresses then go on the bond. With active-backup any switch will do; --mode 802.3ad wants LACP there. ' +
    'It is gone at the next boot, unless --persist has the host make it anew.',
  examples: [
    ['bond create bond0 eno1 eno2', 'one carries the traffic, the other takes over'],
    ['bond create bond0 eno1 eno2 --mode 802.3ad', 'both at once, with LACP'],
    ['bridge create br0 --port bond0', 'then guests on top of it'],
  ],
  run(context, [name = '', ...nics], options) {
    const { mode, miimon, primary } = options;
    const wanted = { name, nics, mode, miimon, primary };
    return changeHost(
      context,
      (state) => planBondCreate(wanted, state),
      `bond ${name} of ${nics.join(', ')} is there`,
      [name],
      options,
    );
  },
});
