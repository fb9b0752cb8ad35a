/** In place of a connection, where only the host's own links and files change: libvirt may not even be installed. */
import { KvmnetError } from '../errors.ts';
import { isRoot } from '../host/users.ts';
import type { Connection } from '../libvirt/connection.ts';
import { hostTarget } from '../observe/host-target.ts';

/**
 * @throws PERMISSION where this user may not change the links of this machine; DEPENDENCY where the URI has no host that can be reached
 */
export function hostOnlyConnection(uri: string): Connection {
  if (hostTarget(uri) === undefined) requireRoot("change this host's links");
  return {
    uri,
    hung: false,
    call: (procedure, ..._args) =>
      Promise.reject(new KvmnetError('CONNECT', `${procedure} needs a connection to ${uri}`)),
    close: () => Promise.resolve(),
  };
}

/** @throws PERMISSION for other users than root */
export function requireRoot(task: string): void {
  if (isRoot()) return;
  throw new KvmnetError('PERMISSION', `only root may ${task}`, { hint: 'run it with sudo' });
}
