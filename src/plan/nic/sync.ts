/** A plan that makes the NICs of a running guest and the NICs of its next boot agree. */
import { KvmnetError } from '../../errors.ts';
import { nicsOf, sourceOf, type Nic } from '../../state/nics.ts';
import type { DomainState, State } from '../../state/state.ts';
import type { Interface } from '../../xml/interface.ts';
import { asWritten, moveWithLinkDown } from './change.ts';
import { requireHotplug } from '../../state/scopes.ts';
import { attachStep, detachStep, updateStep, type NicSubject } from '../steps/nic.ts';
import { asConfigured, differingAspects, withAspects, withFreeSlot, type Aspect } from './sync-difference.ts';
import type { Plan, Step } from '../step.ts';
import { quoted } from '../../values/quoted.ts';

/** Which definition is changed, so that it is like the other. */
export type SyncTarget = 'live' | 'config';

interface Piece {
  readonly steps: readonly Step[];
  readonly consent?: string;
}

/**
 * Makes the definition `target` match the other one, NIC by NIC: missing NICs are attached, surplus ones detached,
 * different ones changed.
 * @throws CONFLICT for a transient domain, for a network that is not active, and for what cannot change while the guest runs;
 * AMBIGUOUS if two NICs have the same MAC; DEPENDENCY if the driver cannot change running domains
 */
export function planSync(domain: DomainState, target: SyncTarget, state: State): Plan {
  const title = `make the ${target === 'live' ? 'live NICs' : 'next boot'} of ${domain.name} like ${target === 'live' ? 'its next boot' : 'its live NICs'}`;
  if (!domain.active) return { title, steps: [], warnings: [], consent: [] };
  if (!domain.persistent) {
    throw new KvmnetError('CONFLICT', `${domain.name} is transient: it has no definition of a next boot`, {
      hint: 'it has no stored definition to compare its live NICs with',
    });
  }
  const { hypervisor } = state.connection;
  const pieces = nicsOf(domain).map((nic) => {
    const subject = { domain, hypervisor, mac: requireMac(nic, domain) };
    return target === 'config' ? towardsConfig(subject, nic, state) : towardsLive(subject, nic, state);
  });
  const steps = pieces.flatMap((piece) => piece.steps);
  requireHotplug(domain, hypervisor, { live: target === 'live' && steps.length > 0, config: target === 'config' });
  return { title, steps, warnings: [], consent: pieces.flatMap(({ consent }) => consent ?? []) };
}

function requireMac({ index, mac }: Nic, domain: DomainState): string {
  if (mac === undefined) {
    throw new KvmnetError('CONFLICT', `NIC ${String(index)} of ${domain.name} has no MAC address`, {
      hint: 'libvirt finds NICs by their MAC address: virsh edit gives it one',
    });
  }
  if (nicsOf(domain).filter((other) => other.mac === mac).length === 1) return mac;
  throw new KvmnetError('AMBIGUOUS', `${domain.name} has several NICs with the MAC ${mac}: cannot distinguish them`, {
    hint: `shut ${domain.name} down, and give one of them another MAC`,
  });
}

function towardsConfig(subject: NicSubject, { live, config }: Nic, state: State): Piece {
  const { domain, mac } = subject;
  if (!live) return { steps: config ? [detachStep(subject, config, 'config')] : [] };
  const wanted = asConfigured(live, config, state);
  const place = sourceOf(asWritten(live)) ?? 'nothing';
  if (!config) {
    const nic = domain.inactive ? withFreeSlot(wanted, domain.inactive) : wanted;
    return { steps: [attachStep(subject, nic, { live: false, config: true }, place)] };
  }
  const changed = differingAspects(config, wanted);
  if (changed.length === 0) return { steps: [] };
  const title = `give NIC ${mac} of ${domain.name} its live ${changed.join(', ')} at the next boot`;
  const to = withAspects(config, wanted, changed);
  const expected = { link: linkOf(to), ...(place === 'nothing' ? {} : { source: place }) };
  return { steps: [updateStep(subject, { title, scope: 'config', from: config, to }, expected)] };
}

/** Properties that libvirt cannot change while the guest runs. */
const fixed: readonly Aspect[] = ['model', 'mtu', 'boot'];

function towardsLive(subject: NicSubject, { live, config, index }: Nic, state: State): Piece {
  const { domain, mac } = subject;
  if (!config) {
    if (!live) return { steps: [] };
    const consent = `${domain.name} loses NIC ${mac} (${sourceOf(live) ?? 'no source'}), which its next boot does not have`;
    return { steps: [detachStep(subject, asWritten(live), 'live')], consent };
  }
  const place = sourceOf(config) ?? 'nothing';
  if (!live) {
    requireActive(config, domain, state);
    const nic = withFreeSlot({ ...config, target: undefined }, domain.domain);
    return { steps: [attachStep(subject, nic, { live: true, config: false }, place)] };
  }
  const changed = differingAspects(asConfigured(live, config, state), config);
  if (changed.length === 0) return { steps: [] };
  const stuck = changed.filter((aspect) => fixed.includes(aspect));
  if (stuck.length > 0) {
    throw new KvmnetError(
      'CONFLICT',
      `the ${stuck.join(' and ')} of NIC ${mac} of ${domain.name} cannot change while it runs`,
      {
        hint: `shut it down and start it; or keep what it has now: kvmnet vm nics ${quoted(domain.name)} --sync config (NIC ${String(index)})`,
      },
    );
  }
  requireActive(config, domain, state);
  const from = asWritten(live);
  const title = `give NIC ${mac} of ${domain.name} the ${changed.join(', ')} of its next boot`;
  const to = withAspects(from, config, changed);
  // With the link down and up in between, so that the guest asks for a lease of its new network.
  if (changed.includes('source') && linkOf(from) === 'up' && linkOf(to) === 'up')
    return { steps: moveWithLinkDown(subject, title, from, to, place) };
  const expected = { link: linkOf(to), ...(place === 'nothing' ? {} : { source: place }) };
  return { steps: [updateStep(subject, { title, scope: 'live', from, to }, expected)] };
}

function linkOf(nic: { readonly link?: { readonly state?: string | undefined } | undefined }): 'up' | 'down' {
  return nic.link?.state === 'down' ? 'down' : 'up';
}

function requireActive({ source }: Interface, { name }: DomainState, { networks }: State): void {
  const network = networks.find((each) => each.name === source?.network);
  if (source?.network === undefined || network?.active === true) return;
  throw new KvmnetError(
    'CONFLICT',
    `cannot attach ${name} to network ${source.network}: it ${network ? 'is not active' : 'does not exist'}`,
    {
      hint: network ? `kvmnet net start ${quoted(source.network)}` : 'kvmnet net list shows all networks',
    },
  );
}
