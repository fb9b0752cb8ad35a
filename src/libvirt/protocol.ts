/** The messages between the main thread and a connection's worker. */
import type { SentError } from './error.ts';
import type { ProcedureName } from './procedures.ts';
import type { ConsoleEvent, EventRecord } from './records.ts';

/** How a thread opens a connection. */
export interface OpenOptions {
  readonly uri: string;
  readonly readOnly: boolean;
  /** Register libvirt's event loop before opening: events and consoles need it. */
  readonly events: boolean;
  /** Report each C function called, with its time. */
  readonly trace: boolean;
}

export interface Request {
  readonly id: number;
  /** `open` comes first; after `close` the thread waits for another `open`, or for its `end`. */
  readonly procedure: ProcedureName | 'open' | 'watch' | 'close' | 'end';
  readonly args: unknown;
}

export type Reply =
  | { readonly loaded: true }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: SentError }
  | { readonly event: EventRecord }
  | { readonly console: Exclude<ConsoleEvent, { kind: 'end' }> }
  | { readonly consoleEnd: SentError | 'closed' }
  | { readonly called: string; readonly milliseconds: number };

const readOnlyProcedures =
  /^(describe|isAlive|nodeInfo|list|get|interfaceXml|networkXml|domainXml|domainSecureXml|domainAddresses|networkBridge|console|watch|close)/;

export const readTimeout = 30_000;
const changeTimeout = 120_000;

/** The deadline of a procedure that was given none, in milliseconds. */
export function timeoutOf(procedure: Request['procedure']): number {
  return isChange(procedure) ? changeTimeout : readTimeout;
}

/** True for a procedure that changes something, and so may take longer than a look. */
export function isChange(procedure: Request['procedure']): boolean {
  return !readOnlyProcedures.test(procedure);
}
