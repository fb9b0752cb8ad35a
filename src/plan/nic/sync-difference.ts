/** The differences between a running guest's NIC and the NIC of its next boot, and definitions that adopt the other's values. */
import { slotOf } from '../../state/nics.ts';
import type { State } from '../../state/state.ts';
import type { Domain } from '../../xml/domain.ts';
import type { Interface, InterfaceInput } from '../../xml/interface.ts';
import { asWritten } from './change.ts';

/** The properties of a NIC that its guest sees; addresses and aliases chosen by libvirt do not count. */
const aspects = [
  'type',
  'source',
  'virtualport',
  'model',
  'mtu',
  'link',
  'filterref',
  'bandwidth',
  'vlan',
  'port',
  'boot',
] as const;

export type Aspect = (typeof aspects)[number];

type Defined = Pick<InterfaceInput, Aspect>;

/** The live definition as it would be in the configuration: without values that libvirt chose or took from the network. */
export function asConfigured(
  live: Interface,
  config: Interface | undefined,
  state: Pick<State, 'networks'>,
): InterfaceInput {
  const written = asWritten(live);
  const own = live.alias?.name?.startsWith('ua-') === true;
  const isChosen = /^(vnet|macvtap|macvlan)\d+$/.test(live.target?.dev ?? '');
  return {
    ...written,
    ...withoutInherited(written, config, state),
    target: isChosen ? undefined : live.target,
    alias: own ? live.alias : undefined,
  };
}

/** A running guest's NIC shows the VLAN, limits and virtualport of its network or portgroup as its own. */
function withoutInherited(live: Interface, config: Interface | undefined, { networks }: Pick<State, 'networks'>) {
  const network = networks.find(({ name }) => name === live.source?.network)?.network;
  const groups = network?.portgroups ?? [];
  const group =
    groups.find(({ name }) => name === live.source?.portgroup) ?? groups.find((each) => each.default === true);
  const given = {
    vlan: group?.vlan ?? network?.vlan,
    virtualport: group?.virtualport ?? network?.virtualport,
    bandwidth: group?.bandwidth,
    port: network?.port,
  };
  const isInherited = (key: keyof typeof given): boolean =>
    config?.[key] === undefined && given[key] !== undefined && canonical(live[key]) === canonical(given[key]);
  return {
    vlan: isInherited('vlan') ? undefined : live.vlan,
    virtualport: isInherited('virtualport') ? undefined : live.virtualport,
    bandwidth: isInherited('bandwidth') ? undefined : live.bandwidth,
    port: isInherited('port') ? undefined : live.port,
  };
}

/** The aspects that differ. */
export function differingAspects(left: Defined, right: Defined): readonly Aspect[] {
  return aspects.filter((aspect) => canonical(normal(left, aspect)) !== canonical(normal(right, aspect)));
}

/** A definition with some aspects of another. */
export function withAspects(nic: Interface, other: Defined, changed: readonly Aspect[]): InterfaceInput {
  return { ...nic, ...Object.fromEntries(changed.map((aspect) => [aspect, other[aspect]])) };
}

/** A link without a state is up. */
function normal(nic: Defined, aspect: Aspect): unknown {
  return aspect === 'link' ? (nic.link?.state ?? 'up') : nic[aspect];
}

/** Without what is undefined or empty, and with its keys in order. */
function canonical(value: unknown): string {
  return JSON.stringify([sorted(value)]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, inner]) => [key, sorted(inner)] as const)
    .filter(([, inner]) => inner !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** With its PCI slot where the other definition has that free, so that the guest calls the NIC by one name in both. */
export function withFreeSlot(nic: InterfaceInput, domain: Domain): InterfaceInput {
  const slot = slotOf(nic);
  if (slot === undefined) return { ...nic, address: undefined };
  const bus = Number(nic.address?.bus ?? 0);
  const hasBus = domain.controllers.some(({ type, index }) => type === 'pci' && index === bus);
  const isTaken = domain.pciAddresses.some(
    (other) => [other.domain, other.bus, other.slot, other.function].join(':') === slot,
  );
  return hasBus && !isTaken ? nic : { ...nic, address: undefined };
}
