/**
 * virError <-> LibvirtError, both directions side by side: the worker makes a plain object of libvirt's last error, and the
 * main thread makes an Error of it again. libvirt keeps its last error per thread, so it is read where the call was made.
 * Source: libvirt's virterror.h and https://libvirt.org/html/libvirt-virterror.html
 */
import { KvmnetError, type ErrorCode, type ErrorContext } from '../errors.ts';

/** All fields of C's virError, and the C function that failed. */
export interface VirError {
  /** The C function that failed, for example `virNetworkCreate`. */
  readonly function: string;
  /** virErrorNumber, for example 43 for VIR_ERR_NO_NETWORK. */
  readonly code: number;
  /** virErrorDomain: which part of libvirt raised it. */
  readonly domain: number;
  readonly message: string;
  readonly level: number;
  readonly str1: string | null;
  readonly str2: string | null;
  readonly str3: string | null;
  /** Often errno. */
  readonly int1: number;
  readonly int2: number;
}

/** The virErrorNumber values that kvmnet decides by, under their C names. */
export const virErrors = {
  VIR_ERR_INTERNAL_ERROR: 1,
  VIR_ERR_NO_SUPPORT: 3,
  VIR_ERR_INVALID_ARG: 8,
  VIR_ERR_OPERATION_FAILED: 9,
  VIR_ERR_XML_ERROR: 27,
  VIR_ERR_DOM_EXIST: 28,
  VIR_ERR_OPERATION_DENIED: 29,
  VIR_ERR_NETWORK_EXIST: 37,
  VIR_ERR_SYSTEM_ERROR: 38,
  VIR_ERR_RPC: 39,
  VIR_ERR_NO_DOMAIN: 42,
  VIR_ERR_NO_NETWORK: 43,
  VIR_ERR_INVALID_MAC: 44,
  VIR_ERR_AUTH_FAILED: 45,
  VIR_ERR_OPERATION_INVALID: 55,
  VIR_ERR_NO_INTERFACE: 57,
  VIR_ERR_MULTIPLE_INTERFACES: 59,
  VIR_ERR_NO_NWFILTER: 62,
  VIR_ERR_CONFIG_UNSUPPORTED: 67,
  VIR_ERR_NO_DOMAIN_SNAPSHOT: 72,
  VIR_ERR_ARGUMENT_UNSUPPORTED: 74,
  VIR_ERR_AUTH_CANCELLED: 79,
  VIR_ERR_OPERATION_UNSUPPORTED: 84,
  VIR_ERR_AGENT_UNRESPONSIVE: 86,
  VIR_ERR_ACCESS_DENIED: 88,
  VIR_ERR_XML_INVALID_SCHEMA: 92,
  VIR_ERR_AUTH_UNAVAILABLE: 94,
  VIR_ERR_DEVICE_MISSING: 99,
  VIR_ERR_NO_NWFILTER_BINDING: 101,
  VIR_ERR_NO_NETWORK_PORT: 107,
  VIR_ERR_NO_NETWORK_METADATA: 111,
} as const;

const kinds: Readonly<Record<number, ErrorCode>> = {
  [virErrors.VIR_ERR_NO_SUPPORT]: 'DEPENDENCY',
  [virErrors.VIR_ERR_OPERATION_UNSUPPORTED]: 'DEPENDENCY',
  [virErrors.VIR_ERR_ARGUMENT_UNSUPPORTED]: 'DEPENDENCY',
  [virErrors.VIR_ERR_XML_ERROR]: 'INPUT',
  [virErrors.VIR_ERR_XML_INVALID_SCHEMA]: 'INPUT',
  [virErrors.VIR_ERR_INVALID_MAC]: 'INPUT',
  [virErrors.VIR_ERR_DOM_EXIST]: 'CONFLICT',
  [virErrors.VIR_ERR_NETWORK_EXIST]: 'CONFLICT',
  [virErrors.VIR_ERR_NO_DOMAIN]: 'NOTFOUND',
  [virErrors.VIR_ERR_NO_NETWORK]: 'NOTFOUND',
  [virErrors.VIR_ERR_NO_DOMAIN_SNAPSHOT]: 'NOTFOUND',
  [virErrors.VIR_ERR_NO_INTERFACE]: 'NOTFOUND',
  [virErrors.VIR_ERR_NO_NETWORK_PORT]: 'NOTFOUND',
  [virErrors.VIR_ERR_NO_NWFILTER]: 'NOTFOUND',
  [virErrors.VIR_ERR_NO_NWFILTER_BINDING]: 'NOTFOUND',
  [virErrors.VIR_ERR_NO_NETWORK_METADATA]: 'NOTFOUND',
  [virErrors.VIR_ERR_MULTIPLE_INTERFACES]: 'AMBIGUOUS',
  [virErrors.VIR_ERR_DEVICE_MISSING]: 'NOTFOUND',
  [virErrors.VIR_ERR_OPERATION_DENIED]: 'PERMISSION',
  [virErrors.VIR_ERR_AUTH_FAILED]: 'PERMISSION',
  [virErrors.VIR_ERR_AUTH_CANCELLED]: 'PERMISSION',
  [virErrors.VIR_ERR_AUTH_UNAVAILABLE]: 'PERMISSION',
  [virErrors.VIR_ERR_ACCESS_DENIED]: 'PERMISSION',
};

/** libvirt's error of a C function, with all fields of its virError. */
export class LibvirtError extends KvmnetError {
  readonly virError: VirError;

  constructor(
    virError: VirError,
    code = kinds[virError.code] ?? 'BACKEND',
    message = virError.message,
    context: ErrorContext = {},
  ) {
    super(code, message, { ...context, details: { libvirt: virError, ...context.details } });
    this.virError = virError;
  }
}

/** True when the error, or what caused it, is libvirt's error of one of these virErrorNumbers. */
export function isLibvirtError(error: unknown, ...codes: readonly (keyof typeof virErrors)[]): boolean {
  if (error instanceof LibvirtError && codes.some((code) => virErrors[code] === error.virError.code)) return true;
  return error instanceof Error && error.cause !== undefined && isLibvirtError(error.cause, ...codes);
}

/** An error as it crosses the threads: structured clone keeps neither class nor code. */
export type SentError =
  | {
      readonly kind: 'libvirt';
      readonly virError: VirError;
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint?: string | undefined;
    }
  | { readonly kind: 'kvmnet'; readonly code: ErrorCode; readonly message: string; readonly hint?: string | undefined }
  | { readonly kind: 'bug'; readonly message: string; readonly stack?: string | undefined };

export function sendError(error: unknown): SentError {
  if (error instanceof LibvirtError) {
    const { virError, code, message, hint } = error;
    return { kind: 'libvirt', virError, code, message, hint };
  }
  if (error instanceof KvmnetError)
    return { kind: 'kvmnet', code: error.code, message: error.message, hint: error.hint };
  if (error instanceof Error) return { kind: 'bug', message: error.message, stack: error.stack };
  return { kind: 'bug', message: String(error) };
}

export function receiveError(sent: SentError): Error {
  switch (sent.kind) {
    case 'libvirt':
      return new LibvirtError(
        sent.virError,
        sent.code,
        sent.message,
        sent.hint === undefined ? {} : { hint: sent.hint },
      );
    case 'kvmnet':
      return new KvmnetError(sent.code, sent.message, sent.hint === undefined ? {} : { hint: sent.hint });
    case 'bug': {
      const error = new Error(sent.message);
      if (sent.stack !== undefined) error.stack = sent.stack;
      return error;
    }
  }
}
