import { sshConnectionTo } from '../../../observe/access.ts';
import { planVlanDelete } from '../../../plan/host/vlan.ts';
import { changeHost } from '../../host-change.ts';
import { persistOptions } from '../../host-options.ts';
import { typed } from '../../options.ts';
import { nic, vlanIds } from './shared.ts';

export const command = typed({
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
      (state) => planVlanDelete(name, ids, state, sshConnectionTo(context.options.uri)),
      `deleted VLAN ${ids.join(', ')} of ${name}`,
      [name],
      options,
    );
  },
});
