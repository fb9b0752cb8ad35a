/** Carries out one action of a plan: each is a procedure of the binding, with the plan's exact data. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { ProcedureArguments } from '../libvirt/procedures.ts';
import { isHostAction } from '../plan/host-action.ts';
import type { Action, HostAction } from '../plan/step.ts';
import { performOnHost } from './host-actions.ts';

type LibvirtAction = Exclude<Action, HostAction>;

/** Does not compile where an action is not exactly a procedure with its arguments. */
type Fits = {
  [C in LibvirtAction['call']]: Extract<LibvirtAction, { call: C }> extends ProcedureArguments<C>[0] ? C : never;
};

export async function perform(connection: Connection, action: Action): Promise<void> {
  if (isHostAction(action)) return performOnHost(connection, action);
  const call: Fits[LibvirtAction['call']] = action.call;
  const deadline = performance.now() + containerPatience;
  for (;;) {
    try {
      await connection.call(call, action);
      return;
    } catch (error) {
      if (!isStillStarting(error) || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** How long a container may take until its first process is known, in milliseconds. */
const containerPatience = 10_000;

/**
 * A container is active a moment before libvirt has been told its first process, and until then NICs cannot be plugged in. The error has a code that
 * others have too.
 */
function isStillStarting(error: unknown): boolean {
  return error instanceof KvmnetError && error.message.includes('until init PID is known');
}
