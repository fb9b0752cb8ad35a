import { planDeletePorts } from '../../../plan/host/bridge-ports.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, sshConnection } from '../../host-change.ts';
import { confirmOptions } from '../../lifeline.ts';
import { persistOptions } from '../../persist-option.ts';
import { bridge, ports } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [bridge, ports],
  options: [...confirmOptions, ...persistOptions],
  description: "Asks first if guests, the host's default route or your SSH connection depend on the port.",
  examples: [['bridge del-port br0 eno2', 'Remove eno2 from br0; its link stays up']],
  run(context, [name = '', ...names], options) {
    return changeHost(
      context,
      (state) => planDeletePorts(name, names, state, sshConnection(context)),
      `removed ${names.join(', ')} from bridge ${name}`,
      names,
      options,
    );
  },
};
