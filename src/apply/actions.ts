/** Carries out one action of a plan: each is a procedure of the binding, with the plan's exact data. */
import type { Connection } from '../libvirt/connection.ts';
import type { ProcedureArguments } from '../libvirt/procedures.ts';
import type { Action } from '../plan/step.ts';

/** Does not compile where an action is not exactly a procedure with its arguments. */
type Fits = { [C in Action['call']]: Extract<Action, { call: C }> extends ProcedureArguments<C>[0] ? C : never };

export async function perform(connection: Connection, action: Action): Promise<void> {
  const call: Fits[Action['call']] = action.call;
  await connection.call(call, action);
}
