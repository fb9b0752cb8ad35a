import { sshConnectionTo } from '../../../observe/access.ts';
import { planBridgeDelete } from '../../../plan/host/bridge-delete.ts';
import { changeHost } from '../../host-change.ts';
import { confirmOptions, persistOptions } from '../../host-options.ts';
import { typed } from '../../options.ts';
import { bridges } from './arguments.ts';

export const command = typed({
  arguments: [bridges],
  options: { ...confirmOptions, ...persistOptions },
  description:
    'Names the VMs, networks, ports, addresses and routes that are affected, and asks. The ports themselves remain. Delete the bridge ' +
    'of a libvirt network with its network: kvmnet net delete.',
  examples: [
    ['bridge delete br0', 'Ask first if the bridge is in use'],
    ['bridge delete br0 br1 --dry-run', 'Print what would be cut off'],
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
