import { sshConnectionTo } from '../../../observe/access.ts';
import { planBridgeDelete } from '../../../plan/host/bridge-delete.ts';
import { changeHost } from '../../host-change.ts';
import { confirmOptions, persistOptions } from '../../host-options.ts';
import { typed } from '../../options.ts';
import { bridges } from './shared.ts';

export const command = typed({
  arguments: [bridges],
  options: { ...confirmOptions, ...persistOptions },
  description:
    'Names the VMs, networks, ports, addresses and routes that go with it, and asks. Its ports stay. The bridge of a network of libvirt is deleted with that network: kvmnet net delete.',
  examples: [
    ['bridge delete br0', 'asks where somebody uses it'],
    ['bridge delete br0 br1 --dry-run', 'says what that would cut off'],
  ],
  run(context, names, options) {
    return changeHost(
      context,
      (state) => planBridgeDelete(names, state, sshConnectionTo(context.options.uri)),
      `deleted ${names.join(', ')}`,
      names,
      options,
    );
  },
});
