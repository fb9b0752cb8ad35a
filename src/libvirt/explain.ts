/** What a failed opening means, in one sentence with a remedy, told by libvirt's code and errno. */
import type { KvmnetError } from '../errors.ts';
import { LibvirtError, virErrors } from './error.ts';

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
