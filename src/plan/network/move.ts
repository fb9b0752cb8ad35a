/** Moving all NICs of networks that go away into another one. */
import { KvmnetError } from '../../errors.ts';
import { isIn } from '../../state/membership.ts';
import type { Nic } from '../../state/nics.ts';
import type { DomainState, HostState, NetworkState, State } from '../../state/state.ts';
import type { Interface } from '../../xml/interface.ts';
import { findNetwork } from '../../state/find-network.ts';
import { startStep } from '../steps/network.ts';
import { planMove } from '../nic/change.ts';
import { eachNic } from '../nic/each.ts';
import type { NicSource } from '../nic/source.ts';
import type { Plan, Step } from '../step.ts';
import { quoted } from '../../values/quoted.ts';

/** The steps that move, and the NICs that they move, as sentences. */
export type Moves = Omit<Plan, 'title'> & { readonly moved: readonly string[] };

/**
 * Moves every NIC of the networks, of running and shut-off domains, as `vm move` does: it stays in its portgroup. The target is started, with
 * consent, where a running guest needs that.
 * @throws NOTFOUND for a target, or a portgroup in it, that does not exist; CONFLICT for a target that goes away too; what planMove throws
 */
export function planMoves(networks: readonly NetworkState[], to: string, state: State): Moves {
  const target = findNetwork(state, to);
  if (networks.includes(target)) {
    throw new KvmnetError('CONFLICT', `--move-to ${to}: network ${target.name} is deleted too`, {
      hint: 'name another network; kvmnet net list shows all',
    });
  }
  const isLeft = (nic: Interface | undefined, host?: HostState): boolean =>
    nic !== undefined && networks.some((network) => isIn(network, host)(nic));
  const isLeftLive = (nic: Interface | undefined): boolean => isLeft(nic, state.host);
  requirePortgroups(state.domains, isLeft, target);
  const needsStart =
    !target.active && state.domains.some(({ active, domain }) => active && domain.interfaces.some(isLeftLive));
  const source: NicSource = {
    type: 'network',
    name: target.name,
    network: needsStart ? { ...target, active: true } : target,
  };
  const warnings: string[] = [];
  const moved: string[] = [];
  const move = (domain: DomainState, nic: Nic): readonly Step[] => {
    const wanted = { live: isLeftLive(nic.live), config: isLeft(nic.config) };
    if (!wanted.live && !wanted.config) return [];
    const plan = planMove({ domain, nic, wanted, source, keepsPortgroup: true }, state);
    warnings.push(...plan.warnings);
    moved.push(`${domain.name}: NIC ${String(nic.mac)} is attached to ${target.name}`);
    return plan.steps;
  };
  const steps = state.domains.flatMap((domain) => eachNic(domain, move));
  return {
    steps: [...(needsStart ? [startStep(target.inactive ?? target.network, target.uuid, state)] : []), ...steps],
    warnings: [...new Set(warnings)],
    consent: needsStart ? [`network ${target.name} is not active, and has to be started`] : [],
    moved,
  };
}

/** All that are missing, with the NICs that need them, before anything else is wrong with one of them. */
function requirePortgroups(
  domains: readonly DomainState[],
  isLeft: (nic: Interface) => boolean,
  { name, network }: NetworkState,
): void {
  const known = network.portgroups.map((portgroup) => portgroup.name);
  const missing = domains.flatMap((domain) =>
    [...(domain.active ? domain.domain.interfaces : []), ...(domain.inactive?.interfaces ?? [])]
      .filter((nic) => isLeft(nic))
      .flatMap(({ source, mac }) => {
        const portgroup = source?.portgroup;
        if (portgroup === undefined || known.includes(portgroup)) return [];
        return [`${portgroup} of ${domain.name}: NIC ${mac?.address ?? 'without a MAC address'}`];
      }),
  );
  if (missing.length === 0) return;
  throw new KvmnetError('NOTFOUND', `network ${name} lacks the portgroup ${[...new Set(missing)].join(', ')}`, {
    hint: `give it one: kvmnet net set ${quoted(name)} --portgroup NAME; ${known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`}`,
  });
}
