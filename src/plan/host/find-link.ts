/** Links of the host by the names that users give, and whose a bridge is. */
import { KvmnetError } from '../../errors.ts';
import { suggestion } from '../../values/nearest.ts';
import { managerOf } from '../../state/owners.ts';
import type { HostState, NetworkState, State, WholeHost } from '../../state/state.ts';
import { wholeHost } from '../../state/whole-host.ts';
import type { Link } from '../../records/link.ts';
import { ownBridge } from '../../state/network-user.ts';
import { show } from '../../values/invalid.ts';

/** @throws DEPENDENCY where the kernel is out of sight */
export function hostOf(state: Pick<State, 'host' | 'connection'>): WholeHost {
  return wholeHost(linksOf(state));
}

/** Returns the host for readers that use no routes. @throws DEPENDENCY as hostOf */
export function linksOf({ host, connection }: Pick<State, 'host' | 'connection'>): HostState {
  if (host) return host;
  throw new KvmnetError('DEPENDENCY', `the links of the host of ${connection.uri} are out of sight`, {
    hint: 'run kvmnet on that host',
  });
}

/** @throws NOTFOUND with the nearest names */
export function findLink(name: string, host: HostState, what = 'NIC'): Link {
  const found = host.links.find((link) => link.name === name);
  if (found) return found;
  const names = host.links.map((link) => link.name);
  throw new KvmnetError('NOTFOUND', `no ${what} ${show(name)} on the host`, {
    hint: suggestion(name, names, `the host has ${names.slice(0, 10).join(', ')}`),
  });
}

/** @throws NOTFOUND with the nearest bridges; INPUT where it is something else */
export function findBridge(name: string, host: HostState): Link {
  const bridges = host.links.filter(({ kind }) => kind === 'bridge').map((link) => link.name);
  const found = host.links.find((link) => link.name === name);
  const others =
    bridges.length === 0
      ? 'this host has none: kvmnet bridge create br0'
      : `bridges: ${bridges.slice(0, 10).join(', ')}`;
  if (!found)
    throw new KvmnetError('NOTFOUND', `no bridge ${show(name)} on the host`, {
      hint: suggestion(name, bridges, others),
    });
  if (found.kind === 'bridge') return found;
  const hint = found.kind === 'openvswitch' ? 'it is Open vSwitch that changes it: ovs-vsctl' : others;
  throw new KvmnetError('INPUT', `${name} is not a bridge of the kernel but ${kindText(found)}`, { hint });
}

/**
 * Finds a bridge that belongs to the administrator.
 * @param instead the command for a bridge that belongs to a network of libvirt, by the network's name
 * @throws CONFLICT if another program manages it, naming the program and the remedy
 */
export function findOwnBridge(name: string, state: State, instead: (network: string) => string): Link {
  const bridge = findBridge(name, hostOf(state));
  refuseForeign(name, state, instead);
  return bridge;
}

/** @throws CONFLICT for the name of a bridge that another program creates or manages, whether it exists or not */
export function refuseForeign(
  name: string,
  { networks }: Pick<State, 'networks'>,
  instead: (network: string) => string,
): void {
  const network = networks.find((each) => isBridgeOf(each, name));
  if (network) {
    throw new KvmnetError(
      'CONFLICT',
      `${name} is the bridge of libvirt's network ${network.name}, which creates and deletes it`,
      {
        hint: instead(network.name),
      },
    );
  }
  const manager = managerOf(name);
  if (manager === undefined) return;
  throw new KvmnetError('CONFLICT', `${name} is a bridge of ${manager}, which manages it`, {
    hint:
      manager === 'libvirt'
        ? 'kvmnet net list shows the networks of libvirt'
        : `change it with ${manager}'s own tools, or make a bridge of your own: kvmnet bridge create br0`,
  });
}

function isBridgeOf(network: NetworkState, name: string): boolean {
  const configured = network.inactive && ownBridge({ ...network, bridge: undefined, network: network.inactive });
  return ownBridge(network) === name || configured === name;
}

/** Returns the kind of a link, with its article: `a VLAN device`. */
export function kindText({ kind, type, wireless }: Pick<Link, 'kind' | 'type' | 'wireless'>): string {
  if (wireless) return 'a wireless NIC';
  if (type === 'loopback') return 'the loopback device';
  if (kind === undefined) return type === 'ether' ? 'an Ethernet NIC' : `a device of type ${type}`;
  const names: Readonly<Record<string, string>> = {
    vlan: 'a VLAN device',
    openvswitch: 'an Open vSwitch bridge',
    tun: 'a tap',
  };
  return names[kind] ?? `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind} device`;
}
