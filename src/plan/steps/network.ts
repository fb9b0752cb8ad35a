import type { NetworkState, State } from '../../state/state.ts';
import type { Network } from '../../xml/network.ts';
import { addressesOf } from '../../state/network-address.ts';
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import type { Action, Expectation, Step } from '../step.ts';
import { formatIp } from '../../values/address.ts';

/** Defines a new network. */
export function defineStep(name: string, uuid: string, xml: string): Step {
  return {
    title: `define network ${name}`,
    do: { call: 'networkDefine', xml },
    undo: [{ call: 'networkUndefine', network: uuid }],
    verify: { expect: 'network', network: uuid, defined: true },
  };
}

/** Redefines a network; a transient one thereby becomes persistent. */
export function redefineStep({ name, uuid }: NetworkState, xml: string, oldXml: string | undefined): Step {
  return {
    title: `redefine network ${name}`,
    do: { call: 'networkDefine', xml },
    undo: [oldXml === undefined ? { call: 'networkUndefine', network: uuid } : { call: 'networkDefine', xml: oldXml }],
    verify: { expect: 'network', network: uuid, defined: true },
  };
}

export function autostartStep(name: string, uuid: string, autostart: boolean): Step {
  return {
    title: `${autostart ? 'enable' : 'disable'} autostart of network ${name}`,
    do: { call: 'networkSetAutostart', network: uuid, autostart },
    undo: [{ call: 'networkSetAutostart', network: uuid, autostart: !autostart }],
    verify: { expect: 'network', network: uuid, autostart },
  };
}

export function startStep(network: Network, uuid: string, state: State): Step {
  return {
    title: `start network ${network.name}`,
    do: { call: 'networkStart', network: uuid },
    undo: [{ call: 'networkDestroy', network: uuid }],
    verify: expectActive(network, uuid, state),
  };
}

/** Makes and starts a network that is gone when it stops. */
export function createStep(network: Network, uuid: string, xml: string, state: State): Step {
  return {
    title: `create transient network ${network.name}`,
    do: { call: 'networkCreate', xml },
    undo: [{ call: 'networkDestroy', network: uuid }],
    verify: expectActive(network, uuid, state),
  };
}

/** Stops a network. A transient one is gone then, and comes back from its live definition. */
export function stopStep({ name, uuid, persistent, xml }: NetworkState): Step {
  return {
    title: `stop network ${name}`,
    do: { call: 'networkDestroy', network: uuid },
    undo: [persistent ? { call: 'networkStart', network: uuid } : { call: 'networkCreate', xml }],
    verify: { expect: 'network', network: uuid, ...(persistent ? { active: false } : { defined: false }) },
  };
}

/** Removes the definition of a network that is stopped. */
export function undefineStep({ name, uuid, autostart, inactiveXml, xml }: NetworkState): Step {
  const marked: readonly Action[] = autostart ? [{ call: 'networkSetAutostart', network: uuid, autostart: true }] : [];
  return {
    title: `undefine network ${name}`,
    do: { call: 'networkUndefine', network: uuid },
    undo: [{ call: 'networkDefine', xml: inactiveXml ?? xml }, ...marked],
    verify: { expect: 'network', network: uuid, defined: false },
  };
}

/** Active, and where the host's links are in sight, with the bridge up and the addresses on it. */
function expectActive(network: Network, uuid: string, { host }: State): Expectation {
  const name = network.bridge?.name;
  const active = { expect: 'network', network: uuid, active: true } as const;
  if (host === undefined || name === undefined || !isVirtual(kindOf(network))) return active;
  const addresses = addressesOf(network).map(({ ip, subnet }) => `${formatIp(ip)}/${subnet.prefix}`);
  return { ...active, bridge: { name, addresses } };
}
