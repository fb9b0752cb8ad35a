import { sshConnectionTo } from '../../../observe/access.ts';
import { planDeletePorts } from '../../../plan/host/bridge-ports.ts';
import { changeHost } from '../../host-change.ts';
import { confirmOptions, persistOptions } from '../../host-options.ts';
import { typed } from '../../options.ts';
import { bridge, ports } from './arguments.ts';

export const command = typed({
  arguments: [bridge, ports],
  options: { ...confirmOptions, ...persistOptions },
  description: "Asks first if guests, the host's default route or your SSH connection depend on the port.",
  examples: [['bridge del-port br0 eno2', 'Remove eno2 from br0; its link stays up']],
  run(context, [name = '', ...names], options) {
    return changeHost(
      context,
      (state) => planDeletePorts(name, names, state, sshConnectionTo(context.options.uri)),
      `removed ${names.join(', ')} from bridge ${name}`,
      names,
      options,
    );
  },
});
