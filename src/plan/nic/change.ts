/** Plans that change or detach an existing NIC: detach, move, link. */
import { KvmnetError } from '../../errors.ts';
import { bridgeMadeFor, tapOf } from '../../state/membership.ts';
import { nicsOf, slotOf, sourceOf, type Nic } from '../../state/nics.ts';
import type { DomainState, State } from '../../state/state.ts';
import type { Interface, InterfaceInput } from '../../xml/interface.ts';
import { startWarnings } from '../steps/network-start.ts';
import { startStep } from '../steps/network.ts';
import {
  chooseScopes,
  requireHotplug,
  supportsLiveUpdate,
  type Scopes,
  type WantedScopes,
} from '../../state/scopes.ts';
import { connectionTo } from './options.ts';
import { isMacvtap, isOpenVswitchSource, sourceWarnings, type NicSource } from './source.ts';
import { detachStep, linkDownMs, updateStep, type NicSubject } from '../steps/nic.ts';
import { takesVlan } from './vlan.ts';
import type { Plan, Step } from '../step.ts';
import { hasRelease, needs } from '../../state/libvirt-version.ts';
import { quoted } from '../../values/quoted.ts';

export interface NicChange {
  readonly domain: DomainState;
  readonly nic: Nic;
  readonly wanted: WantedScopes;
}

/** Detaches a NIC: first from the running guest, which has to release it, and only then from the configuration. */
export function planDetach(change: NicChange, state: Pick<State, 'connection'>): Plan {
  const { subject, scopes, name, live, config } = prepare(change, state);
  const steps = [
    ...(scopes.live && live ? [detachStep(subject, live, 'live')] : []),
    ...(scopes.config && config ? [detachStep(subject, config, 'config')] : []),
  ];
  return { title: `detach ${name}`, steps, warnings: [], consent: [] };
}

export interface NicMove extends NicChange {
  readonly source: NicSource;
  /** It stays in the portgroup of the same name, which the other network must have. */
  readonly keepsPortgroup?: boolean;
}

/** Moves a NIC to another network or bridge, in place: it keeps MAC and PCI slot, and the guest sees its link go down and up. */
export function planMove(change: NicMove, state: State): Plan {
  const { subject, scopes, name, live, config } = prepare(change, state);
  const { source, domain } = change;
  if (scopes.live && live) requireUpdate(subject, 'detach it, and attach a new one');
  if (scopes.live && change.nic.live) requireMovable(change.nic.live, source, name, state);
  const start = source.type === 'network' && !source.network.active && scopes.live ? source.network : undefined;
  const move = (scope: 'live' | 'config', from: Interface | undefined): Step[] => {
    if (!from || isPluggedInto(from, source)) return [];
    requireUntagged(from, source, state, name);
    const portgroup = change.keepsPortgroup === true ? from.source?.portgroup : undefined;
    const to: InterfaceInput = { ...from, ...connectionTo(source, portgroup) };
    const title = `attach ${name} to ${source.name}${scope === 'config' ? ' at the next boot' : ''}`;
    return scope === 'live'
      ? moveWithLinkDown(subject, title, from, to, source.name)
      : [updateStep(subject, { title, scope, from, to }, { source: source.name })];
  };
  return {
    title: `move ${name} to ${source.name}`,
    steps: [
      ...(start ? [startStep(start.inactive ?? start.network, start.uuid, state)] : []),
      ...(scopes.live ? move('live', live) : []),
      ...(scopes.config ? move('config', config) : []),
    ],
    warnings: [
      ...sourceWarnings(source, domain, scopes.live, state),
      ...startWarnings(start ? [start] : [], state),
      ...(scopes.live && live && isPluggedInto(live, source) ? cutOffWarning(live, source, name, state) : []),
    ],
    consent: start ? [`network ${source.name} is not active, and has to be started`] : [],
  };
}

/** Moves with the link down, and then lifts it; a link that the user has down stays down. */
export function moveWithLinkDown(
  subject: NicSubject,
  title: string,
  from: Interface,
  to: InterfaceInput,
  source: string,
): Step[] {
  const isDown = from.link?.state === 'down';
  const down = { ...to, link: { state: 'down' as const } };
  const moved = updateStep(subject, { title, scope: 'live', from, to: down }, { source, link: 'down' });
  if (isDown) return [moved];
  const up = {
    title: `${title}: link up, so that the guest asks for a new lease`,
    scope: 'live',
    from: down,
    to: { ...to, link: { state: 'up' as const } },
  } as const;
  return [{ ...moved, pause: linkDownMs }, updateStep(subject, up, { source, link: 'up' })];
}

/** Switches a NIC's link. */
export function planLink(change: NicChange & { readonly link: 'up' | 'down' }, state: Pick<State, 'connection'>): Plan {
  const { subject, scopes, name, live, config } = prepare(change, state);
  const { link } = change;
  if (scopes.live && live) requireUpdate(subject, 'pull its device down by hand: ip link set dev INTERFACE down');
  const set = (scope: 'live' | 'config', from: Interface | undefined): Step[] => {
    if (!from || (from.link?.state ?? 'up') === link) return [];
    const title = `link ${link} on ${name}${scope === 'config' ? ' at the next boot' : ''}`;
    return [updateStep(subject, { title, scope, from, to: { ...from, link: { state: link } } }, { link })];
  };
  return {
    title: `link ${link} on ${name}`,
    steps: [...(scopes.live ? set('live', live) : []), ...(scopes.config ? set('config', config) : [])],
    warnings: [],
    consent: [],
  };
}

/** @throws DEPENDENCY if the driver cannot change an attached NIC */
function requireUpdate({ domain, hypervisor }: NicSubject, instead: string): void {
  if (supportsLiveUpdate(hypervisor)) return;
  throw new KvmnetError(
    'DEPENDENCY',
    `libvirt cannot change the NICs of ${domain.name} while it runs: it is a container`,
    {
      hint: `--config changes them for the next start; or ${instead}`,
    },
  );
}

export interface Prepared {
  readonly subject: NicSubject;
  readonly scopes: Scopes;
  /** Its description in titles and messages. */
  readonly name: string;
  readonly live: Interface | undefined;
  readonly config: Interface | undefined;
}

export function prepare({ domain, nic, wanted }: NicChange, state: Pick<State, 'connection'>): Prepared {
  const scopes = chooseScopes(domain, wanted);
  const { hypervisor } = state.connection;
  requireHotplug(domain, hypervisor, { ...scopes, live: scopes.live && nic.live !== undefined });
  if ((!scopes.live || !nic.live) && (!scopes.config || !nic.config)) {
    const [where, flag] = nic.live ? ['live', '--live'] : ['next-boot', '--config'];
    const message = `NIC ${String(nic.index)} of ${domain.name} is only in its ${where} definition`;
    throw new KvmnetError('CONFLICT', message, { hint: `use ${flag}` });
  }
  const { mac } = nic;
  if (mac === undefined) {
    throw new KvmnetError('CONFLICT', `NIC ${String(nic.index)} of ${domain.name} has no MAC address`, {
      hint: 'libvirt finds NICs by their MAC address: virsh edit gives it one',
    });
  }
  const subject = { domain, hypervisor, mac, hasTwin: hasTwin(domain, nic, mac) };
  const live = nic.live && asWritten(nic.live);
  return { subject, scopes, name: `NIC ${mac} of ${domain.name}`, live, config: nic.config };
}

/** In the network that it was defined in: libvirt shows the bridge or NIC that the network gave it, and takes that for a change when it is sent. */
export function asWritten(nic: Interface): Interface {
  if (nic.source?.network === undefined) return nic;
  const given = { portid: undefined, bridge: undefined, dev: undefined, mode: undefined };
  return { ...nic, type: 'network', source: { ...nic.source, ...given } };
}

/** True if another NIC of the domain has its MAC: libvirt and kvmnet then use the PCI slot. @throws AMBIGUOUS without a PCI slot */
function hasTwin(domain: DomainState, nic: Nic, mac: string): boolean {
  const sameMac = nicsOf(domain).filter((other) => other.mac === mac && other.index !== nic.index);
  const isDistinct = sameMac.every((other) => isApart(nic.live, other.live) && isApart(nic.config, other.config));
  if (isDistinct) return sameMac.length > 0;
  const message = `${domain.name} has ${String(sameMac.length + 1)} NICs with the MAC ${mac}: libvirt cannot distinguish them`;
  throw new KvmnetError('AMBIGUOUS', message, { hint: `shut ${domain.name} down, and give one of them another MAC` });
}

function isApart(nic: Interface | undefined, other: Interface | undefined): boolean {
  if (!nic || !other) return true;
  const slot = slotOf(nic);
  return slot !== undefined && slot !== slotOf(other);
}

/** libvirt does nothing when a NIC is moved into the network that it names, and has lost. */
function cutOffWarning(nic: Interface, source: NicSource, name: string, { host }: State): readonly string[] {
  if (source.type !== 'network' || !source.network.active) return [];
  const [bridge, tap] = [bridgeMadeFor(source.network), tapOf(nic, host)];
  if (bridge === undefined || tap === undefined || tap.master === bridge) return [];
  return [`${name} is cut off from network ${source.name}: kvmnet net heal ${quoted(source.name)} reconnects it`];
}

function isPluggedInto(nic: Interface, source: NicSource): boolean {
  if (sourceOf(nic) !== source.name) return false;
  return source.type === 'network' ? nic.source?.network !== undefined : nic.type === source.type;
}

/** A macvtap or passed-through NIC cannot be moved while the guest runs. `nic` is as libvirt shows it: of the type that its network gave it. */
function requireMovable(nic: Interface, source: NicSource, name: string, state: State): void {
  const isBridged = nic.type === 'bridge' || nic.type === 'network';
  const wasOpenVswitch = nic.virtualport?.type === 'openvswitch';
  const changesMake = wasOpenVswitch !== isOpenVswitchSource(source) && !hasRelease(state, [10, 8]);
  if (isBridged && !isMacvtap(source) && !changesMake) return;
  const reason =
    isBridged && !isMacvtap(source)
      ? needs('a move between Linux bridges and Open vSwitch', [10, 8], state)
      : 'libvirt moves NICs between bridges only';
  throw new KvmnetError('DEPENDENCY', `${name} cannot move to ${source.name} while the guest runs: ${reason}`, {
    hint: '--config moves it at the next boot; or detach it and attach a new one',
  });
}

/** libvirt writes a VLAN tag into the configuration of a NIC that cannot have one, and the domain then does not start. */
function requireUntagged(nic: Interface, source: NicSource, state: State, name: string): void {
  if (!nic.vlan || takesVlan(source, state)) return;
  throw new KvmnetError('DEPENDENCY', `${name} has a VLAN tag, which ${source.name} cannot have`, {
    hint: 'detach it, and attach a new one to a bridge of its VLAN',
  });
}
