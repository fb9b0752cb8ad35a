/**
 * A read-only connection on the main thread, for a short look at a daemon of this machine: a thread of its own would take longer to
 * start than such a look takes. The same procedures, and a deadline that ends the process: nothing else can interrupt a call.
 */
import type { KvmnetError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { makeDeadline } from './ffi/deadline.ts';
import { explainOpenError, explainTimeout } from './explain.ts';
import * as c from './ffi/ffi.ts';
import { initialize, present } from './native.ts';
import { procedures } from './procedures.ts';
import { readTimeout, type Request } from './protocol.ts';

export interface InProcessOptions {
  readonly timeout?: number | undefined;
  readonly onCall?: ((name: string, milliseconds: number) => void) | undefined;
  /** The text on stderr if a call exceeds its deadline; the process then ends with status 1. */
  readonly lastWords: (error: KvmnetError) => string;
  /** Runs what blocks this thread. */
  readonly around: <T>(task: () => T) => T;
}

/** Runs a task that must be done within the deadline. */
type Within = <T>(what: Request['procedure'], task: () => T) => T;

/**
 * Opens a read-only connection, and answers its calls before it returns. Undefined if deadlines are not available: a connection with
 * its own thread always has one. Throws like `connect`, except for TIMEOUT, which ends the process.
 */
export function connectInProcess(uri: string, options: InProcessOptions): Connection | undefined {
  const { timeout = readTimeout, onCall, lastWords, around } = options;
  const deadline = makeDeadline();
  if (!deadline) return undefined;
  const within: Within = (what, task) => {
    deadline.start(timeout, lastWords(explainTimeout(uri, what, timeout)));
    try {
      return around(task);
    } finally {
      deadline.stop();
    }
  };
  c.traceCalls(onCall);
  const connection = open(uri, within);
  let isOpen = true;
  return {
    uri,
    hung: false,
    call: (name, ...args) =>
      new Promise((resolve) => {
        const procedure = procedures[name] as (connection: c.Pointer, args: unknown) => never;
        resolve(within(name, () => procedure(connection, args[0] ?? {})));
      }),
    close: () => {
      if (isOpen) within('close', () => c.virConnectClose(connection));
      isOpen = false;
      return Promise.resolve();
    },
  };
}

function open(uri: string, within: Within): c.Pointer {
  try {
    return within('open', () => {
      initialize();
      return present('virConnectOpenReadOnly', c.virConnectOpenReadOnly(uri));
    });
  } catch (error) {
    throw explainOpenError(uri, error);
  }
}
