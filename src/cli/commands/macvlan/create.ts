import { parseHostAddress } from '../../../values/host-address.ts';
import { planMacvlanCreate } from '../../../plan/host/macvlan.ts';
import { changeHost } from '../../host-change.ts';
import { parsed, typed } from '../../options.ts';

export const command = typed({
  arguments: [
    { name: '<NAME>', description: 'its name' },
    { name: '<NIC>', description: 'the NIC that guests sit on by macvtap', completes: 'link' },
  ],
  options: { address: parsed('--address <CIDR>', "the host's own address on it", parseHostAddress) },
  description:
    'A host does not reach guests that sit on its NIC by macvtap: frames of the NIC itself never go to them. A macvlan device of mode bridge on the same NIC is their neighbour.',
  examples: [['macvlan create host0 eno1 --address 192.168.1.250/32', 'then: ip route add GUEST dev host0']],
  run(context, [name = '', nic = ''], { address }) {
    const wanted = { name, nic, address };
    return changeHost(context, (state) => planMacvlanCreate(wanted, state), `macvlan ${name} on ${nic} is there`, [
      name,
    ]);
  },
});
