/** How actions are done and undone: one row for each kind. A kind without a row does not compile. */
import type { Action, HostAction } from '../../plan/step.ts';
import { domainActions } from './domain.ts';
import { filterActions } from './filter.ts';
import { hostActions } from './host.ts';
import { interfaceActions } from './interface.ts';
import { networkActions } from './network.ts';
import { nicActions } from './nic.ts';
import type { ActionRow, ActionRows, HostActionRow } from './row.ts';

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

export function hostRowOf({ call }: Pick<HostAction, 'call'>): HostActionRow<HostAction> {
  return hostActions[call];
}
