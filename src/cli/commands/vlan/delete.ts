import { sshConnectionTo } from '../../../observe/access.ts';
import { planVlanDelete } from '../../../plan/host/vlan.ts';
import { changeHost } from '../../host-change.ts';
import { persistOptions } from '../../host-options.ts';
import { typed } from '../../options.ts';
import { nic, vlanIds } from './arguments.ts';

export const command = typed({
  arguments: [nic, vlanIds],
  options: persistOptions,
  description:
    'The bridges of the devices remain: delete them with kvmnet bridge delete. Asks first if guests, addresses or routes depend on a ' +
    'device.',
  examples: [
    ['vlan delete eno1 10', 'Delete the device eno1.10'],
    ['vlan delete eno1 10-19', 'Delete the existing devices of this range'],
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
