/** Plans to start and stop a domain. */
import { definitionOf, nicsOf } from '../state/nics.ts';
import type { DomainState, State } from '../state/state.ts';
import { startStep } from './network-step.ts';
import type { Plan, Step } from './step.ts';

/** Starts a domain, and first, with consent, the networks that it needs: libvirt refuses to start it without them. */
export function planDomainStart(domain: DomainState, state: State): Plan {
  const title = `start ${domain.name}`;
  if (domain.active) return { title, steps: [], warnings: [], consent: [] };
  const wanted = new Set(nicsOf(domain).map((nic) => definitionOf(nic)?.source?.network));
  const idle = state.networks.filter(({ name, active }) => wanted.has(name) && !active);
  const known = new Set(state.networks.map(({ name }) => name));
  const missing = [...wanted].filter((name): name is string => name !== undefined && !known.has(name));
  const start: Step = {
    title,
    do: { call: 'domainStart', domain: domain.uuid },
    undo: [{ call: 'domainDestroy', domain: domain.uuid }],
    verify: { expect: 'domain', domain: domain.uuid, active: true },
  };
  return {
    title,
    steps: [...idle.map((network) => startStep(network.inactive ?? network.network, network.uuid, state)), start],
    warnings: missing.map((name) => `${domain.name} needs network ${name}, which is not there`),
    consent: idle.map(({ name }) => `${domain.name} needs network ${name}, which is not active and has to be started`),
  };
}

/** Asks the guest to shut down, or pulls its plug. */
export function planDomainStop(domain: DomainState, { force }: { readonly force: boolean }): Plan {
  const title = `${force ? 'pull the plug of' : 'shut down'} ${domain.name}`;
  if (!domain.active) return { title, steps: [], warnings: [], consent: [] };
  const step: Step = {
    title,
    do: { call: force ? 'domainDestroy' : 'domainShutdown', domain: domain.uuid },
    undo: [], // A guest that was told to end is not started again behind its back.
    verify: { expect: 'domain', domain: domain.uuid, active: false },
    unmet: {
      message: `${domain.name} was asked to shut down, and is still running`,
      hint: `it may still do so; kvmnet vm stop ${domain.name} --force pulls the plug`,
    },
  };
  return { title, steps: [step], warnings: [], consent: [] };
}
