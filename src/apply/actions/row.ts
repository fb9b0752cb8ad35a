/** How a kind of action is done and undone, as a row. */
import { unlessMissing, type KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { virErrors } from '../../libvirt/error.ts';
import type { Action, Expectation, HostAction } from '../../plan/step.ts';

/** Reads something as libvirt has it now, to be compared later. */
export type Read = (connection: Connection) => Promise<unknown>;

type ErrorName = keyof typeof virErrors;

/** The functions are methods, so that the row of any action is a row of `Action`: `rowOf` gives each its own. */
export interface ActionRow<A extends Action> {
  /**
   * Reads what the action changes: if that is the same after an error, the action did not begin. Undefined if
   * no reading shows it.
   */
  target(action: A): Read | undefined;
  /** libvirt's answers that it did nothing: another program has started or stopped it, which kvmnet does not undo. */
  readonly idleBy?: readonly ErrorName[];
  /** libvirt's answers that it has refused it before it changed anything. */
  readonly refusedBy?: readonly ErrorName[];
  /** How long to repeat it after an error that passes, in milliseconds. */
  patience?(error: KvmnetError): number;
  /** As an undo: the part that is still needed; undefined if none is. All of it, if this is omitted. */
  stillNeeded?(connection: Connection, action: A, verify: Expectation): Promise<A | undefined>;
  /** As an undo: what is not yet so although libvirt reported success, in words. */
  unreleased?(connection: Connection, action: A, verify: Expectation): Promise<string | undefined>;
  /** As an undo: true for an error that means that nothing has to be undone. */
  isMoot?(error: KvmnetError): boolean;
  /** The state to expect after an undo; if this is omitted, the state that the action leads to. */
  undone?(action: A, verify: Expectation): Expectation | undefined;
  /** True if libvirt has everything that it writes, in addition to what `undone` shows. */
  isRestored?(connection: Connection, action: A, verify: Expectation): Promise<boolean>;
  /** True where the definition of its target is the one that it writes, and no more than libvirt adds to it. */
  isWritten?(connection: Connection, action: A, target: string): Promise<boolean>;
}

export interface HostActionRow<A extends HostAction> extends ActionRow<A> {
  /**
   * Does it on the host of the connection.
   * @throws DEPENDENCY where the host is another machine; CONFLICT where what is to be removed belongs to an active network, or is not what
   * libvirt left
   */
  perform(connection: Connection, action: A): Promise<void>;
}

export type ActionRows<A extends Action> = { readonly [C in A['call']]: ActionRow<Extract<A, { readonly call: C }>> };
export type HostActionRows = {
  readonly [C in HostAction['call']]: HostActionRow<Extract<HostAction, { readonly call: C }>>;
};

/** Whether something runs: of a start or a stop, "the operation is not valid" means that nothing was done. */
export const lifecycle = ['VIR_ERR_OPERATION_INVALID'] as const;

/** For actions whose change no reading shows. */
export function noTarget(): undefined {
  return undefined;
}

/** Both definitions of a network. */
export function theNetwork({ network }: { readonly network: string }): Read {
  return (connection) => unlessMissing(connection.call('getNetwork', { network }));
}

/** Both definitions of a domain. */
export function theDomain({ domain }: { readonly domain: string }): Read {
  return (connection) => unlessMissing(connection.call('getDomain', { domain }));
}
