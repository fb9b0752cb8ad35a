/** libvirt's networks as nodes, and how their guests get out. */
import { networkProblems } from '../state/health.ts';
import { bridgeMadeFor } from '../state/membership.ts';
import { kindOf, nicsOf, type NetworkKind } from '../state/network-kind.ts';
import type { NetworkState, State } from '../state/state.ts';
import { addressesOf } from '../state/network-address.ts';
import { formatIp } from '../values/address.ts';
import { nodeId, type TopologyEdge, type TopologyNode } from './graph.ts';
import { uplinkOf, type Drawing } from './host.ts';

export function networkNodes({ state, nearby }: Drawing): readonly TopologyNode[] {
  const running = state.domains.filter(({ active }) => active);
  const wanted = new Set(running.flatMap(({ domain }) => domain.interfaces.map(({ source }) => source?.network)));
  return state.networks.map((network) => {
    const addresses = addressesOf(network.network).map(({ ip, subnet }) => `${formatIp(ip)}/${String(subnet.prefix)}`);
    const kind = kindOf(network.network) ?? network.network.forward?.mode ?? 'unknown mode';
    return {
      ...{ id: nodeId('network', network.name), kind: 'network', name: network.name },
      ...{ addresses, facts: [kind, ...(network.bridge === undefined ? [] : [network.bridge])] },
      ...statusOf(network, nearby.ofNetwork(network), wanted.has(network.name)),
    };
  });
}

function statusOf(network: NetworkState, state: State, isWanted: boolean): Pick<TopologyNode, 'status' | 'problem'> {
  if (!network.active) return isWanted ? { status: 'broken', problem: 'is not active' } : { status: 'off' };
  const gone = networkProblems(network, state, {}).find(({ kind }) => kind === 'bridge');
  if (gone) return { status: 'broken', problem: gone.says };
  const bridge = state.host?.links.find(({ name }) => name === bridgeMadeFor(network));
  return bridge?.up === false ? { status: 'broken', problem: `its bridge ${bridge.name} is down` } : { status: 'up' };
}

const waysOut = { nat: 'NAT', route: 'routed', open: 'routed' } as const satisfies Partial<Record<NetworkKind, string>>;

/** Edges from what a network is attached to, or from the NIC by which its packets leave. */
export function networkEdges(drawing: Drawing): readonly TopologyEdge[] {
  return drawing.state.networks.flatMap((network): readonly TopologyEdge[] => {
    const to = nodeId('network', network.name);
    const base = { to, addresses: [], facts: [], status: network.active ? 'up' : 'off' } as const;
    const kind = kindOf(network.network);
    switch (kind) {
      case 'nat':
      case 'route':
      case 'open': {
        const from = drawing.nodeOf(network.network.forward?.dev ?? uplinkOf(drawing.state.host));
        return from === undefined ? [] : [{ ...base, from, kind: 'routed', label: waysOut[kind] }];
      }
      case 'bridge': {
        const from = bridgeNode(network.bridge ?? network.network.bridge?.name, drawing);
        return from === undefined ? [] : [{ ...base, from, kind: 'link', label: undefined }];
      }
      case 'macvtap':
      case 'hostdev':
        return nicsOf(network.network).flatMap((nic) => {
          const from = drawing.nodeOf(nic);
          return from === undefined ? [] : [{ ...base, from, kind: 'link', label: kind } as const];
        });
      case 'isolated':
      case undefined:
        return [];
    }
  });
}

/** The node of a bridge that guests name; one that does not exist is drawn, too, if the links of the host are known. */
export function bridgeNode(bridge: string | undefined, { nodeOf, links }: Drawing): string | undefined {
  if (bridge === undefined) return undefined;
  return nodeOf(bridge) ?? (links.length === 0 ? undefined : nodeId('bridge', bridge));
}
