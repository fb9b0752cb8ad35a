/** Carries out one action of a plan: each is a procedure of the binding, with the plan's exact data. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { ProcedureArguments } from '../../libvirt/procedures.ts';
import { isHostAction } from '../../plan/actions/rows.ts';
import type { Action, HostAction } from '../../plan/step.ts';
import { hostRowOf, rowOf } from './rows.ts';

type LibvirtAction = Exclude<Action, HostAction>;

/** Does not compile where an action is not exactly a procedure with its arguments. */
type Fits = {
  [C in LibvirtAction['call']]: Extract<LibvirtAction, { call: C }> extends ProcedureArguments<C>[0] ? C : never;
};

export async function perform(connection: Connection, action: Action): Promise<void> {
  if (isHostAction(action)) return hostRowOf(action).perform(connection, action);
  const call: Fits[LibvirtAction['call']] = action.call;
  const begun = performance.now();
  for (;;) {
    try {
      await connection.call(call, action);
      return;
    } catch (error) {
      if (performance.now() - begun >= patienceFor(action, error)) throw error;
      await sleep(100);
    }
  }
}

/**
 * Returns how long to repeat a failed call, in milliseconds. Other errors have the same codes: the text
 * distinguishes them.
 */
function patienceFor(action: Action, error: unknown): number {
  if (!(error instanceof KvmnetError)) return 0;
  // A container is active a moment before libvirt knows its first process, and until then accepts no NICs.
  if (error.message.includes('until init PID is known')) return 10_000;
  return rowOf(action).patience?.(error) ?? 0;
}
