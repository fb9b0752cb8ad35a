/** Repair steps that touch neither a guest nor a bridge in use. */
import type { NetworkProblem } from '../../state/health.ts';
import type { NetworkState } from '../../state/state.ts';
import { addressesOf } from '../../state/network-address.ts';
import { updateCommand, updateFlags } from './section.ts';
import { ownBridge } from '../../state/network-user.ts';
import type { Action, HostAction, NetworkUpdate, Step } from '../step.ts';
import { formatSubnet } from '../../values/subnet.ts';

/** Removes what is left of a network that is not active; the actions alone are for undoing a start. */
export function cleanUp(
  network: NetworkState,
  left: Pick<Extract<NetworkProblem, { kind: 'leftovers' }>, 'bridge' | 'dnsmasq' | 'rules'>,
): { readonly steps: readonly Step[]; readonly actions: readonly Action[] } {
  const { name, uuid } = network;
  const bridge = ownBridge(network) ?? '';
  const mac = (network.inactive ?? network.network).mac?.address ?? '';
  const rules = { bridge, subnets: subnetsOf(network), only: 'all' } as const;
  const end: HostAction = { call: 'hostEndDnsmasq', network: uuid, name };
  const remove: HostAction = { call: 'hostDeleteBridge', network: uuid, bridge, mac };
  const forget: HostAction = { call: 'hostDeleteRules', network: uuid, ...rules };
  const steps: readonly (Step & { readonly needed: boolean })[] = [
    {
      needed: left.dnsmasq,
      title: `end the dnsmasq that was left of network ${name}`,
      do: end,
      undo: [],
      verify: { expect: 'dnsmasq', name, running: false },
    },
    {
      needed: left.bridge,
      title: `delete the bridge ${bridge} that was left of network ${name}`,
      do: remove,
      undo: [],
      verify: { expect: 'no bridge', bridge },
    },
    {
      needed: left.rules,
      title: `delete the firewall rules that were left of network ${name}`,
      do: forget,
      undo: [],
      verify: { expect: 'no rules', ...rules },
    },
  ];
  return {
    steps: steps.filter(({ needed }) => needed).map(({ needed: _needed, ...step }) => step),
    actions: [end, remove, forget],
  };
}

/** Deletes what stands twice among a network's rules. */
export function doublesStep(network: NetworkState): Step {
  const rules = { bridge: ownBridge(network) ?? '', subnets: subnetsOf(network), only: 'doubles' } as const;
  return {
    title: `delete the firewall rules of network ${network.name} that stand twice`,
    do: { call: 'hostDeleteRules', network: network.uuid, ...rules },
    undo: [],
    verify: { expect: 'no rules', ...rules },
  };
}

/**
 * Makes libvirt restart its dnsmasq, or rewrite its firewall rules, by an update without effect: it adds an entry and removes it again. A name
 * only affects dnsmasq; a reservation also affects the firewall rules. Undefined if the network cannot have such an entry.
 */
export function refreshSteps(network: NetworkState, what: 'dnsmasq' | 'rules'): readonly Step[] | undefined {
  const { name, uuid, network: definition } = network;
  const hasDns = definition.dns?.enable !== false && definition.ips.length > 0;
  const index = definition.ips.findIndex(({ family, dhcp }) => family !== 'ipv6' && dhcp !== undefined);
  const byName = what === 'dnsmasq' && hasDns;
  if (!byName && index === -1) return undefined;
  const entry = byName
    ? `<host ip="${freeAddress(network)}"><hostname>kvmnet-heal.invalid</hostname></host>`
    : `<host mac="02:00:00:00:00:01" ip="${freeAddress(network)}"/>`;
  const section = byName ? 10 : 4;
  const parentIndex = byName ? -1 : index;
  const call = (command: number): NetworkUpdate => ({
    call: 'networkUpdate',
    network: uuid,
    command,
    section,
    parentIndex,
    xml: entry,
    flags: updateFlags.live,
  });
  const place = { network: uuid, section, parentIndex, xml: entry, live: true, config: false } as const;
  const goal = what === 'dnsmasq' ? 'look after its dnsmasq' : 'rewrite its firewall rules';
  return [
    {
      title: `have network ${name} ${goal}: an entry goes in`,
      do: call(updateCommand.addLast),
      undo: [call(updateCommand.delete)],
      verify: { expect: 'section', ...place, present: true },
    },
    {
      title: `have network ${name} ${goal}: it goes out again`,
      do: call(updateCommand.delete),
      undo: [],
      verify:
        what === 'dnsmasq'
          ? { expect: 'dnsmasq', name, running: true }
          : { expect: 'section', ...place, present: false },
    },
  ];
}

/** Of the addresses for documentation (RFC 5737), one that no entry has: no guest gets it, and libvirt takes it. */
function freeAddress({ network }: NetworkState): string {
  const hosts = network.ips.flatMap(({ dhcp }) => dhcp?.hosts ?? []);
  const taken = new Set([...(network.dns?.hosts ?? []), ...hosts].map(({ ip }) => ip));
  const all = Array.from({ length: 254 }, (_, index) => `192.0.2.${String(index + 1)}`);
  return all.find((address) => !taken.has(address)) ?? '192.0.2.1';
}

function subnetsOf(network: NetworkState): readonly string[] {
  const subnets = [network.network, network.inactive ?? network.network].flatMap(addressesOf);
  return [...new Set(subnets.map(({ subnet }) => formatSubnet(subnet)))];
}
