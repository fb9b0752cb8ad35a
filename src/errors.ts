/**
 * Every way in which kvmnet says no. The list is closed: docs/errors.md explains each code, and a test compares the two.
 * Decide by code, never by the text of a message.
 */
export const errorCodes = {
  USAGE: 'the command line is not one that kvmnet has',
  INPUT: 'a value is invalid; nothing was sent',
  NOTFOUND: 'what was named does not exist',
  AMBIGUOUS: 'what was named is more than one thing',
  CONFLICT: 'it exists already, overlaps, or is in use',
  LOCKED: 'another run is changing the same host',
  DECLINED: 'a confirmation was not given',
  DEPENDENCY: 'a program, a kernel feature or a version is missing',
  PERMISSION: 'the user may not do this',
  CONNECT: 'the daemon or the host does not answer',
  TIMEOUT: 'a deadline passed; the operation may still complete',
  BACKEND: 'libvirt or the kernel refused; nothing is left behind',
  PARTIAL: 'it failed halfway and something stayed changed',
  INTERRUPTED: 'a signal ended it',
} as const;

/** One of the closed list of error codes. */
export type ErrorCode = keyof typeof errorCodes;

/** What may accompany an error. */
export interface ErrorContext {
  /** What to type or do next, one sentence. */
  readonly hint?: string;
  /** More facts, for `--json` and `--verbose`. */
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

/** Refused before anything was touched (2), ended by a signal (130), or failed while doing (1). */
export function exitStatus(code: ErrorCode): 1 | 2 | 130 {
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
      return 130;
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

/** What this process has run out of, where that is why a call of the system failed. */
export function exhausted(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? String(error.code) : '';
  const isFull = 'code' in error && 'syscall' in error;
  return isFull ? resources[code] : /EMFILE|too many open files/i.test(error.message) ? resources['EMFILE'] : undefined;
}

/**
 * What a look finds; undefined where it ends with NOTFOUND.
 * @throws what the look throws otherwise
 */
export async function unlessMissing<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof KvmnetError && error.code === 'NOTFOUND') return undefined;
    throw error;
  }
}
