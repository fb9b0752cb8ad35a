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
   * How to read what it changes: where a refusal has left the same, the action is as if never begun. Undefined where no reading tells.
   */
  target(action: A): Read | undefined;
  /** libvirt's answers that it did nothing: somebody else has started or stopped it, and that is not ours to undo. */
  readonly idleBy?: readonly ErrorName[];
  /** libvirt's answers that it has refused it before it changed anything. */
  readonly refusedBy?: readonly ErrorName[];
  /** How long to repeat it after an error, in milliseconds: where the cause ends by itself. */
  patience?(error: KvmnetError): number;
  /** The part of it, as an undo, that is still needed; undefined when there is none. All of it where this is left out. */
  stillNeeded?(connection: Connection, action: A, verify: Expectation): Promise<A | undefined>;
  /** What it has not yet led to as an undo, in words, although libvirt reported success. */
  unreleased?(connection: Connection, action: A, verify: Expectation): Promise<string | undefined>;
  /** True for an error of it, as an undo, which says that there is nothing to undo. */
  isMoot?(error: KvmnetError): boolean;
  /** What a reading must show where it is undone; where this is left out, what the action leads to. */
  undone?(action: A, verify: Expectation): Expectation | undefined;
  /** True where libvirt has all that it writes, beside what `undone` shows. */
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

/** For actions whose change no reading tells. */
export function noTarget(): undefined {
  return undefined;
}

/** Both definitions of a network. */
export function theNetwork({ network }: { readonly network: string }): Read {
  return async (connection) => {
    const found = await unlessMissing(connection.call('getNetwork', { network }));
    if (!found) return undefined;
    const { leases: _, ...record } = found;
    return record;
  };
}

/** Both definitions of a domain. */
export function theDomain({ domain }: { readonly domain: string }): Read {
  return (connection) => unlessMissing(connection.call('getDomain', { domain }));
}
