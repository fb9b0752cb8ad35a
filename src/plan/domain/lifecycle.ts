/** Plans to start and stop a domain. */
import { KvmnetError } from '../../errors.ts';
import { definitionOf, nicsOf } from '../../state/nics.ts';
import { suggestion } from '../../values/nearest.ts';
import type { DomainState, NetworkState, State } from '../../state/state.ts';
import type { Interface } from '../../xml/interface.ts';
import { lifecycleStep } from './changes.ts';
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import { lostBridge, startWarnings } from '../steps/network-start.ts';
import { startStep } from '../steps/network.ts';
import { bridgeGone, missingDevice } from '../nic/source.ts';
import type { Plan, Step } from '../step.ts';
import { quoted } from '../../values/quoted.ts';

type Named = Pick<DomainState, 'name'>;

/**
 * Starts a domain, and first, with consent, the networks that it needs: libvirt refuses to start it without them.
 * Throws NOTFOUND for a network, bridge or NIC of the host that it needs and that does not exist.
 */
export function planDomainStart(domain: DomainState, state: State): Plan {
  const title = `start ${domain.name}`;
  if (domain.active) return { title, steps: [], warnings: [], consent: [] };
  const needed = nicsOf(domain).flatMap((nic) => networkFor(definitionOf(nic), domain, state) ?? []);
  const idle = [...new Set(needed)].filter(({ active }) => !active);
  const start = lifecycleStep(domain, { call: 'domainStart', domain: domain.uuid });
  return {
    title,
    steps: [...idle.map((network) => startStep(network.inactive ?? network.network, network.uuid, state)), start],
    warnings: startWarnings(idle, state),
    consent: idle.map(({ name }) => `${domain.name} needs network ${name}, which is not active and has to be started`),
  };
}

/**
 * The network that a NIC needs, if it needs one: also the network whose bridge it names.
 * @throws NOTFOUND for a network, bridge or NIC of the host that does not exist
 */
export function networkFor(nic: Interface | undefined, domain: Named, state: State): NetworkState | undefined {
  const name = nic?.source?.network;
  const device = nic?.source?.bridge ?? (nic?.type === 'direct' ? nic.source?.dev : undefined);
  if (name === undefined) return device === undefined ? undefined : networkOfDevice(device, domain, state);
  const network = state.networks.find((candidate) => candidate.name === name);
  const lost = network && lostBridge(network, state);
  if (network && lost !== undefined) throw bridgeGone(network, lost);
  const missing = network && missingDevice(network, state);
  if (network && missing === undefined) return network;
  throw missing === undefined
    ? missingSource(domain, `network ${name}`, name, state.networks)
    : missingSource(domain, `${missing} of the host for network ${name}`, '', []);
}

function networkOfDevice(device: string, domain: Named, state: State): NetworkState | undefined {
  const owner = state.networks.find(({ bridge, network }) => bridge === device && isVirtual(kindOf(network)));
  if (owner || !state.host || state.host.links.some(({ name }) => name === device)) return owner;
  throw missingSource(domain, `${device} of the host`, device, state.host.links);
}

function missingSource(
  { name }: Named,
  what: string,
  wanted: string,
  known: readonly { readonly name: string }[],
): KvmnetError {
  const names = known.map((candidate) => candidate.name);
  return new KvmnetError('NOTFOUND', `${name} needs ${what}, which does not exist`, {
    hint: suggestion(
      wanted,
      names,
      `create it, or attach ${name} to another source: kvmnet vm nics ${quoted(name)}, then vm move --config`,
    ),
  });
}

/** Asks the guest to shut down, or powers it off. */
export function planDomainStop(domain: DomainState, { force }: { readonly force: boolean }): Plan {
  const plain = lifecycleStep(domain, { call: force ? 'domainDestroy' : 'domainShutdown', domain: domain.uuid });
  const { title } = plain;
  if (!domain.active) return { title, steps: [], warnings: [], consent: [] };
  const step: Step = {
    ...plain,
    verify: { expect: 'domain', domain: domain.uuid, active: false },
    unmet: {
      message: `${domain.name} was asked to shut down, and is still running`,
      hint: `it may still do so; kvmnet vm stop ${quoted(domain.name)} --force powers it off`,
    },
  };
  return { title, steps: [step], warnings: [], consent: [] };
}
