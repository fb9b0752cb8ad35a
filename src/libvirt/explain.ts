/** Explains a failed opening, or an exceeded deadline, in one sentence with a remedy, by libvirt's code and errno. */
import { exhausted, KvmnetError, type ErrorCode } from '../errors.ts';
import { LibvirtError, virErrors, type VirError } from './error.ts';
import { isChange, type Request } from './protocol.ts';

/** Numbers of libvirt's and of the kernel's that mean something only here. Source: virterror.h, errno(3). */
const VIR_ERR_INTERNAL_ERROR = 1;
const VIR_ERR_NO_CONNECT = 5;
const VIR_ERR_XML_DETAIL = 35;
const VIR_FROM_DBUS = 47;
const VIR_FROM_POLKIT = 60;
const EPERM = 1;
const ENOENT = 2;
const EACCES = 13;

const uriHint = 'URIs look like qemu:///system, lxc:///system, qemu+ssh://root@host/system or test:///default';

/** The error of an opening, with the URI and the next step; anything that is not libvirt's is returned as it is. */
export function explainOpenError(uri: string, error: unknown): unknown {
  if (!(error instanceof LibvirtError)) return error;
  const { virError } = error;
  if (virError.code === virErrors.VIR_ERR_XML_ERROR || virError.code === VIR_ERR_XML_DETAIL) {
    // libvirt's own message has the first line of the file, which may be any file.
    return new KvmnetError('INPUT', `cannot open ${uri}: the file does not exist, or is not the XML of a test host`, {
      hint: uriHint,
    });
  }
  const lack = exhausted(error);
  if (lack !== undefined)
    return new LibvirtError(virError, 'BACKEND', `${uri} cannot be opened: ${lack}`, { cause: error });
  const [code, sentence, hint] = meaning(uri, virError);
  return new LibvirtError(virError, code, `${sentence}: ${virError.message}`, { hint, cause: error });
}

function meaning(uri: string, virError: VirError): readonly [code: ErrorCode, sentence: string, hint: string] {
  const { code, int1 } = virError;
  const isOfSystem = code === virErrors.VIR_ERR_SYSTEM_ERROR;
  if (isForbidden(virError)) {
    const hint = 'join the group libvirt (`sudo usermod -aG libvirt $USER`, then log in again), or use sudo';
    return ['PERMISSION', `you may not connect to ${uri}`, hint];
  }
  if (isOfSystem && /^\w+\+(ssh|libssh2?):/.test(uri)) {
    const hint = 'does `ssh HOST virsh uri` work: is the host up, its name right, and your key known there?';
    return ['CONNECT', `no connection to ${uri}`, hint];
  }
  if (isOfSystem && int1 === ENOENT && isOverTls(uri)) {
    const hint =
      'TLS needs certificates on both sides (https://libvirt.org/kbase/tlscerts.html); qemu+ssh://root@host/system needs none';
    return ['CONNECT', `no connection to ${uri}`, hint];
  }
  if (isOfSystem || code === virErrors.VIR_ERR_RPC) return ['CONNECT', `no daemon answers at ${uri}`, remedy(uri)];
  if (badUri.includes(code)) return ['INPUT', `${uri} cannot be opened`, uriHint];
  return ['CONNECT', `${uri} cannot be opened`, remedy(uri)];
}

/** Also where polkit is to be asked, and does not exist. */
function isForbidden({ code, domain, int1 }: VirError): boolean {
  if (code === VIR_ERR_INTERNAL_ERROR) return domain === VIR_FROM_DBUS || domain === VIR_FROM_POLKIT;
  return forbidden.includes(code) || (code === virErrors.VIR_ERR_SYSTEM_ERROR && (int1 === EACCES || int1 === EPERM));
}

const forbidden: readonly number[] = [
  virErrors.VIR_ERR_AUTH_FAILED,
  virErrors.VIR_ERR_AUTH_CANCELLED,
  virErrors.VIR_ERR_AUTH_UNAVAILABLE,
  virErrors.VIR_ERR_ACCESS_DENIED,
  virErrors.VIR_ERR_OPERATION_DENIED,
];

const badUri: readonly number[] = [
  virErrors.VIR_ERR_NO_SUPPORT,
  virErrors.VIR_ERR_INVALID_ARG,
  VIR_ERR_NO_CONNECT,
  VIR_ERR_INTERNAL_ERROR,
];

/** TLS is what libvirt takes for a host without a transport. */
function isOverTls(uri: string): boolean {
  return /^\w+(\+tls:|:\/\/[^/?])/.test(uri);
}

function isRemote(uri: string): boolean {
  return isOverTls(uri) || /^\w+\+(tcp|ssh|libssh2?):/.test(uri);
}

function remedy(uri: string): string {
  const socket = /[?&]socket=([^&]*)/.exec(uri)?.[1];
  if (socket !== undefined && !isRemote(uri)) {
    return `is that the socket of a libvirt daemon, and does the daemon run? Look: ls -l ${socket}; without socket= the URI means the system's own`;
  }
  if (isRemote(uri)) return 'is the host up, its name right, and its libvirt daemon listening?';
  if (uri.includes('/session'))
    return 'the session daemon is started on demand: is libvirt-daemon installed, and XDG_RUNTIME_DIR set?';
  return 'start the daemon: `systemctl start libvirtd` (or `systemctl start virtqemud.socket virtnetworkd.socket`)';
}

/** A deadline of `timeout` milliseconds has passed: at the opening, or while libvirt was at a procedure. */
export function explainTimeout(uri: string, what: Request['procedure'], timeout: number): KvmnetError {
  const seconds = `${String(timeout / 1000)} s`;
  if (what !== 'open' && isChange(what)) {
    return new KvmnetError('TIMEOUT', `libvirt did not finish within ${seconds}; the change may still complete`, {
      hint: 'check the result before you try again (`kvmnet net list`, `kvmnet domiflist`), or allow more time with --timeout',
    });
  }
  const hint = isRemote(uri)
    ? 'is the host up, does its name resolve (`getent hosts NAME`), and does its libvirt daemon answer there? Or allow more time with --timeout'
    : 'the daemon accepts connections but does not answer: look at `systemctl status libvirtd virtqemud virtnetworkd`, or allow more time with --timeout';
  return new KvmnetError('TIMEOUT', `${uri} did not answer within ${seconds}`, { hint });
}
