/** The links of the host as nodes, and what connects them. */
import type { Neighbor } from '../records/guest-address.ts';
import type { Link } from '../records/link.ts';
import { bridgeMadeFor } from '../state/membership.ts';
import { ownerByName } from '../state/owners.ts';
import type { HostState, State } from '../state/state.ts';
import { nodeId, type NodeKind, type Status, type TopologyEdge, type TopologyNode } from './graph.ts';
import { nearby, type Nearby } from './nearby.ts';

/** The facts that the parts of a topology are made from. */
export interface Drawing {
  readonly state: State;
  readonly links: readonly Link[];
  /** The id of the node that a device of the host is drawn as; undefined for a tap, and for what is not drawn. */
  readonly nodeOf: (device: string | undefined) => string | undefined;
  readonly nearby: Nearby;
}

const kinds: Readonly<Record<string, NodeKind>> = {
  ...{ bond: 'bond', team: 'bond', vlan: 'vlan', macvlan: 'macvlan', bridge: 'bridge', openvswitch: 'bridge' },
  ...{ veth: 'nic', dummy: 'nic', vxlan: 'nic', wireguard: 'nic' },
};

/** The kind of a link's node; undefined for taps, the ends of containers' cables and other links that carry no guests. */
function kindOf({ name, type, kind, netns }: Link): NodeKind | undefined {
  if (type === 'loopback') return undefined;
  if (netns !== undefined) return 'namespace';
  if (kind === undefined) return type === 'ether' ? 'nic' : undefined;
  return kind === 'veth' && ownerByName(name) !== undefined ? undefined : kinds[kind];
}

/** The name of a link's node. */
function nameOf({ name, netns }: Link): string {
  return netns ?? name;
}

export function drawingOf(state: State, neighbors: readonly Neighbor[] | undefined): Drawing {
  const links = state.host?.links ?? [];
  const ids = new Map(
    links.flatMap((link) => {
      const kind = kindOf(link);
      return kind === undefined ? [] : [[link.name, nodeId(kind, nameOf(link))]];
    }),
  );
  for (const network of state.networks) {
    const bridge = bridgeMadeFor(network);
    if (bridge !== undefined) ids.set(bridge, nodeId('network', network.name));
  }
  return {
    ...{ state, links, nearby: nearby(state, neighbors) },
    nodeOf: (device) => (device === undefined ? undefined : ids.get(device)),
  };
}

/** Nodes of NICs, bonds, VLANs, bridges and namespaces; the bridges that libvirt made are networks. */
export function linkNodes({ links, nodeOf }: Drawing): readonly TopologyNode[] {
  // The parent of a cable's end is its other end.
  const used = new Set(links.flatMap(({ kind, master, parent }) => [master, ...(kind === 'veth' ? [] : [parent])]));
  return links.flatMap((link) => {
    const kind = kindOf(link);
    const id = nodeOf(link.name);
    if (kind === undefined || id === undefined || id.startsWith('network:')) return [];
    const name = nameOf(link);
    const addresses = addressesOf(link);
    return [
      {
        id,
        kind,
        name,
        addresses,
        facts: linkFacts(link),
        ...linkStatus(link, kind, used.has(link.name) || link.master !== undefined),
      },
    ];
  });
}

function linkFacts(link: Link): readonly string[] {
  const { bond, macvlan, wireless, mtu, vlans, netns, name } = link;
  return [
    ...(netns === undefined ? [] : [name]),
    ...(bond === undefined ? [] : [bond.mode]),
    ...(macvlan === undefined ? [] : [macvlan.mode]),
    ...(wireless ? ['wireless'] : []),
    ...(mtu === 1500 ? [] : [`MTU ${String(mtu)}`]),
    ...(link.kind === 'bridge' && link.bridge?.vlanFiltering === true ? [vlansText(vlans)] : []),
  ];
}

function vlansText(vlans: Link['vlans']): string {
  return vlans === undefined || vlans.length === 0
    ? 'VLAN filtering'
    : `VLANs ${vlans.map(({ id }) => String(id)).join(', ')}`;
}

/** The addresses of a link for people, without the addresses of scope link. */
function addressesOf({ addresses }: Link): readonly string[] {
  return addresses.filter(({ scope }) => scope !== 'link').map(({ address, prefix }) => `${address}/${String(prefix)}`);
}

function linkStatus(
  { up, operstate }: Link,
  kind: NodeKind,
  isUsed: boolean,
): Pick<TopologyNode, 'status' | 'problem'> {
  if (!up) return isUsed ? { status: 'broken', problem: 'is down' } : { status: 'off' };
  if (kind === 'nic' && (operstate === 'DOWN' || operstate === 'LOWERLAYERDOWN')) {
    return isUsed ? { status: 'broken', problem: 'has no carrier' } : { status: 'off' };
  }
  return { status: 'up' };
}

/** Edges from ports to their bonds and bridges, from devices to the VLANs on them, and from bridges to namespaces. */
export function linkEdges({ links, nodeOf }: Drawing): readonly TopologyEdge[] {
  return links.flatMap((link) => {
    const own = nodeOf(link.name);
    if (own === undefined) return [];
    const facts = link.port === undefined || link.port.state === 'forwarding' ? [] : [link.port.state];
    const isolated = link.port?.isolated === true ? ['isolated port'] : [];
    const status: Status = link.up ? 'up' : 'off';
    const base = { kind: 'link', status, label: undefined, addresses: [] } as const;
    const master = nodeOf(link.master);
    const parent = link.vlan !== undefined || link.macvlan !== undefined ? nodeOf(link.parent) : undefined;
    const label = link.vlan === undefined ? undefined : `VLAN ${String(link.vlan.id)}`;
    return [
      ...(master === undefined || master === own
        ? []
        : [
            {
              ...base,
              facts: [...facts, ...isolated],
              ...(link.netns === undefined ? { from: own, to: master } : { from: master, to: own, label: link.name }),
            },
          ]),
      ...(parent === undefined ? [] : [{ ...base, label, facts: [], from: parent, to: own }]),
    ];
  });
}

/** The device of the default route of a family, by default of IPv4. */
export function uplinkOf(host: HostState | undefined, family: 'ipv4' | 'ipv6' = 'ipv4'): string | undefined {
  const destination = family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  return host?.routes?.find((route) => route.table === 'main' && route.destination === destination)?.dev;
}
