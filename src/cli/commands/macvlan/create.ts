import { parseHostAddress } from '../../../values/host-address.ts';
import { planMacvlanCreate } from '../../../plan/host/macvlan.ts';
import { changeHost } from '../../host-change.ts';
import { parsed, typed } from '../../options.ts';

export const command = typed({
  arguments: [
    { name: '<NAME>', description: 'Name of the device' },
    { name: '<NIC>', description: 'NIC of the macvtap guests', completes: 'link' },
  ],
  options: { address: parsed('--address <CIDR>', 'Address of the host on the device', parseHostAddress) },
  description:
    'A host cannot reach macvtap guests on its NIC, since the NIC never sends its own frames to them. A macvlan device in mode bridge ' +
    'on the same NIC can.',
  examples: [['macvlan create host0 eno1 --address 192.168.1.250/32', 'Then run: ip route add GUEST dev host0']],
  run(context, [name = '', nic = ''], { address }) {
    const wanted = { name, nic, address };
    return changeHost(context, (state) => planMacvlanCreate(wanted, state), `created macvlan ${name} on ${nic}`, [
      name,
    ]);
  },
});
