/**
 * Reattaches guests without their noticing. libvirt does nothing if a NIC is moved to its own network, so it is moved
 * to another one and back, each time with its whole definition: libvirt recreates the port, and adds the tap to the bridge. The other
 * network is created for this and removed again: no other guests are in it.
 */
import { foreignPorts, isIn, nicText as textOf, tapOf, waitingNetwork } from '../../state/membership.ts';
import { slotOf } from '../../state/nics.ts';
import type { DomainState, NetworkState, State } from '../../state/state.ts';
import { buildInterface, buildNetwork } from '../../xml/build.ts';
import type { Interface, InterfaceInput } from '../../xml/interface.ts';
import type { Network } from '../../xml/network.ts';
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import { ownBridge } from '../../state/network-user.ts';
import type { Action, Step } from '../step.ts';
import { linkDownMs } from '../steps/nic.ts';

/** A NIC of a running guest that loses its bridge when its network stops. */
export interface Plugged {
  readonly domain: DomainState;
  readonly nic: Interface;
  readonly mac: string;
  /** Its device on the host. */
  readonly tap: string | undefined;
}

/** A NIC that a plan reattaches, with the actions of the steps between which it is cut off. */
export interface Replugged {
  readonly domain: string;
  readonly mac: string;
  readonly tap: string | undefined;
  readonly out: Action;
  readonly back: Action;
}

/**
 * @param out the step that moves the NIC into the other network
 * @param back the steps that move it back
 */
export function replugged({ domain, mac, tap }: Plugged, out: Step, back: readonly Step[]): Replugged {
  return { domain: domain.name, mac, tap, out: out.do, back: (back.at(-1) ?? out).do };
}

/** The live NICs in a network for which libvirt makes a bridge. */
export function pluggedInto(
  { domains, host }: Pick<State, 'domains' | 'host'>,
  network: NetworkState,
): readonly Plugged[] {
  if (ownBridge(network) === undefined) return [];
  return domains
    .filter(({ active }) => active)
    .flatMap((domain) =>
      domain.domain.interfaces.filter(isIn(network, host)).flatMap((nic) => {
        const mac = nic.mac?.address;
        return mac === undefined ? [] : [{ domain, nic, mac, tap: nic.target?.dev }];
      }),
    );
}

/** `VM1: NIC 52:54:00:… (vnet3)`. */
export function nicText({ domain, nic }: Plugged): string {
  return textOf(domain, nic);
}

/** The network in which guests wait: isolated, without an address, and gone afterwards. */
export interface HoldingNetwork {
  readonly name: string;
  readonly make: Step;
  readonly remove: Step;
}

export function holdingNetwork({ networks, host }: Pick<State, 'networks' | 'host'>, uuid: string): HoldingNetwork {
  const taken = new Set([
    ...networks.flatMap(({ name, bridge }) => [name, bridge]),
    ...(host?.links ?? []).map(({ name }) => name),
  ]);
  const names = [waitingNetwork, ...Array.from({ length: 90 }, (_, index) => `${waitingNetwork}${index + 10}`)];
  const name = names.find((each) => !taken.has(each)) ?? waitingNetwork;
  const mac = `52:54:00:${uuid.slice(0, 2)}:${uuid.slice(2, 4)}:${uuid.slice(4, 6)}`;
  const xml = buildNetwork({ name, uuid, bridge: { name, stp: false, delay: '0' }, mac: { address: mac } });
  // A hook that fails when it has started leaves bridge and rules, and no network to stop.
  const cleanUp: readonly Action[] =
    host === undefined
      ? []
      : [
          { call: 'hostDeleteBridge', network: uuid, bridge: name, mac },
          { call: 'hostDeleteRules', network: uuid, bridge: name, subnets: [], only: 'all' },
        ];
  return {
    name,
    make: {
      title: `create network ${name}, in which guests wait`,
      do: { call: 'networkCreate', xml },
      undo: [{ call: 'networkDestroy', network: uuid }, ...cleanUp],
      verify: { expect: 'network', network: uuid, active: true },
    },
    remove: {
      title: `remove network ${name}`,
      do: { call: 'networkDestroy', network: uuid },
      undo: [{ call: 'networkCreate', xml }],
      verify: { expect: 'network', network: uuid, active: false },
    },
  };
}

/** Whether a NIC is a port of its network's bridge now; undefined where the kernel is out of sight. */
export function isConnected(
  { nic }: Plugged,
  network: NetworkState,
  { host }: Pick<State, 'host'>,
): boolean | undefined {
  if (host === undefined) return undefined;
  return tapOf(nic, host)?.master === ownBridge(network);
}

/** Which guests' NICs libvirt moves from bridge to bridge while they run; the test driver has no bridges. */
export function isMovable({ connection }: Pick<State, 'connection'>): boolean {
  return connection.hypervisor === 'QEMU';
}

interface Places {
  readonly state: State;
  readonly holdingNetwork: HoldingNetwork;
  readonly from: NetworkState;
  /** The network as it will be; the same one where it does not change. */
  readonly to: Network;
  /** The guest must see its link go, and ask for a new lease. */
  readonly renew: boolean;
}

/** The step that moves a NIC out of its network. */
export function detachToHolding(
  plugged: Plugged,
  { holdingNetwork, from }: Pick<Places, 'holdingNetwork' | 'from'>,
): Step {
  const { domain, nic, mac } = plugged;
  return {
    title: `detach ${nicText(plugged)} from network ${from.name}`,
    do: update(domain, inHoldingNetwork(nic, holdingNetwork.name)),
    undo: [update(domain, asWritten(nic))],
    verify: { expect: 'nic', domain: domain.uuid, mac, ...slot(nic), live: { source: holdingNetwork.name } },
  };
}

/** The steps that reattach it; the first one restores its connection. */
export function reattach(plugged: Plugged, places: Places): readonly Step[] {
  const { state, holdingNetwork, from, to, renew } = places;
  const { domain, nic, mac } = plugged;
  const bridge = to.bridge?.name;
  const byName = nic.source?.network !== undefined;
  const wanted: InterfaceInput = byName
    ? inNetwork(asWritten(nic), to.name)
    : bridge === undefined
      ? nic
      : { ...nic, source: { ...nic.source, bridge } };
  const isUp = nic.link?.state !== 'down';
  const title = `reattach ${nicText(plugged)} to network ${to.name}`;
  const step = (what: string, definition: InterfaceInput, before: InterfaceInput): Step => ({
    title: what,
    do: update(domain, definition),
    undo: [update(domain, before)],
    verify: {
      expect: 'plugged',
      domain: domain.uuid,
      mac,
      ...slot(nic),
      network: byName ? from.uuid : undefined,
      bridge: state.host === undefined ? undefined : bridge,
    },
  });
  const waiting = inHoldingNetwork(nic, holdingNetwork.name);
  if (!renew || !isUp) return [step(title, wanted, waiting)];
  const down = { ...wanted, link: { state: 'down' as const } };
  const up = { ...wanted, link: { state: 'up' as const } };
  return [
    { ...step(title, down, waiting), pause: linkDownMs },
    step(`${title}: link up, so that the guest asks for a new lease`, up, down),
  ];
}

/** Ports of the bridge that are not NICs of domains: their master is set again once the bridge exists again. */
export function foreignSteps(state: State, network: NetworkState, bridge: string): readonly Step[] {
  return foreignPorts(state, network).map((link) => ({
    title: `make ${link} a port of ${bridge} again`,
    do: { call: 'hostSetMaster', link, master: bridge },
    undo: [],
    verify: { expect: 'master', link, master: bridge },
  }));
}

function update({ uuid }: DomainState, nic: InterfaceInput): Action {
  return { call: 'domainUpdateDevice', domain: uuid, xml: buildInterface(nic), live: true, config: false };
}

function slot(nic: Interface): { readonly slot?: string } {
  const found = slotOf(nic);
  return found === undefined ? {} : { slot: found };
}

/** All that the guest sees stays; what belongs to the network that it leaves goes: portgroup, VLAN, guaranteed bandwidth. */
function inHoldingNetwork(nic: Interface, name: string): InterfaceInput {
  const { inbound, outbound } = nic.bandwidth ?? {};
  const bandwidth = nic.bandwidth && {
    ...nic.bandwidth,
    inbound: inbound && { ...inbound, floor: undefined },
    outbound,
  };
  return { ...nic, type: 'network', source: { network: name }, virtualport: undefined, vlan: undefined, bandwidth };
}

/** In the network that it was defined in: what libvirt shows of the port that it gave would be taken for a change. */
function asWritten(nic: Interface): InterfaceInput {
  if (nic.source?.network === undefined) return nic;
  const given = { portid: undefined, bridge: undefined, dev: undefined, mode: undefined };
  return { ...nic, type: 'network', source: { ...nic.source, ...given } };
}

/** A NIC with another name instead of its network's. */
export function inNetwork(nic: InterfaceInput, name: string): InterfaceInput {
  return { ...nic, source: { ...nic.source, network: name } };
}

/** Seconds until the bridge carries frames again: with STP a new port listens and learns first, at least 2 s each (kernel's br_stp). */
export function gapOf({ bridge, ...network }: Network): number {
  if (!isVirtual(kindOf({ bridge, ...network })) || bridge?.stp === false) return 1;
  const delay = Math.min(Math.max(Number(bridge?.delay ?? 0), 2), 30);
  return 2 * delay + 1;
}
