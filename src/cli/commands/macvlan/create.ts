import { planMacvlanCreate } from '../../../plan/host/macvlan.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, given } from '../../host-change.ts';

export const command: CommandDefinition = {
  arguments: [
    { name: '<NAME>', description: 'Name of the device' },
    { name: '<NIC>', description: 'NIC of the macvtap guests', completes: 'link' },
  ],
  options: [{ flags: '--address <CIDR>', description: 'Address of the host on the device' }],
  description:
    'A host cannot reach macvtap guests on its NIC, since the NIC never sends its own frames to them. A macvlan device in mode bridge ' +
    'on the same NIC can.',
  examples: [['macvlan create host0 eno1 --address 192.168.1.250/32', 'Then run: ip route add GUEST dev host0']],
  run(context, [name = '', nic = ''], options) {
    const wanted = { name, nic, ...given(options, 'address') };
    return changeHost(context, (state) => planMacvlanCreate(wanted, state), `created macvlan ${name} on ${nic}`, [
      name,
    ]);
  },
};
