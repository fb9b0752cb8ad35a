/** Health of networks and NICs, for commands that show them. */
import type { HealthFacts } from '../state/health.ts';
import { isWaitingNetwork } from '../state/membership.ts';
import type { State } from '../state/state.ts';
import type { Context } from './context.ts';

/** A State with the facts of health that were read with it. */
export interface Examined {
  readonly state: State;
  readonly facts: HealthFacts;
}

/**
 * For lists: what costs little. Domains are read only where a guest may be cut off: where the kernel has a tap without a bridge or is out of
 * sight, or where the network exists in which guests wait.
 */
export async function examineQuickly(context: Context, state: State): Promise<Examined> {
  if (state.connection.hypervisor === 'TEST') return { state, facts: {} };
  const { observeHealth } = await import('../observe/health.ts');
  const hasLoose = state.host?.links.some(({ kind, master }) => kind === 'tun' && master === undefined) ?? true;
  const isSuspect = hasLoose || state.networks.some(({ name }) => isWaitingNetwork(name));
  const whole = isSuspect && state.domains.length === 0 ? await withDomains(context, state) : state;
  return {
    state: whole,
    facts: await observeHealth(await context.connection('read'), whole, 'quick', context.traceRun),
  };
}

async function withDomains(context: Context, state: State): Promise<State> {
  const { domains } = await context.observe({ networks: false, links: false, routes: false });
  return { ...state, domains };
}

/** For one network, or a few: firewall rules too. */
export async function examineWholly(context: Context, state: State): Promise<Examined> {
  if (state.connection.hypervisor === 'TEST') return { state, facts: {} };
  const { observeHealth } = await import('../observe/health.ts');
  return { state, facts: await observeHealth(await context.connection('read'), state, 'whole', context.traceRun) };
}

/** The ports of networks, if the kernel does not show who is cut off. */
export async function examinePorts(context: Context, state: State): Promise<HealthFacts> {
  if (state.host !== undefined || state.connection.hypervisor !== 'QEMU') return {};
  const { observeHealth } = await import('../observe/health.ts');
  return observeHealth(await context.connection('read'), state, 'quick', context.traceRun);
}
