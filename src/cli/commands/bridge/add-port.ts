import { planAddPorts } from '../../../plan/host/bridge-ports.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost } from '../../host-change.ts';
import { confirmOptions } from '../../lifeline.ts';
import { persistOptions } from '../../persist-option.ts';
import { withTies } from '../../take-ties.ts';
import { takenText } from '../../views/taken.ts';
import { bridge, ports } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [bridge, ports],
  options: [
    {
      flags: '--take-ip',
      description: "Move the NIC's addresses, routes and MAC address to the bridge, within milliseconds",
    },
    ...confirmOptions,
    ...persistOptions,
  ],
  description: 'Attach guests with kvmnet vm attach, which creates their device and the port.',
  examples: [['bridge add-port br0 eno2', 'Connect the network behind eno2 to br0']],
  run(context, [name = '', ...names], options) {
    const takeIp = options['takeIp'] === true;
    return changeHost(
      context,
      (state) => withTies(planAddPorts(name, names, state, { takeIp }), name, state),
      (plan) => `added ${names.join(', ')} to bridge ${name}${takeIp ? takenText(name, plan) : ''}`,
      names,
      options,
    );
  },
};
