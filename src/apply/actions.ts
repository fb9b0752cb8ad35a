/** Carries out one action of a plan: each is a procedure of the binding, with the plan's exact data. */
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
  await connection.call(call, action);
}
