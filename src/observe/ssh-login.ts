/** The login on another host that libvirt and a command's programs share. */
import { KvmnetError } from '../errors.ts';
import { sshProgram } from '../host/run.ts';
import { stopSharing } from '../host/ssh/share.ts';
import { explainTimeout } from '../libvirt/explain.ts';
import { hostTarget } from './host-target.ts';
import { parseUri } from './uri.ts';

/**
 * Opens a connection of libvirt that joins the login. If the login fails, libvirt logs in itself: it may ask for a password, and
 * reports why it cannot.
 * @param timeout milliseconds for the login, without libvirt's answer
 * @param connect is handed the program in place of ssh, if libvirt can have one
 * @throws TIMEOUT
 */
export async function throughLogin<T>(
  uri: string,
  timeout: number | undefined,
  connect: (ssh: string | undefined) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const on = parseUri(uri).transport === 'ssh' ? hostTarget(uri) : undefined;
  const ssh = on && (await sshProgram(on, timeout).catch(withoutLogin));
  // A timer may fire up to a millisecond early.
  if (timeout !== undefined && performance.now() - started > timeout - 1) throw explainTimeout(uri, 'open', timeout);
  return connect(ssh);
}

function withoutLogin(error: unknown): undefined {
  if (!(error instanceof KvmnetError)) throw error;
}

export { stopSharing as endLogins };
