/** The facts of health that a report has time for. */
import type { HealthFacts } from '../state/health.ts';
import { isWaitingNetwork } from '../state/membership.ts';
import type { Seen, State } from '../state/state.ts';
import { observeHealth } from './health.ts';
import type { Reader } from './reader.ts';

/** A State with the facts of health that were read with it. */
export interface Examined {
  readonly state: State;
  readonly facts: HealthFacts;
}

/**
 * For lists: what costs little. Domains are read only where a guest may be cut off: where the kernel has a tap without a bridge or is out of
 * sight, or where the network exists in which guests wait.
 */
export async function observeHealthSummary(reader: Reader, state: Seen<'networks' | 'host'>): Promise<Examined> {
  if (state.connection.hypervisor === 'TEST') return { state: { ...state, domains: [] }, facts: {} };
  const hasLoose = state.host?.links.some(({ kind, master }) => kind === 'tun' && master === undefined) ?? true;
  const isSuspect = hasLoose || state.networks.some(({ name }) => isWaitingNetwork(name));
  const { domains } = isSuspect ? await reader.observe({ only: ['domains'] }) : noneCutOff;
  const whole = { ...state, domains };
  return {
    state: whole,
    facts: await observeHealth(await reader.connection('read'), whole, 'quick', reader.traceRun),
  };
}

/** The list names guests that are cut off, and no others. */
const noneCutOff: Pick<State, 'domains'> = { domains: [] };

/** For one network, or a few: firewall rules too. */
export async function observeFullHealth(reader: Reader, state: State): Promise<Examined> {
  if (state.connection.hypervisor === 'TEST') return { state, facts: {} };
  return { state, facts: await observeHealth(await reader.connection('read'), state, 'whole', reader.traceRun) };
}

/** The ports of networks, for hosts whose kernel does not show which NICs are cut off. */
export async function observePortHealth(reader: Reader, state: State): Promise<HealthFacts> {
  if (state.host !== undefined || state.connection.hypervisor !== 'QEMU') return {};
  return observeHealth(await reader.connection('read'), state, 'quick', reader.traceRun);
}
