import { planVlanDelete } from '../../../plan/host/vlan.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeHost, sshConnection } from '../../host-change.ts';
import { persistOptions } from '../../persist-option.ts';
import { nic, vlanIds } from './shared.ts';

export const command: CommandDefinition = {
  arguments: [nic, vlanIds],
  options: persistOptions,
  description:
    'Bridges that the devices were ports of stay: kvmnet bridge delete. Asks where guests, addresses or routes depend on one.',
  examples: [
    ['vlan delete eno1 10', 'the device eno1.10'],
    ['vlan delete eno1 10-19', 'those of this range that are there'],
  ],
  run(context, [name = '', ...ids], options) {
    return changeHost(
      context,
      (state) => planVlanDelete(name, ids, state, sshConnection(context)),
      `deleted VLAN ${ids.join(', ')} of ${name}`,
      [name],
      options,
    );
  },
};
