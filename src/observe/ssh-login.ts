/** The login on another host that libvirt and a command's programs share. */
import { KvmnetError } from '../errors.ts';
import { sshProgram } from '../host/run.ts';
import { stopSharing } from '../host/ssh/share.ts';
import { hostTarget } from './host-target.ts';
import { parseUri } from './uri.ts';

/** How libvirt reaches a host: the program in place of ssh, and the time that is left, in milliseconds. */
interface Through {
  readonly ssh: string | undefined;
  readonly timeout: number | undefined;
}

/**
 * Opens a connection of libvirt that joins the login. If the login fails, libvirt logs in itself: it may ask for a password, and
 * reports why it cannot.
 * @param timeout milliseconds for both
 */
export async function throughLogin<T>(
  uri: string,
  timeout: number | undefined,
  connect: (through: Through) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const on = parseUri(uri).transport === 'ssh' ? hostTarget(uri) : undefined;
  const ssh = on && (await sshProgram(on, timeout).catch(withoutLogin));
  const left = timeout === undefined ? undefined : Math.max(1, Math.ceil(timeout - (performance.now() - started)));
  return connect({ ssh, timeout: left });
}

function withoutLogin(error: unknown): undefined {
  if (!(error instanceof KvmnetError)) throw error;
}

export { stopSharing as endLogins };
