/** Adds to a command's plan what depends on the host and not on the command. */
import { isHostAction } from '../plan/actions/rows.ts';
import type { ConfirmOptions } from '../plan/host/guard.ts';
import type { Plan } from '../plan/step.ts';
import type { Seen, State } from '../state/state.ts';

/** The parts of the state that the command has read. */
type Looked = Seen<never> & Partial<State>;

/** Restores the settings of forwards after the start of a network, and reverts a change of links that is not confirmed. */
export async function completed<P extends Plan>(
  plan: P,
  state: Looked,
  uri: string,
  confirm: ConfirmOptions | undefined,
): Promise<P> {
  return guarded(await withForwards(plan, state, uri), state, confirm);
}

/** A network that starts has a new bridge, over which forwards may lead. */
async function withForwards<P extends Plan>(plan: P, { networks = [] }: Looked, uri: string): Promise<P> {
  if (!plan.steps.some((step) => step.do.call === 'networkStart')) return plan;
  const [{ keptNat }, { withLocalForwards }] = await Promise.all([
    import('../observe/nat.ts'),
    import('../plan/nat/after-start.ts'),
  ]);
  return withLocalForwards(plan, keptNat(uri).forwards, networks);
}

/** A plan that changes links may cut the host off: then it is reverted unless it is confirmed. */
async function guarded<P extends Plan>(plan: P, state: Looked, confirm: ConfirmOptions | undefined): Promise<P> {
  if (!plan.steps.some((step) => isHostAction(step.do))) return plan;
  const [{ changesLinks, guarded: withConfirmation }, { observeAccess }] = await Promise.all([
    import('../plan/host/guard.ts'),
    import('../observe/access.ts'),
  ]);
  const { connection, host } = state;
  if (!changesLinks(plan) || !host) return plan;
  return withConfirmation(plan, host, confirm, await observeAccess(connection.uri));
}
