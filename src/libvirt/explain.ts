/** What a failed opening, or a deadline that has passed, means: one sentence with a remedy. Told by libvirt's code and errno. */
import { KvmnetError } from '../errors.ts';
import { LibvirtError, virErrors } from './error.ts';
import { isChange, type Request } from './protocol.ts';

const EACCES = 13;

/** The error of an opening, with the URI and the next step; anything that is not libvirt's is returned as it is. */
export function explainOpenError(uri: string, error: unknown): unknown {
  if (!(error instanceof LibvirtError)) return error;
  const { virError } = error;
  const { code, int1 } = virError;
  const explained = (
    kind: 'CONNECT' | 'PERMISSION' | 'DEPENDENCY' | 'INPUT',
    sentence: string,
    hint: string,
  ): KvmnetError => new LibvirtError(virError, kind, sentence, { hint, cause: error });
  if (permissionErrors.includes(code) || (code === virErrors.VIR_ERR_SYSTEM_ERROR && int1 === EACCES)) {
    const sentence = `you may not connect to ${uri}: ${virError.message}`;
    return explained(
      'PERMISSION',
      sentence,
      'join the group libvirt (`sudo usermod -aG libvirt $USER`, then log in again), or use sudo',
    );
  }
  if (code === virErrors.VIR_ERR_SYSTEM_ERROR || code === virErrors.VIR_ERR_RPC) {
    return explained('CONNECT', `nobody answers at ${uri}: ${virError.message}`, remedy(uri));
  }
  if (
    code === virErrors.VIR_ERR_NO_SUPPORT ||
    code === noConnect ||
    code === virErrors.VIR_ERR_INVALID_ARG ||
    code === internal
  ) {
    return explained(
      'INPUT',
      `${uri} cannot be opened: ${virError.message}`,
      'URIs look like qemu:///system, lxc:///system, qemu+ssh://root@host/system or test:///default',
    );
  }
  return explained('CONNECT', `${uri} cannot be opened: ${virError.message}`, remedy(uri));
}

const internal = 1;
const noConnect = 5;
const permissionErrors: readonly number[] = [
  virErrors.VIR_ERR_AUTH_FAILED,
  virErrors.VIR_ERR_AUTH_CANCELLED,
  virErrors.VIR_ERR_AUTH_UNAVAILABLE,
  virErrors.VIR_ERR_ACCESS_DENIED,
  virErrors.VIR_ERR_OPERATION_DENIED,
];

function remedy(uri: string): string {
  if (/^\w+\+(tcp|tls|ssh|libssh2?):/.test(uri))
    return 'is the host up, its name right, and its libvirt daemon listening?';
  if (uri.includes('/session'))
    return 'the session daemon is started on demand: is libvirt-daemon installed, and XDG_RUNTIME_DIR set?';
  return 'start the daemon: `systemctl start libvirtd` (or `systemctl start virtqemud.socket virtnetworkd.socket`)';
}

/** A deadline of `timeout` milliseconds has passed: at the opening, or while libvirt was at a procedure. */
export function explainTimeout(uri: string, what: Request['procedure'] | 'open', timeout: number): KvmnetError {
  const seconds = `${String(timeout / 1000)} s`;
  if (what !== 'open' && isChange(what)) {
    return new KvmnetError('TIMEOUT', `libvirt did not finish ${what} within ${seconds}; it may still be at it`, {
      hint: 'look at what is there before you try again (`kvmnet net list`, `kvmnet domiflist`), or give it more with --timeout',
    });
  }
  const sentence =
    what === 'open' ? `${uri} did not answer within ${seconds}` : `${uri} did not answer ${what} within ${seconds}`;
  return new KvmnetError('TIMEOUT', sentence, {
    hint: 'the daemon accepts connections and says nothing: look at `systemctl status libvirtd virtqemud virtnetworkd`, or give it more with --timeout',
  });
}
