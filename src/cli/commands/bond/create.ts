import { bondModes, parseBondMode, parseMiimon, planBondCreate } from '../../../plan/host/bond.ts';
import { changeHost } from '../../host-change.ts';
import { persistOptions } from '../../host-options.ts';
import { parsed, text, typed } from '../../options.ts';

export const command = typed({
  arguments: [
    { name: '<NAME>', description: 'Name of the bond, for example bond0' },
    { name: '<NIC...>', description: 'NICs of the bond', completes: 'port' },
  ],
  options: {
    mode: parsed('--mode <MODE>', 'Bonding mode (default: active-backup)', parseBondMode, bondModes),
    miimon: parsed('--miimon <MS>', "Milliseconds between two checks of the NICs' links (default: 100)", parseMiimon),
    primary: text('--primary <NIC>', 'NIC that carries the traffic while its link is up', 'link'),
    ...persistOptions,
  },
  description:
    'Create bridges, VLANs and addresses on the bond, not on its NICs. active-backup works with any switch; --mode 802.3ad requires ' +
    'LACP on the switch. The bond lasts until the next boot, unless --persist saves it.',
  examples: [
    ['bond create bond0 eno1 eno2', 'One NIC carries the traffic, the other takes over'],
    ['bond create bond0 eno1 eno2 --mode 802.3ad', 'Use both at the same time, with LACP'],
    ['bridge create br0 --port bond0', 'Then a bridge for guests on top of it'],
  ],
  run(context, [name = '', ...nics], options) {
    const { mode, miimon, primary } = options;
    const wanted = { name, nics, mode, miimon, primary };
    return changeHost(
      context,
      (state) => planBondCreate(wanted, state),
      `created bond ${name} of ${nics.join(', ')}`,
      [name],
      options,
    );
  },
});
