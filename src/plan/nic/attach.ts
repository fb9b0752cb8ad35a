/** A plan to attach a new NIC to a domain. */
import { KvmnetError } from '../../errors.ts';
import { macHolder } from '../../state/mac-holder.ts';
import { definitionOf, nicsOf, sourceOf } from '../../state/nics.ts';
import type { DomainState, State } from '../../state/state.ts';
import type { InterfaceInput } from '../../xml/interface.ts';
import { startWarnings } from '../steps/network-start.ts';
import { startStep } from '../steps/network.ts';
import { chooseScopes, requireHotplug, supportsLiveUpdate, type WantedScopes } from '../../state/scopes.ts';
import { nicFromOptions, type NicOptions } from './options.ts';
import { sourceWarnings, type NicSource } from './source.ts';
import { attachStep, updateStep, type NicSubject } from '../steps/nic.ts';
import { chooseFreeMac } from './free-mac.ts';
import { chooseVlan, portVlanStep, vlanWarnings } from './vlan.ts';
import type { Plan, Step } from '../step.ts';

export interface AttachRequest {
  readonly domain: DomainState;
  readonly source: NicSource;
  readonly options: NicOptions & WantedScopes;
  /** Random MAC addresses to choose from; the first unused one is taken. */
  readonly macs: readonly string[];
  /** The models of NICs that the emulator has; undefined where it was not asked. */
  readonly models?: readonly string[] | undefined;
}

export interface AttachPlan extends Plan {
  readonly mac: string;
  /** False when the guest gets it at its next boot only. */
  readonly live: boolean;
}

/**
 * Attaches a NIC to a network, bridge or NIC of the host. Starts an inactive network first, with consent.
 * @throws INPUT for options that do not fit, NOTFOUND for a model that the emulator lacks, CONFLICT for a MAC in use, a full PCI bus or a guest without ACPI, DEPENDENCY for features that an older
 * libvirt or this driver lacks.
 */
export function planAttach({ domain, source, options, macs, models }: AttachRequest, state: State): AttachPlan {
  const { hypervisor } = state.connection;
  const scopes = chooseScopes(domain, options);
  requireHotplug(domain, hypervisor, scopes);
  const mac = chooseMac(options.mac, macs, state);
  const vlan = options.vlan === undefined ? undefined : chooseVlan(options.vlan, { source, domain, scopes }, state);
  const nic = nicFromOptions(
    { domain, source, options, mac, models, vlan: vlan?.by === 'libvirt' ? vlan.id : undefined },
    state,
  );
  const idle = scopes.live && source.type === 'network' && !source.network.active ? source.network : undefined;
  const subject = { domain, hypervisor, mac };
  return {
    title: `attach ${domain.name} to ${source.name}`,
    mac,
    live: scopes.live,
    steps: [
      ...(idle ? [startStep(idle.inactive ?? idle.network, idle.uuid, state)] : []),
      ...(vlan?.by === 'tap'
        ? attachIntoVlan(subject, nic, source.name, vlan.id)
        : [attachStep(subject, nic, scopes, source.name)]),
    ],
    warnings: [
      ...sameSourceWarning(domain, source.name),
      ...sourceWarnings(source, domain, scopes.live, state),
      ...startWarnings(idle ? [idle] : [], state),
      ...bridgeWarning(source, state),
      ...(vlan ? vlanWarnings(vlan, source, domain, state) : []),
    ],
    consent: idle ? [`network ${idle.name} is not active, and has to be started`] : [],
  };
}

/**
 * Until its tap has its VLAN, a port is in the bridge's own default one: the link is down for so long, and the guest sees nothing of that.
 * The NIC of a container has no link that could be switched.
 */
function attachIntoVlan(subject: NicSubject, nic: InterfaceInput, source: string, id: number): readonly Step[] {
  const scopes = { live: true, config: false } as const;
  const vlan = portVlanStep(subject, id);
  if (!supportsLiveUpdate(subject.hypervisor) || nic.link?.state === 'down') {
    return [attachStep(subject, nic, scopes, source), vlan];
  }
  const [down, up] = [{ ...nic, link: { state: 'down' } } as const, { ...nic, link: { state: 'up' } } as const];
  const title = `link up on NIC ${subject.mac} of ${subject.domain.name}`;
  return [
    attachStep(subject, down, scopes, source),
    vlan,
    updateStep(subject, { title, scope: 'live', from: down, to: up }, { source, link: 'up' }),
  ];
}

/** A second NIC in the same network is rarely meant. */
function sameSourceWarning(domain: DomainState, source: string): string[] {
  const others = nicsOf(domain).filter((nic) => sourceOf(definitionOf(nic)) === source);
  if (others.length === 0) return [];
  const macs = others.map(({ mac }) => mac ?? 'without a MAC address').join(', ');
  return [
    `${domain.name} already has ${others.length === 1 ? 'a NIC' : 'NICs'} in ${source} (${macs}): this is one more`,
  ];
}

/** A bridge that belongs to a network loses its ports when the network restarts, and libvirt does not know which guests to reattach. */
function bridgeWarning(source: NicSource, state: State): string[] {
  if (source.type !== 'bridge') return [];
  const owner = state.networks.find(
    ({ bridge, network }) => bridge === source.name && network.forward?.mode !== 'bridge',
  );
  return owner ? [`${source.name} is the bridge of network ${owner.name}: attach to the network instead`] : [];
}

function chooseMac(wanted: string | undefined, macs: readonly string[], state: State): string {
  if (wanted === undefined) return chooseFreeMac(macs, state);
  const holder = macHolder(wanted, state);
  if (holder !== undefined) {
    throw new KvmnetError('CONFLICT', `--mac ${wanted} is taken by ${holder}`, {
      hint: 'leave out --mac: a free one is chosen',
    });
  }
  return wanted;
}
