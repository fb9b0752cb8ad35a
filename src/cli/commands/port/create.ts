import { observeNamespace } from '../../../observe/kernel.ts';
import { netnsOf, planPortCreate } from '../../../plan/host/port.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, given } from '../../host-change.ts';
import { bridge } from '../bridge/shared.ts';

export const command: CommandDefinition = {
  arguments: [bridge, { name: '<NAME>', description: 'Name of the port' }],
  options: [
    {
      flags: '--netns <NAME>',
      description: 'Network namespace of the other end (default: the name of the port)',
    },
    { flags: '--address <CIDR>', description: 'Address of the device in the namespace' },
  ],
  description:
    "Creates a veth pair: one end is the port, the other is eth0 in the network namespace, like a container's NIC. The namespace is " +
    'created if it does not exist.',
  examples: [
    ['port create br0 probe0 --address 192.168.10.9/24', 'Then run: ip netns exec probe0 ping 192.168.10.1'],
    ['port create virbr0 web0 --netns web', 'Connect it to a libvirt network'],
    ['undo', 'Delete it again'],
  ],
  run(context, [name = '', port = ''], options) {
    const wanted = { bridge: name, name: port, ...given(options, 'netns', 'address') };
    const netns = netnsOf(wanted);
    return changeHost(
      context,
      async (state) => {
        const links = await observeNamespace(context.options.uri, netns, context.traceRun);
        return planPortCreate(wanted, links, state);
      },
      `port ${port} of ${name} leads to network namespace ${netns}\nnext: ip netns exec ${netns} ip address`,
      [port],
    );
  },
};
