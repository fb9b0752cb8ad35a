import { planAddPorts } from '../../../plan/host/bridge-ports.ts';
import { changeHost, withNicReferences } from '../../host-change.ts';
import { confirmOptions, persistOptions } from '../../host-options.ts';
import { typed } from '../../options.ts';
import { takenText } from '../../views/taken.ts';
import { bridge, ports, takeIp } from './arguments.ts';

export const command = typed({
  arguments: [bridge, ports],
  options: { takeIp, ...confirmOptions, ...persistOptions },
  description: 'Attach guests with kvmnet vm attach, which creates their device and the port.',
  examples: [['bridge add-port br0 eno2', 'Connect the network behind eno2 to br0']],
  run(context, [name = '', ...names], options) {
    const { takeIp: takes } = options;
    return changeHost(
      context,
      (state) => withNicReferences(planAddPorts(name, names, state, { takeIp: takes }), name, state),
      (plan) => `added ${names.join(', ')} to bridge ${name}${takes ? takenText(name, plan) : ''}`,
      names,
      options,
    );
  },
});
