/** Restarting networks without leaving their guests behind. */
import { KvmnetError } from '../../errors.ts';
import type { NetworkState, State } from '../../state/state.ts';
import type { Network } from '../../xml/network.ts';
import { findNetworks } from '../../state/find-network.ts';
import { addressesOf } from '../../state/network-address.ts';
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import { startWarnings } from '../steps/network-start.ts';
import { createStep, startStep, stopStep } from '../steps/network.ts';
import { ownBridge } from '../../state/network-user.ts';
import * as replug from './replug.ts';
import type { Plugged, Replugged } from './replug.ts';
import type { Action, Plan, Step } from '../step.ts';
import { formatSubnet } from '../../values/subnet.ts';

/** A plan that cuts guests off for a moment, and reattaches them. */
export interface RestartPlan extends Plan {
  readonly replugged: readonly Replugged[];
  /** About how long. */
  readonly seconds: number;
}

/** A network to stop and start, and what it is then. */
export interface Restart {
  readonly network: NetworkState;
  /** The definition that it starts with. */
  readonly to: Network;
  /** Gives it that definition, before anything is stopped; for a transient network, the XML that it is made from again. */
  readonly change?: { readonly redefine: Step; readonly oldXml: string } | { readonly createXml: string };
  /** Done while it is stopped, before it starts. */
  readonly between?: readonly Step[];
  /** The larger operation that it is part of, such as `renaming`. */
  readonly doing?: string;
}

/**
 * Stops and starts networks, and reattaches every running guest; an inactive network is started.
 * @param uuid of the temporary network in which guests wait
 */
export function planNetworkRestart(names: readonly string[], state: State, uuid: string): RestartPlan {
  const networks = findNetworks(state, names);
  const restarts = networks
    .filter(({ active }) => active)
    .map((network) => ({ network, to: network.inactive ?? network.network }));
  const idle = networks.filter(({ active }) => !active);
  const { steps, consent, warnings, replugged, seconds } = restartSteps(restarts, state, uuid);
  return {
    title: `restart ${networks.length === 1 ? 'network' : 'networks'} ${networks.map(({ name }) => name).join(', ')}`,
    steps: [...steps, ...idle.map((network) => startStep(network.inactive ?? network.network, network.uuid, state))],
    warnings: [
      ...warnings,
      ...idle.map(({ name }) => `network ${name} is not active: it is only started`),
      ...startWarnings(idle, state),
    ],
    consent,
    replugged,
    seconds,
  };
}

type Steps = Omit<RestartPlan, 'title'>;

/** The steps of restarts: guests wait in a temporary network, from which each is reattached, or to which an undo moves it again. */
export function restartSteps(restarts: readonly Restart[], state: State, uuid: string): Steps {
  const all = restarts.map((restart) => ({ restart, plugged: guestsOf(restart, state) }));
  const holdingNetwork = replug.holdingNetwork(state, uuid);
  const parts = all.map(({ restart, plugged }) => partOf(restart, plugged, holdingNetwork, state));
  const moves = all.some(({ plugged }) => plugged.length > 0);
  return {
    steps: [
      ...restarts.flatMap(({ change }) => (change && 'redefine' in change ? [change.redefine] : [])),
      ...(moves ? [holdingNetwork.make] : []),
      ...parts.flatMap(({ steps }) => steps),
      ...(moves ? [holdingNetwork.remove] : []),
    ],
    replugged: parts.flatMap(({ replugged }) => replugged),
    consent: parts.flatMap(({ consent }) => consent),
    warnings: parts.flatMap(({ warnings }) => warnings),
    seconds: Math.max(0, ...parts.map(({ seconds }) => seconds)),
  };
}

/** @throws DEPENDENCY where guests would be left behind */
function guestsOf({ network, to }: Restart, state: State): readonly Plugged[] {
  const plugged = replug.pluggedInto(state, network);
  if (plugged.length === 0 || state.connection.hypervisor === 'TEST') return [];
  const kind = kindOf(to);
  const [first] = plugged;
  if (first !== undefined && (kind === 'macvtap' || kind === 'hostdev')) {
    throw new KvmnetError('DEPENDENCY', `${replug.nicText(first)} cannot move to ${kind} while the guest runs`, {
      hint: '--config changes the network for its next start; shut its guests down before you restart it',
    });
  }
  if (!replug.isMovable(state) && state.host === undefined) {
    throw new KvmnetError('DEPENDENCY', `cannot reattach ${first?.domain.name ?? ''} from here`, {
      hint: 'run kvmnet on its host, where ip link can reattach it',
    });
  }
  return replug.isMovable(state) ? plugged : [];
}

function partOf(
  restart: Restart,
  plugged: readonly Plugged[],
  holdingNetwork: replug.HoldingNetwork,
  state: State,
): Steps {
  const { network, to, change, between = [], doing = 'restarting' } = restart;
  const bridge = to.bridge?.name;
  const foreign = bridge === undefined || !isVirtual(kindOf(to)) ? [] : foreignOf(network, bridge, state);
  const places = { state, holdingNetwork, from: network, to, renew: !sameSubnets(network.network, to) };
  const guests = plugged.map((each) => ({
    each,
    out: replug.detachToHolding(each, places),
    back: replug.reattach(each, places),
  }));
  const start =
    change && 'createXml' in change
      ? createStep(to, network.uuid, change.createXml, state)
      : network.persistent
        ? startStep(to, network.uuid, state)
        : createStep(to, network.uuid, network.xml, state);
  const seconds = replug.gapOf(to);
  return {
    steps: [
      ...guests.map(({ out }) => out),
      ...(network.active ? [stop(network, change, state)] : []),
      ...between,
      start,
      ...guests.flatMap(({ back }) => back),
      ...foreign,
    ],
    replugged: guests.map(({ each, out, back }) => replug.replugged(each, out, back)),
    consent: [
      // Guests that have already lost the bridge are not cut off by this.
      ...plugged
        .filter((each) => replug.isConnected(each, network, state) !== false)
        .map(
          (each) => `${doing} network ${network.name} cuts off ${replug.nicText(each)} for about ${String(seconds)} s`,
        ),
      ...foreign.map(
        ({ do: action }) =>
          `${doing} network ${network.name} cuts off ${'link' in action ? action.link : 'a port'}, a port of ${String(bridge)}, for about ${String(seconds)} s`,
      ),
    ],
    warnings: driftWarning(restart),
    seconds,
  };
}

/** Containers and what else is a port of the bridge and no domain's NIC; all of them where the driver moves no NICs. */
function foreignOf(network: NetworkState, bridge: string, state: State): readonly Step[] {
  const domains = replug.isMovable(state) ? state.domains : [];
  return replug.foreignSteps({ ...state, domains }, network, bridge);
}

/** Stopping is undone by the old definition, which starts again, and gets its other ports back. */
function stop(network: NetworkState, change: Restart['change'], state: State): Step {
  const step = stopStep(network);
  const bridge = ownBridge(network);
  const foreign = bridge === undefined ? [] : foreignOf(network, bridge, state);
  const old: readonly Action[] = change && 'oldXml' in change ? [{ call: 'networkDefine', xml: change.oldXml }] : [];
  return { ...step, undo: [...old, ...step.undo, ...foreign.map(({ do: action }) => action)] };
}

/** A definition that waited for the next start comes into force by this one. */
function driftWarning({ network, to, change }: Restart): readonly string[] {
  const waits = change === undefined && network.inactiveXml !== undefined && network.inactiveXml !== network.xml;
  const subnets = (of: Network): string =>
    addressesOf(of)
      .map(({ subnet }) => formatSubnet(subnet))
      .join(', ');
  return waits && subnets(network.network) !== subnets(to)
    ? [`network ${network.name} starts with the definition that waited for it: ${subnets(to)}`]
    : [];
}

function sameSubnets(left: Network, right: Network): boolean {
  const text = (of: Network): string =>
    addressesOf(of)
      .map(({ subnet }) => formatSubnet(subnet))
      .join(' ');
  return text(left) === text(right);
}
