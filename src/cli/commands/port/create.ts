import { observeNamespace } from '../../../observe/kernel.ts';
import { parseHostAddress } from '../../../values/host-address.ts';
import { netnsOf, planPortCreate } from '../../../plan/host/port.ts';
import { changeHost } from '../../host-change.ts';
import { parsed, text, typed } from '../../options.ts';
import { bridge } from '../bridge/arguments.ts';

export const command = typed({
  arguments: [bridge, { name: '<NAME>', description: 'Name of the port' }],
  options: {
    netns: text('--netns <NAME>', 'Network namespace of the other end (default: the name of the port)'),
    address: parsed('--address <CIDR>', 'Address of the device in the namespace', parseHostAddress),
  },
  description:
    "Creates a veth pair: one end is the port, the other is eth0 in the network namespace, like a container's NIC. The namespace is " +
    'created if it does not exist.',
  examples: [
    ['port create br0 probe0 --address 192.168.10.9/24', 'Then run: ip netns exec probe0 ping 192.168.10.1'],
    ['port create virbr0 web0 --netns web', 'Connect it to a libvirt network'],
    ['undo', 'Delete it again'],
  ],
  run(context, [name = '', port = ''], options) {
    const wanted = { bridge: name, name: port, ...options };
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
});
