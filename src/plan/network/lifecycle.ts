import { KvmnetError, type ErrorCode } from '../../errors.ts';
import { foreignPorts, isIn } from '../../state/membership.ts';
import type { SavedState } from '../../state/saved.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { checkNetwork } from './check/network.ts';
import { findNetworks } from '../../state/find-network.ts';
import { planMoves } from './move.ts';
import { savedIn } from './saved.ts';
import { brokenRemarks, requireFreeSubnets, startWarnings } from '../steps/network-start.ts';
import { autostartStep, startStep, stopStep, undefineStep } from '../steps/network.ts';
import { ownBridge, usersOf, type NetworkUser } from '../../state/network-user.ts';
import type { Plan } from '../step.ts';
import { quoted } from '../../values/quoted.ts';

export interface StartPlan extends Plan {
  /** Problems of networks that are already active; also among the warnings. */
  readonly findings: readonly string[];
}

/**
 * Starts the networks that are not active. What else they conflict with is a warning; libvirt decides.
 * @throws CONFLICT for a subnet that an active network has
 */
export function planNetworkStart(names: readonly string[], state: State): StartPlan {
  const networks = findNetworks(state, names);
  const idle = networks.filter(({ active }) => !active);
  for (const network of idle) requireFreeSubnets(network, state);
  const findings = networks.filter(({ active }) => active).flatMap((network) => brokenRemarks(network, state));
  return {
    findings,
    title: entitled('start', networks),
    steps: idle.map((network) => startStep(network.inactive ?? network.network, network.uuid, state)),
    warnings: [
      ...findings,
      ...startWarnings(idle, state),
      ...idle.flatMap((network) => conflicts(network, { ...state, networks: othersThat(state, network, 'active') })),
    ],
    consent: [],
  };
}

/** Stops the networks that are active; asks for every guest that loses its bridge by that. */
export function planNetworkStop(names: readonly string[], state: State): Plan {
  const networks = findNetworks(state, names);
  const running = networks.filter(({ active }) => active);
  return {
    title: entitled('stop', networks),
    steps: running.map(stopStep),
    ...mergeRemarks(
      running.map((network) => {
        const { warnings, consent } = stopRemarks(network, state, usersOf(state, network));
        const back = `guests stay cut off when network ${network.name} starts again: kvmnet net heal ${quoted(network.name)} reconnects them then`;
        return { warnings: consent.length > 0 ? [...warnings, back] : warnings, consent };
      }),
    ),
  };
}

/** Input of `net delete` other than the names. */
export interface DeleteOptions {
  /** Saved states of domains, which cannot be moved. */
  readonly saved?: readonly SavedState[];
  /** The network that all NICs are moved to first. */
  readonly moveTo?: string | undefined;
}

export interface DeletePlan extends Plan {
  /** The NICs that are moved, as sentences. */
  readonly moved: readonly string[];
}

/**
 * Stops and undefines networks, after their NICs were moved where that is asked for; asks for every guest that is cut off, and everything that
 * could not start without them.
 * @throws what planMoves throws
 */
export function planNetworkDelete(
  names: readonly string[],
  state: State,
  { saved = [], moveTo }: DeleteOptions = {},
): DeletePlan {
  const networks = findNetworks(state, names);
  const moves = moveTo === undefined ? undefined : planMoves(networks, moveTo, state);
  const ways = networks.flatMap((network) => savedIn(saved, network.name, isIn(network)));
  const advisories = mergeRemarks([
    ...(moves ? [moves] : []),
    ...networks.map((network) => deleteRemarks(network, state, moves ? [] : usersOf(state, network))),
    moves ? { warnings: ways, consent: [] } : { warnings: [], consent: ways },
  ]);
  return {
    title: `${entitled('delete', networks)}${moveTo === undefined ? '' : `, and move its NICs to ${moveTo}`}`,
    steps: [
      ...(moves?.steps ?? []),
      ...networks.flatMap((network) => [
        ...(network.active ? [stopStep(network)] : []),
        ...(network.persistent ? [undefineStep(network)] : []),
      ]),
    ],
    ...advisories,
    ...(moves || advisories.consent.length === 0 ? {} : { alternative: moveFirst(networks) }),
    moved: moves?.moved ?? [],
  };
}

/**
 * Turns autostart of the networks on or off, where it is not so already.
 * @throws CONFLICT for a transient network: libvirt has no file of it to start from
 */
export function planNetworkAutostart(names: readonly string[], autostart: boolean, state: State): Plan {
  const networks = findNetworks(state, names);
  const transient = networks.find(({ persistent }) => !persistent);
  if (transient !== undefined && autostart) {
    throw new KvmnetError('CONFLICT', `network ${transient.name} is transient: it is gone when it stops`, {
      hint: `kvmnet net xml ${quoted(transient.name)} | kvmnet net define - makes it persistent`,
    });
  }
  const changed = networks.filter((network) => network.autostart !== autostart);
  return {
    title: entitled(`${autostart ? 'enable' : 'disable'} autostart of`, networks),
    steps: changed.map(({ name, uuid }) => autostartStep(name, uuid, autostart)),
    // Of two autostart networks with one subnet, libvirtd silently leaves one down.
    warnings: autostart
      ? changed.flatMap((network) =>
          conflicts(network, { ...state, host: undefined, networks: othersThat(state, network, 'autostart') }),
        )
      : [],
    consent: [],
  };
}

type Advisories = Pick<Plan, 'warnings' | 'consent'>;

/**
 * Returns the guests that are cut off when a network stops: libvirt deletes the bridge that it created, and does not reattach guests when the network
 * starts. Guests of a bridge or NIC of the host stay connected (tried on libvirt 9.0).
 */
function stopRemarks(network: NetworkState, state: State, everybody: readonly NetworkUser[]): Advisories {
  const { name } = network;
  const users = everybody.filter(({ live }) => live);
  const bridge = ownBridge(network);
  if (bridge === undefined) {
    return {
      warnings: users.map((user) => `${nicOf(user)} stays connected: network ${name} has no bridge of its own`),
      consent: [],
    };
  }
  const cut = users.map((user) => `stopping network ${name} cuts off ${nicOf(user)}`);
  const ports = foreignPorts(state, network).map(
    (port) => `stopping network ${name} cuts off ${port}, a port of ${bridge}`,
  );
  return { warnings: [], consent: [...cut, ...ports] };
}

function moveFirst(networks: readonly NetworkState[]): string {
  return `kvmnet net delete ${networks.map(({ name }) => quoted(name)).join(' ')} --move-to NETWORK moves the NICs first`;
}

/** Who is cut off when a network is deleted, and who could not start again. */
function deleteRemarks(network: NetworkState, state: State, users: readonly NetworkUser[]): Advisories {
  const stop = network.active ? stopRemarks(network, state, users) : { warnings: [], consent: [] };
  const orphans = users.filter(({ config }) => config).map((user) => orphaned(user, network));
  return { warnings: stop.warnings, consent: [...stop.consent, ...orphans] };
}

function orphaned(user: NetworkUser, { name }: NetworkState): string {
  const when = user.domain.active ? 'will not start again' : `(${user.domain.state}) will not start`;
  return `${user.domain.name} ${when} without network ${name}: ${user.mac ?? 'a NIC without a MAC address'} is defined in it`;
}

function nicOf({ domain, mac, target }: NetworkUser): string {
  const device = target === undefined ? '' : ` (${target})`;
  return `${domain.name}: NIC ${mac ?? 'without a MAC address'}${device}`;
}

const inTheWay: readonly ErrorCode[] = ['CONFLICT', 'NOTFOUND', 'DEPENDENCY'];

/** Conflicts of an existing network, as warnings instead of errors. */
function conflicts({ inactive, network }: NetworkState, state: State): readonly string[] {
  return checkNetwork(inactive ?? network, state)
    .filter(({ severity, code }) => severity !== 'consent' && inTheWay.includes(code))
    .map(({ message }) => message);
}

function othersThat(state: State, network: NetworkState, property: 'active' | 'autostart'): State['networks'] {
  return state.networks.filter((other) => other === network || other[property]);
}

function mergeRemarks(all: readonly Advisories[]): Advisories {
  const merged = (key: keyof Advisories): readonly string[] => [
    ...new Set(all.flatMap((advisories) => advisories[key])),
  ];
  return { warnings: merged('warnings'), consent: merged('consent') };
}

function entitled(verb: string, networks: readonly NetworkState[]): string {
  return `${verb} ${networks.length === 1 ? 'network' : 'networks'} ${networks.map(({ name }) => name).join(', ')}`;
}
