/**
 * Renames a network. libvirt has no such call, and accepts neither a UUID nor an active bridge under two names: the network is stopped,
 * undefined, and defined again with all its settings, while its running guests wait elsewhere.
 */
import { KvmnetError } from '../../errors.ts';
import { foreignPorts, nicText } from '../../state/membership.ts';
import { slotOf, type Nic } from '../../state/nics.ts';
import type { SavedState } from '../../state/saved.ts';
import type { DomainState, NetworkState, State } from '../../state/state.ts';
import { buildInterface, buildNetwork } from '../../xml/build.ts';
import type { Interface, InterfaceInput } from '../../xml/interface.ts';
import type { Network } from '../../xml/network.ts';
import { freeBridgeName } from './free-subnet.ts';
import { isOpenVswitch, isVirtual, kindOf } from '../../state/network-kind.ts';
import { restartSteps, type RestartPlan } from './restart.ts';
import { savedIn } from './saved.ts';
import { autostartStep, defineStep, startStep, stopStep, undefineStep } from '../steps/network.ts';
import { asWritten, prepare } from '../nic/change.ts';
import { eachNic } from '../nic/each.ts';
import { updateStep } from '../steps/nic.ts';
import { inNetwork } from './replug.ts';
import type { Action, Step } from '../step.ts';
import { show } from '../../values/invalid.ts';
import { parseNetworkName } from '../../values/name.ts';
import { quoted } from '../../values/quoted.ts';

export interface RenameRequest {
  readonly network: NetworkState;
  readonly to: string;
  /** Saved states of domains, in which libvirt keeps the old name. */
  readonly saved: readonly SavedState[];
  /** Of the network in which guests wait. */
  readonly uuid: string;
}

/**
 * Renames a network in every NIC that uses it: first in the configurations, which interrupts no guest; then, between stop and start, in the
 * running guests. UUID, MAC address, bridge, leases, autostart and everything in the definition stay.
 * @throws INPUT for a name that net create would refuse; CONFLICT if it is in use, and for a transient network; DEPENDENCY if a running
 * guest cannot be moved
 */
export function planNetworkRename({ network, to, saved, uuid }: RenameRequest, state: State): RestartPlan {
  const title = `rename network ${network.name} to ${to}`;
  if (network.name === to) return { title, steps: [], warnings: [], consent: [], replugged: [], seconds: 0 };
  const renamed: Network = { ...requireDefinition(network), name: requireFreeName(to, state), connections: undefined };
  const live = requireMovable(network, state);
  const between = definitionSteps(network, renamed, state);
  const parts =
    network.active && isVirtual(kindOf(network.network))
      ? restartSteps([{ network, to: renamed, between, doing: 'renaming' }], state, uuid)
      : { ...nothing, steps: network.active ? byItsBridge(network, renamed, between, live, state) : between };
  const waiting = network.active ? [] : live;
  return {
    ...parts,
    title,
    steps: [...configSteps(network.name, to, state), ...parts.steps].map((step) => toldByName(step, network, to)),
    consent: [
      ...parts.consent,
      ...waiting.map(
        ({ domain, nic }) =>
          `${nicText(domain, nic)}, which lost its bridge when network ${network.name} stopped, names it so until the next boot`,
      ),
      ...savedIn(saved, network.name, isIn(network.name)),
    ],
    warnings: [
      ...parts.warnings,
      ...foreignPorts(state, network).map(
        (port) =>
          `${port} is a port of ${String(network.bridge)}: what defines it may still name network ${network.name}`,
      ),
    ],
  };
}

const nothing = { steps: [], consent: [], warnings: [], replugged: [], seconds: 0 } as const;

function requireDefinition({ name, inactive }: NetworkState): Network {
  if (inactive !== undefined) return inactive;
  throw new KvmnetError('CONFLICT', `network ${name} is transient: it has no definition that could be renamed`, {
    hint: `make it persistent first: kvmnet net xml ${quoted(name)} | kvmnet net define -`,
  });
}

function requireFreeName(value: string, { networks }: State): string {
  const name = parseNetworkName(value, 'NEW');
  if (!networks.some((other) => other.name === name)) return name;
  throw new KvmnetError('CONFLICT', `network ${show(name)} already exists`, {
    hint: `choose another name; kvmnet net show ${quoted(name)} shows the existing network`,
  });
}

/** A running guest's NIC. */
interface LiveNic {
  readonly domain: DomainState;
  readonly nic: Interface;
}

/** The live NICs that name the network. Throws DEPENDENCY for those to which libvirt can give no other name while the guest runs. */
function requireMovable({ name, network, active }: NetworkState, { domains, connection }: State): readonly LiveNic[] {
  const live = domains
    .filter((domain) => domain.active)
    .flatMap((domain) => domain.domain.interfaces.filter(isIn(name)).map((nic) => ({ domain, nic })));
  const [first] = live;
  const kind = kindOf(network);
  if (!active || first === undefined) return live;
  if (connection.hypervisor === 'QEMU' && (isVirtual(kind) || kind === 'bridge')) return live;
  const why =
    connection.hypervisor === 'QEMU' ? 'libvirt moves NICs between bridges only' : 'its driver changes no NICs';
  throw new KvmnetError(
    'DEPENDENCY',
    `${nicText(first.domain, first.nic)} cannot be given the new name of network ${name} while the guest runs: ${why}`,
    { hint: `shut its guests down first: ${[...new Set(live.map(({ domain }) => domain.name))].join(', ')}` },
  );
}

function isIn(network: string): (nic: Interface) => boolean {
  return ({ source }) => source?.network === network;
}

/** In the definitions at the next boot. */
function configSteps(from: string, to: string, state: State): readonly Step[] {
  const rename = (domain: DomainState, nic: Nic): readonly Step[] => {
    if (nic.config === undefined || !isIn(from)(nic.config)) return [];
    const { subject, name } = prepare({ domain, nic, wanted: { config: true } }, state);
    const title = `name network ${to} in ${name} at the next boot`;
    const change = { title, scope: 'config', from: nic.config, to: inNetwork(nic.config, to) } as const;
    return [updateStep(subject, change, { source: to })];
  };
  return state.domains.flatMap((domain) => eachNic(domain, rename));
}

/** Replaces the definition while the network is stopped. The leases are stored under the bridge's name, and survive. */
function definitionSteps(network: NetworkState, renamed: Network, state: State): readonly Step[] {
  const { name, uuid, autostart, inactive } = network;
  const define = defineStep(renamed.name, uuid, buildNetwork(renamed));
  const undefine = undefineStep(network);
  const marked = autostart ? [autostartStep(renamed.name, uuid, true)] : [];
  if (inactive === undefined || !isVirtual(kindOf(inactive))) return [undefine, define, ...marked];
  const forget = (definition: Network): Action => ({
    call: 'networkUndefineKeepingLeases',
    xml: buildNetwork({ ...definition, bridge: { ...definition.bridge, name: freeBridgeName(state) } }),
  });
  return [
    {
      ...undefine,
      title: `undefine network ${name}, with another bridge, so that its leases stay`,
      do: forget(inactive),
    },
    { ...define, undo: [forget(renamed)] },
    ...marked,
  ];
}

/**
 * For a network on a bridge of the host: guests are attached to that bridge itself while the network is stopped, and no guest is cut
 * off.
 */
function byItsBridge(
  network: NetworkState,
  renamed: Network,
  between: readonly Step[],
  live: readonly LiveNic[],
  state: State,
): readonly Step[] {
  const bridge = network.bridge ?? '';
  const steps = live.map(({ domain, nic }) => {
    const written = asWritten(nic);
    const direct: InterfaceInput = { ...written, type: 'bridge', source: { bridge } };
    const update = (definition: InterfaceInput): Action => ({
      call: 'domainUpdateDevice',
      domain: domain.uuid,
      xml: buildInterface(definition),
      live: true,
      config: false,
    });
    const mac = nic.mac?.address ?? '';
    const slot = slotOf(nic);
    const where = { domain: domain.uuid, mac, ...(slot === undefined ? {} : { slot }) };
    const title = (into: string): string => `attach ${nicText(domain, nic)} to ${into}`;
    const out: Step = {
      title: title(`the bridge ${bridge} itself`),
      do: update(direct),
      undo: [update(written)],
      verify: { expect: 'nic', ...where, live: { source: bridge } },
    };
    const isSeen = state.host !== undefined && !isOpenVswitch(renamed);
    const back: Step = {
      title: title(`network ${renamed.name}`),
      do: update(inNetwork(written, renamed.name)),
      undo: [update(direct)],
      verify: { expect: 'plugged', ...where, network: network.uuid, bridge: isSeen ? bridge : undefined },
    };
    return { out, back };
  });
  return [
    ...steps.map(({ out }) => out),
    stopStep(network),
    ...between,
    startStep(renamed, network.uuid, state),
    ...steps.map(({ back }) => back),
  ];
}

/** The old and the new network have the same UUID: the name shows whether a step is done. */
function toldByName(step: Step, { name, uuid }: NetworkState, to: string): Step {
  const { do: action, verify } = step;
  if (verify.expect !== 'network' || verify.network !== uuid) return step;
  const isOld = ['networkDestroy', 'networkUndefine', 'networkUndefineKeepingLeases'].includes(action.call);
  return { ...step, verify: { ...verify, network: isOld ? name : to } };
}
