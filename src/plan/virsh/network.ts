/**
 * virsh's network commands as plans. Unlike kvmnet's own they refuse nothing that libvirt accepts, and warn about
 * what kvmnet's would refuse or ask; and unlike those, a change without effect is a failure, as in virsh.
 */
import { KvmnetError } from '../../errors.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { buildNetwork } from '../../xml/build.ts';
import type { Network } from '../../xml/network.ts';
import { checkNetwork } from '../network/check/network.ts';
import type { CheckState } from '../network/check/subject.ts';
import { withFreeBridge } from '../network/free-subnet.ts';
import { planNetworkStart, planNetworkStop } from '../network/lifecycle.ts';
import { createStep, defineStep, redefineStep, undefineStep } from '../steps/network.ts';
import type { Plan, Step } from '../step.ts';
import { quoted } from '../../values/quoted.ts';

interface Validation {
  /** Have libvirt check the XML against its schema first. */
  readonly validate: boolean;
}

/** virsh net-define: a new definition, or a network's next one. */
export function planVirshDefine(
  network: Network,
  state: CheckState,
  { uuid, validate }: Validation & { readonly uuid: string },
): Plan {
  const existing = state.networks.find((other) => other.uuid.toLowerCase() === network.uuid?.toLowerCase());
  const complete = { ...withFreeBridge(network, state), uuid: network.uuid ?? uuid };
  const xml = buildNetwork(complete);
  const step = existing
    ? redefineStep(existing, xml, existing.inactiveXml)
    : defineStep(network.name, complete.uuid, xml);
  return plan(
    `define network ${network.name}`,
    withValidation(step, xml, validate),
    remarksOn(network, existing, state),
  );
}

/**
 * virsh net-create: a network that is gone when it stops; or, with name and UUID of one that is shut off, a start of that with
 * another definition. Throws CONFLICT for one that is active.
 */
export function planVirshCreate(
  network: Network,
  state: State,
  { uuid, validate }: Validation & { readonly uuid: string },
): Plan {
  const complete = { ...withFreeBridge(network, state), uuid: network.uuid ?? uuid };
  const same = state.networks.find((other) => other.uuid.toLowerCase() === complete.uuid.toLowerCase());
  // The undo of a failed creation would stop it.
  if (same?.active) throw new KvmnetError('CONFLICT', `network ${same.name} has that UUID, and is active`);
  const xml = buildNetwork(complete);
  const step = createStep(complete, complete.uuid, xml, state);
  return plan(
    `create network ${network.name}`,
    withValidation(step, xml, validate),
    remarksOn(complete, undefined, state),
  );
}

/** virsh net-start. Throws CONFLICT for a network that is active. */
export function planVirshStart(uuid: string, state: State): Plan {
  const network = networkOf(uuid, state);
  if (network.active) throw new KvmnetError('CONFLICT', `network ${network.name} is already active`);
  return planNetworkStart([uuid], state);
}

/** virsh net-destroy, with warnings about guests that it cuts off. @throws CONFLICT for an inactive network */
export function planVirshDestroy(uuid: string, state: State): Plan {
  const network = networkOf(uuid, state);
  if (!network.active) throw new KvmnetError('CONFLICT', `network ${network.name} is not active`);
  return planNetworkStop([uuid], state);
}

/** virsh net-undefine: an active network becomes transient. @throws CONFLICT for a transient network */
export function planVirshUndefine(uuid: string, state: State): Plan {
  const network = networkOf(uuid, state);
  const { name, active, persistent, autostart } = network;
  if (!persistent) {
    throw new KvmnetError('CONFLICT', `network ${name} is transient: it has no definition to remove`, {
      hint: `kvmnet net-destroy ${quoted(name)} removes it`,
    });
  }
  const later = autostart ? ', and does not start at boot any more, even if it is defined again' : '';
  const left = active ? [`network ${name} stays active until it stops; it is gone then${later}`] : [];
  return plan(`undefine network ${name}`, undefineStep(network), left);
}

function networkOf(uuid: string, { networks }: State): NetworkState {
  const network = networks.find((other) => other.uuid === uuid);
  if (!network) throw new KvmnetError('NOTFOUND', `the network with the UUID ${uuid} is gone`);
  return network;
}

/** Returns what kvmnet's own commands would refuse or ask; for a redefined network, only what is new. */
function remarksOn(network: Network, existing: NetworkState | undefined, state: CheckState): readonly string[] {
  const known = new Set(existing?.inactive ? checkNetwork(existing.inactive, state).map(({ message }) => message) : []);
  const messages = checkNetwork(network, state).map(({ message }) => message);
  return [...new Set(messages)].filter((message) => !known.has(message));
}

function withValidation(step: Step, xml: string, validate: boolean): Step {
  const { call } = step.do;
  if (!validate || (call !== 'networkDefine' && call !== 'networkCreate')) return step;
  return { ...step, do: { call, xml, validate } };
}

function plan(title: string, step: Step, warnings: readonly string[]): Plan {
  return { title, steps: [step], warnings, consent: [] };
}
