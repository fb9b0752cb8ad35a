/** The VLAN of a NIC: libvirt's own tag where it has one, else VLANs on the tap of a running guest. */
import { KvmnetError } from '../../errors.ts';
import type { PortVlan } from '../../records/link.ts';
import type { DomainState, State } from '../../state/state.ts';
import { noWayOut } from '../host/bridge-vlan.ts';
import type { Scopes } from '../../state/scopes.ts';
import { isLinuxBridge, isOpenVswitchSource, type NicSource } from './source.ts';
import type { NicSubject } from '../steps/nic.ts';
import type { Step } from '../step.ts';
import { needs, hasRelease } from '../../state/libvirt-version.ts';
import { quoted } from '../../values/quoted.ts';

/** Where a VLAN is written: into libvirt's definition, or on the tap, where it lasts as long as the tap. */
export interface ChosenVlan {
  readonly id: number;
  readonly by: 'libvirt' | 'tap';
}

/** VLAN tags need Open vSwitch, or libvirt 11 on a Linux bridge; macvtap has none. */
export function takesVlan(source: NicSource, state: State): boolean {
  return isOpenVswitchSource(source) || (isLinuxBridge(source) && hasRelease(state, [11, 0]));
}

/**
 * Chooses how a new NIC gets its VLAN. A tap exists while its guest runs: definitions of an older libvirt cannot store its VLAN.
 * @throws DEPENDENCY if neither libvirt nor the bridge supports VLANs, or for the next boot
 */
export function chooseVlan(
  id: number,
  { source, domain, scopes }: { readonly source: NicSource; readonly domain: DomainState; readonly scopes: Scopes },
  state: State,
): ChosenVlan {
  if (takesVlan(source, state)) return { id, by: 'libvirt' };
  const nic = source.type === 'direct' ? source.name : 'NIC';
  const perVlan = `a bridge for each VLAN works with any libvirt: kvmnet vlan create ${quoted(nic)} ${String(id)} --bridge brvlan-${String(id)}, and kvmnet vm attach ${quoted(domain.name)} brvlan-${String(id)}`;
  if (!isLinuxBridge(source)) {
    throw new KvmnetError('DEPENDENCY', `--vlan cannot be used with ${source.name}`, { hint: perVlan });
  }
  if (!filtersVlans(source, state)) {
    const reason = needs(`--vlan on the Linux bridge of ${source.name}, which does not filter VLANs,`, [11, 0], state);
    throw new KvmnetError('DEPENDENCY', reason, { hint: perVlan });
  }
  if (!scopes.config) return { id, by: 'tap' };
  const reason = needs(`--vlan on the Linux bridge of ${source.name} at the next boot`, [11, 0], state);
  const now = scopes.live ? 'with --live the running guest has it until it stops; ' : '';
  throw new KvmnetError('DEPENDENCY', reason, { hint: `${now}${perVlan}` });
}

/** Warnings about a VLAN before the change. */
export function vlanWarnings(
  { id, by }: ChosenVlan,
  source: NicSource,
  domain: DomainState,
  state: State,
): readonly string[] {
  const bridge = bridgeOf(source, state);
  const absent = bridge?.bridge?.vlanFiltering ? noWayOut(bridge, id, state) : [];
  if (by === 'tap') {
    const until = needs('to keep it', [11, 0], state);
    return [
      `VLAN ${String(id)} is on the NIC until ${domain.name} stops, or the NIC is moved or detached: ${until}`,
      ...absent,
    ];
  }
  return bridge?.bridge?.vlanFiltering === false
    ? [`${source.name} is on a bridge that does not filter VLANs now: the tag has no effect until it does`]
    : absent;
}

/** Makes the tap of a NIC an access port of one VLAN. The undo leaves it without any, and so cut off, until it is detached. */
export function portVlanStep({ domain, mac }: NicSubject, id: number): Step {
  const port = { domain: domain.uuid, mac } as const;
  const vlans: readonly PortVlan[] = [{ id, pvid: true, untagged: true }];
  return {
    title: `put the tap of NIC ${mac} of ${domain.name} into VLAN ${String(id)}`,
    do: { call: 'hostSetPortVlans', ...port, vlans },
    undo: [{ call: 'hostSetPortVlans', ...port, vlans: [] }],
    verify: { expect: 'portVlans', ...port, vlans },
  };
}

function filtersVlans(source: NicSource, state: State): boolean {
  return bridgeOf(source, state)?.bridge?.vlanFiltering === true;
}

/** The kernel's data of the bridge; undefined if it cannot be read, or is not a Linux bridge. */
function bridgeOf(source: NicSource, { host }: State) {
  const name = source.type === 'network' ? source.network.bridge : source.name;
  return host?.links.find((link) => link.name === name && link.bridge !== undefined);
}
