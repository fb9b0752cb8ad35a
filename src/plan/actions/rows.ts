/** The table of actions for plans: one row for each kind. A kind without a row does not compile. */
import type { Action, HostAction } from '../action.ts';
import type { Expectation } from '../expectation.ts';
import type { Step } from '../step.ts';
import { domainActions } from './domain.ts';
import { filterActions } from './filter.ts';
import { hostActions } from './host.ts';
import { interfaceActions } from './interface.ts';
import { networkActions } from './network.ts';
import { nicActions } from './nic.ts';
import type { ActionRow, ActionRows, Call } from './row.ts';

const rows: ActionRows<Action> = {
  ...networkActions,
  ...domainActions,
  ...nicActions,
  ...filterActions,
  ...interfaceActions,
  ...hostActions,
};

export function rowOf({ call }: Pick<Action, 'call'>): ActionRow<Action> {
  return rows[call];
}

/** True for a kind of action; an entry of the journal may have anything. */
export function isCall(call: unknown): call is Call {
  return typeof call === 'string' && Object.hasOwn(rows, call);
}

/** All kinds of actions. */
export const calls = Object.keys(rows).filter(isCall);

/** True for an action of the host itself, false for a call of libvirt. */
export function isHostAction(action: Action): action is HostAction {
  return Object.hasOwn(hostActions, action.call);
}

/** The actions of steps, and the actions that undo them. */
export function actionsOf(steps: readonly Pick<Step, 'do' | 'undo'>[]): readonly Action[] {
  return steps.flatMap((step) => [step.do, ...step.undo]);
}

/** True where steps, or the ways back from them, have an action of the host itself. */
export function hasHostAction(steps: readonly Step[]): boolean {
  return actionsOf(steps).some(isHostAction);
}

/** True where steps have the text of a file of the host, which may hold keys and passwords. */
export function hasFileText(steps: readonly Step[]): boolean {
  return actionsOf(steps).some((action) => rowOf(action).hasFileText === true);
}

/** True where steps cannot be done or undone while libvirt is away. */
export function needsLibvirt({ steps }: { readonly steps: readonly Step[] }): boolean {
  return actionsOf(steps).some((action) => rowOf(action).isWithoutLibvirt !== true);
}

/** The expected result of an action that undoes `step`. */
export function expectationOf(action: Action, { verify }: Pick<Step, 'verify'>): Expectation {
  return rowOf(action).expects(action, verify);
}

/** The action that redoes a step after its undo. */
export function againOf(step: Step): Action {
  return rowOf(step.do).again?.(step.do, step) ?? step.do;
}
