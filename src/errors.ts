/**
 * The closed list of error codes, with their meaning. docs/errors.md explains each code; a test compares the two.
 * Branch on the code, never on the text of a message.
 */
export const errorCodes = {
  USAGE: 'the command line is not valid',
  INPUT: 'a value is invalid; nothing was sent',
  NOTFOUND: 'the named object does not exist',
  AMBIGUOUS: 'the name matches more than one object',
  CONFLICT: 'it already exists, overlaps, or is in use',
  LOCKED: 'another run is changing the same host',
  DECLINED: 'consent was not given',
  DEPENDENCY: 'a program, a kernel feature or a version is missing',
  PERMISSION: 'the user may not do this',
  CONNECT: 'the daemon or the host does not answer',
  TIMEOUT: 'a deadline passed; the operation may still complete',
  BACKEND: 'libvirt or the kernel refused; nothing is left behind',
  PARTIAL: 'it failed halfway and could not be fully undone',
  INTERRUPTED: 'a signal ended it',
} as const;

/** One of the closed list of error codes. */
export type ErrorCode = keyof typeof errorCodes;

/** Optional parts of an error. */
export interface ErrorContext {
  /** The next command or action, in one sentence. */
  readonly hint?: string;
  /** Further facts, for `--json` and `--verbose`. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error class of kvmnet: a code, a sentence with the name that the user gave, and the next step. */
export class KvmnetError extends Error {
  override readonly name = 'KvmnetError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.hint = context.hint;
    this.details = context.details ?? {};
  }
}

/** The exit status of a run that a signal ended. */
export const interruptedStatus = 130;

/** Returns the exit status of a code: 2 refused before any change, 130 ended by a signal, 1 failed. */
export function exitStatus(code: ErrorCode): 1 | 2 | typeof interruptedStatus {
  switch (code) {
    case 'USAGE':
    case 'INPUT':
    case 'NOTFOUND':
    case 'AMBIGUOUS':
    case 'CONFLICT':
    case 'LOCKED':
    case 'DECLINED':
    case 'DEPENDENCY':
      return 2;
    case 'INTERRUPTED':
      return interruptedStatus;
    case 'PERMISSION':
    case 'CONNECT':
    case 'TIMEOUT':
    case 'BACKEND':
    case 'PARTIAL':
      return 1;
  }
}

const resources: Readonly<Record<string, string>> = {
  EMFILE: 'too many open files: raise the limit of this process (ulimit -n 1024)',
  ENFILE: 'too many open files on this host: raise fs.file-max',
  EAGAIN: 'too many processes: raise the limit (ulimit -u)',
  ENOMEM: 'out of memory',
  ENOSPC: 'no space left on device',
};

/** Returns the resource that this process has run out of, if that made a system call fail. */
export function exhausted(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? String(error.code) : '';
  const isFull = 'code' in error && 'syscall' in error;
  return isFull ? resources[code] : /EMFILE|too many open files/i.test(error.message) ? resources['EMFILE'] : undefined;
}

/**
 * Returns the result of a lookup, or undefined if it fails with NOTFOUND.
 * @throws any other error of the lookup
 */
export async function unlessMissing<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof KvmnetError && error.code === 'NOTFOUND') return undefined;
    throw error;
  }
}
