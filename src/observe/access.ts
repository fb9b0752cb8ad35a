/** How the user works on a host: over which SSH connection, and whether kvmnet runs there. */
import { inheritedVariable } from '../host/processes.ts';
import { run } from '../host/run.ts';
import { hostTarget } from './host-target.ts';

/** SSH_CONNECTION of this process, or of an ancestor's; undefined where the user sits at this machine. */
export function ownSshConnection(): string | undefined {
  return inheritedVariable('SSH_CONNECTION');
}

/** The SSH connection that the user came by, where it is one to the host that changes. */
export function sshConnectionTo(uri: string): string | undefined {
  return hostTarget(uri) === undefined ? ownSshConnection() : undefined;
}

/** SSH_CONNECTION of the user of the host: our own on this machine; on a remote host, the variable of the ssh session that runs our programs. */
export async function observeAccess(uri: string) {
  const on = hostTarget(uri);
  if (!on) return { ssh: ownSshConnection(), elsewhere: undefined };
  const told = await run('printenv', ['SSH_CONNECTION'], { on }).catch(() => '');
  return { ssh: told.trim() === '' ? undefined : told.trim(), elsewhere: on.host };
}
