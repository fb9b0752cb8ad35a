/** Repairs what libvirt's "active" hides, and removes what a daemon that was killed has left. */
import {
  networkProblems,
  forgotten,
  type NetworkProblem,
  type DefinitionOnDisk,
  type HealthFacts,
} from '../../state/health.ts';
import { bridgeMadeFor, isLeftEmpty, strandedNics, strandedText, type StrandedNic } from '../../state/membership.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { parseNetwork } from '../../xml/network.ts';
import { findNetworks } from '../../state/find-network.ts';
import { cleanUp, doublesStep, refreshSteps } from './heal-steps.ts';
import { restartSteps, type RestartPlan } from './restart.ts';
import { autostartStep, startStep, stopStep } from '../steps/network.ts';
import * as replug from './replug.ts';
import type { Plugged } from './replug.ts';
import type { Step } from '../step.ts';

export interface HealPlan extends RestartPlan {
  /** All that was found, in sentences that begin with the network's name. */
  readonly findings: readonly string[];
  /** Problems that kvmnet cannot repair, with the remedy. */
  readonly unmended: readonly string[];
}

/** The repair of one network. */
interface Repair extends Omit<RestartPlan, 'title' | 'warnings'> {
  readonly unmended: readonly string[];
}

const nothing: Repair = { steps: [], replugged: [], consent: [], seconds: 0, unmended: [] };

/**
 * Repairs the named networks, or all; reports problems that need a restart of the daemon or a manual repair.
 * @param facts complete facts, with firewall rules
 * @param uuid of the temporary network in which guests wait
 */
export function planNetworkHeal(names: readonly string[], state: State, facts: HealthFacts, uuid: string): HealPlan {
  const lost = forgotten(state, facts).filter(({ name }) => names.length === 0 || names.includes(name));
  const known = names.filter((name) => !lost.some((file) => file.name === name));
  const networks = names.length === 0 ? state.networks : findNetworks(state, known);
  const affected = networks
    .map((network) => ({ network, problems: networkProblems(network, state, facts) }))
    .filter(({ problems }) => problems.length > 0);
  // Nothing starts while they are gone, not even the network in which guests wait.
  const isStuck = affected.some(({ problems }) => problems.some(({ kind }) => kind === 'chains'));
  const repairs = affected.map(({ network, problems }) => repair(network, problems, { state, uuid, isStuck }));
  const empty = networks.filter((network) => isLeftEmpty(network, state));
  const removal = { ...nothing, steps: empty.map(stopStep) };
  const all = joined([...lost.map(redefinition), ...repairs, removal]);
  const isStarted = affected.filter(({ problems }) => problems.some(({ kind }) => kind === 'leftovers'));
  const handled = new Set([...lost, ...isStarted.map(({ network }) => network)].map(({ name }) => name));
  const stranded = strandedNics(state)
    .filter(({ network }) => network === undefined || !handled.has(network))
    .filter((each) => names.length === 0 || networks.some((network) => concerns(network, each)));
  return {
    title:
      names.length === 0
        ? 'heal all networks'
        : `heal ${names.length === 1 ? 'network' : 'networks'} ${names.join(', ')}`,
    ...all,
    steps: withOneHoldingNetwork(all.steps, uuid),
    warnings: lost
      .filter(({ autostart }) => autostart)
      .map(
        ({ name }) =>
          `network ${name} starts at boot as before; libvirt itself shows that only after its daemon's next start`,
      ),
    findings: [
      ...lost.map(
        ({ name }) => `network ${name}: libvirt does not know it any more, but its definition is still on disk`,
      ),
      ...affected.flatMap(({ network, problems }) => problems.map(({ says }) => `network ${network.name}: ${says}`)),
      ...empty.map(
        ({ name }) => `network ${name}: an interrupted run of kvmnet left it, and no guest is attached to it`,
      ),
      ...stranded.map(strandedText),
    ],
    unmended: [
      ...new Set([...(isStuck ? [daemonRestart] : []), ...all.unmended]),
      ...stranded.map((each) => `${strandedText(each)}: ${each.remedy}`),
    ],
  };
}

const daemonRestart =
  "libvirt's firewall chains come back only by a restart of its daemon, which leaves guests running: " +
  'systemctl restart virtnetworkd, or libvirtd on a host with the monolithic daemon; then run kvmnet net heal again';

/** Whether a NIC that is cut off names a network, or the bridge of it. */
function concerns(network: NetworkState, { nic }: StrandedNic): boolean {
  const { source } = nic;
  return source?.network === undefined ? source?.bridge === bridgeMadeFor(network) : source.network === network.name;
}

interface Surroundings {
  readonly state: State;
  readonly uuid: string;
  readonly isStuck: boolean;
}

function repair(network: NetworkState, problems: readonly NetworkProblem[], surroundings: Surroundings): Repair {
  const restarts = problems.find(({ kind }) => kind === 'bridge' || kind === 'leftovers');
  // A restarted network has a dnsmasq, rules and ports again.
  const rest = problems.filter(
    ({ kind }) => restarts === undefined || ['bridge', 'leftovers', 'undefined', 'unsaved'].includes(kind),
  );
  return joined(rest.map((problem) => remedy(network, problem, surroundings)));
}

function remedy(network: NetworkState, problem: NetworkProblem, { state, uuid, isStuck }: Surroundings): Repair {
  const waits = `network ${network.name}: ${problem.says}; that has to wait for the restart`;
  switch (problem.kind) {
    case 'chains':
      return nothing;
    case 'bridge':
      return isStuck ? { ...nothing, unmended: [waits] } : restarted(network, state, uuid);
    case 'cut':
      return isStuck ? { ...nothing, unmended: [waits] } : reattached(network, problem, state, uuid);
    case 'leftovers':
      return isStuck ? { ...nothing, unmended: [waits] } : cleanedUp(network, problem, state, uuid);
    case 'dnsmasq':
      return { ...nothing, steps: refreshSteps(network, 'dnsmasq') ?? [] };
    case 'rules': {
      const steps = refreshSteps(network, 'rules');
      return steps === undefined ? restarted(network, state, uuid) : { ...nothing, steps };
    }
    case 'doubles':
      return { ...nothing, steps: [doublesStep(network)] };
    case 'undefined':
      return { ...nothing, steps: definitionSteps(network.uuid, { name: network.name, ...problem }) };
    case 'unsaved':
      return {
        ...nothing,
        steps: definitionSteps(network.uuid, {
          name: network.name,
          xml: network.inactiveXml ?? network.xml,
          autostart: false,
        }),
      };
  }
}

function restarted(network: NetworkState, state: State, uuid: string): Repair {
  const to = network.inactive ?? network.network;
  return { ...restartSteps([{ network, to }], state, uuid), unmended: [] };
}

function reattached(
  network: NetworkState,
  problem: Extract<NetworkProblem, { kind: 'cut' }>,
  state: State,
  uuid: string,
): Repair {
  const isCut = ({ nic }: Plugged): boolean => problem.guests.some((guest) => guest.nic === nic);
  return reattach(network, replug.pluggedInto(state, network).filter(isCut), state, uuid);
}

function reattach(network: NetworkState, plugged: readonly Plugged[], state: State, uuid: string): Repair {
  if (plugged.length === 0) return nothing;
  if (!replug.isMovable(state)) return attachedManually(network, plugged, state);
  const holdingNetwork = replug.holdingNetwork(state, uuid);
  const to = network.active ? network.network : (network.inactive ?? network.network);
  const places = { state, holdingNetwork, from: network, to, renew: false };
  const moves = plugged.map((each) => ({
    each,
    out: replug.detachToHolding(each, places),
    back: replug.reattach(each, places),
  }));
  return {
    ...nothing,
    steps: [holdingNetwork.make, ...moves.flatMap(({ out, back }) => [out, ...back]), holdingNetwork.remove],
    replugged: moves.map(({ each, out, back }) => replug.replugged(each, out, back)),
    seconds: replug.gapOf(to),
  };
}

/** Containers: their driver moves no NICs, but the kernel does. */
function attachedManually({ bridge = '' }: NetworkState, plugged: readonly Plugged[], { host }: State): Repair {
  const taps = plugged.flatMap(({ tap }) => (tap === undefined || host === undefined ? [] : [tap]));
  return {
    ...nothing,
    steps: taps.map((link) => ({
      title: `make ${link} a port of ${bridge} again`,
      do: { call: 'hostSetMaster', link, master: bridge },
      undo: [],
      verify: { expect: 'master', link, master: bridge },
    })),
  };
}

/** Removes the remains; then starts the network if it has autostart or attached guests. */
function cleanedUp(
  network: NetworkState,
  left: Extract<NetworkProblem, { kind: 'leftovers' }>,
  state: State,
  uuid: string,
): Repair {
  if (left.foreign.length > 0) {
    const bridge = network.bridge ?? network.network.bridge?.name ?? '';
    const says = `network ${network.name}: ${bridge} has ports that are not guests of libvirt, and is left alone: ${left.foreign.join(', ')}`;
    return { ...nothing, unmended: [`${says}; remove them: ip link set dev ${left.foreign[0] ?? ''} nomaster`] };
  }
  const between = cleanUp(network, left);
  const guests = replug.pluggedInto(state, network);
  if (guests.length === 0 && !network.autostart) return { ...nothing, steps: between.steps };
  const to = network.inactive ?? network.network;
  // A start that fails again must not leave it all again: a hook that fails does that each time.
  const tidy = (step: Step): Step =>
    step.do.call === 'networkStart' ? { ...step, undo: [...step.undo, ...between.actions] } : step;
  if (!guests.some((each) => replug.isConnected(each, network, state))) {
    // Steps that can fail come first: guests that are already cut off can wait.
    const back = reattach(network, guests, state, uuid);
    return { ...back, steps: [...between.steps, tidy(startStep(to, network.uuid, state)), ...back.steps] };
  }
  const restart = restartSteps([{ network, to, between: between.steps }], state, uuid);
  return { ...restart, steps: restart.steps.map(tidy), unmended: [] };
}

/** A definition that libvirt takes once more. Undoing it would delete the file. */
function definitionSteps(uuid: string, { name, xml, autostart }: DefinitionOnDisk): readonly Step[] {
  const define: Step = {
    title: `define network ${name} as it was`,
    do: { call: 'networkDefine', xml },
    undo: [],
    verify: { expect: 'definition', network: uuid, config: xml },
  };
  return [define, ...(autostart ? [{ ...autostartStep(name, uuid, true), undo: [] }] : [])];
}

/** Its autostart stays: the mark is on disk, and libvirt, which only reads it at its next start, cannot write it again. */
function redefinition(file: DefinitionOnDisk): Repair {
  const { uuid } = parseNetwork(file.xml);
  return uuid === undefined ? nothing : { ...nothing, steps: definitionSteps(uuid, { ...file, autostart: false }) };
}

function joined(repairs: readonly Repair[]): Repair {
  return {
    steps: repairs.flatMap(({ steps }) => steps),
    replugged: repairs.flatMap(({ replugged }) => replugged),
    consent: repairs.flatMap(({ consent }) => consent),
    unmended: repairs.flatMap(({ unmended }) => unmended),
    seconds: Math.max(0, ...repairs.map(({ seconds }) => seconds)),
  };
}

/** Several repairs use the same temporary network: it is created before the first, and removed after the last. */
function withOneHoldingNetwork(steps: readonly Step[], uuid: string): readonly Step[] {
  const ofRefuge = (active: boolean): readonly Step[] =>
    steps.filter(({ verify }) => verify.expect === 'network' && verify.network === uuid && verify.active === active);
  const [makes, removes] = [ofRefuge(true), ofRefuge(false)];
  const kept = [makes[0], removes.at(-1)];
  return steps.filter((step) => !(makes.includes(step) || removes.includes(step)) || kept.includes(step));
}
