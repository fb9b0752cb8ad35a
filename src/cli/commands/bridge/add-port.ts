import { planAddPorts } from '../../../plan/host/bridge-ports.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, withTies } from '../../host-change.ts';
import { confirmOptions, persistOptions } from '../../host-options.ts';
import { takenText } from '../../views/taken.ts';
import { bridge, ports } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [bridge, ports],
  options: [
    { flags: '--take-ip', description: "the NIC's addresses, routes and MAC go over to the bridge, in one moment" },
    ...confirmOptions,
    ...persistOptions,
  ],
  description: 'Guests are plugged in by kvmnet vm attach, which makes their device and the port.',
  examples: [['bridge add-port br0 eno2', 'the network behind eno2 joins br0']],
  run(context, [name = '', ...names], options) {
    const takeIp = options['takeIp'] === true;
    return changeHost(
      context,
      (state) => withTies(planAddPorts(name, names, state, { takeIp }), name, state),
      (plan) => `${names.join(', ')}: port of bridge ${name}${takeIp ? takenText(name, plan) : ''}`,
      names,
      options,
    );
  },
};
