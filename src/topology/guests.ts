/** Guests as nodes, and their NICs as edges. */
import { addressViews, plugProblem } from '../state/addresses.ts';
import { definitionOf, nicsOf, type Nic } from '../state/nics.ts';
import type { DomainState, State } from '../state/state.ts';
import type { Interface } from '../xml/interface.ts';
import { nodeId, type TopologyEdge, type TopologyNode } from './graph.ts';
import type { Drawing } from './host.ts';
import { bridgeNode } from './networks.ts';

export function guestNodes({ state }: Drawing): readonly TopologyNode[] {
  return state.domains.map(({ name, active, state: words, domain }) => {
    const others = domain.interfaces.filter((nic) => !hasPeer(nic)).map(({ type }) => `NIC of type ${type}`);
    return {
      ...{ id: nodeId('vm', name), kind: 'vm', name, status: active ? 'up' : 'off', addresses: [] },
      facts: [...(words === 'running' ? [] : [words]), ...others],
    };
  });
}

/** Whether the other end of a NIC is drawn: a network, a bridge, or a NIC of the host. */
function hasPeer({ source }: Interface): boolean {
  return source?.network !== undefined || source?.bridge !== undefined || source?.dev !== undefined;
}

/** @param now seconds since the epoch: leases end */
export function guestEdges(drawing: Drawing, now: number): readonly TopologyEdge[] {
  return drawing.state.domains.flatMap((domain) => {
    const { state, neighbors } = drawing.nearby.ofDomain(domain);
    const views = addressViews(domain, state, { now, neighbors, driver: { silent: '' } });
    return nicsOf(domain).flatMap((nic): readonly TopologyEdge[] => {
      const definition = definitionOf(nic);
      const from = definition && peerOf(definition, drawing);
      if (definition === undefined || from === undefined) return [];
      const addresses = views.filter((view) => view.nic === nic.index).flatMap(({ address }) => address ?? []);
      return [
        {
          ...{ from, to: nodeId('vm', domain.name), kind: 'link', label: definition.target?.dev },
          ...{ addresses, facts: nicFacts(nic, definition, domain) },
          ...statusOf(nic, state),
        },
      ];
    });
  });
}

function nicFacts(nic: Nic, { mac, vlan, link }: Interface, domain: DomainState): readonly string[] {
  const tags = vlan?.tags.map(({ id }) => String(id)).join(', ') ?? '';
  return [
    ...(mac?.address === undefined ? [] : [mac.address]),
    ...(tags === '' ? [] : [`VLAN ${tags}`]),
    ...(link?.state === 'down' ? ['link down'] : []),
    ...(domain.active && nic.live === undefined ? ['at the next boot'] : []),
    ...(domain.persistent && nic.config === undefined ? ['until it stops'] : []),
  ];
}

function statusOf(nic: Nic, state: State): Pick<TopologyEdge, 'status' | 'problem'> {
  if (nic.live === undefined || nic.live.link?.state === 'down') return { status: 'off' };
  const problem = plugProblem(nic, state);
  return problem === undefined ? { status: 'up' } : { status: 'broken', problem };
}

function peerOf({ source, type }: Interface, drawing: Drawing): string | undefined {
  if (source?.network !== undefined) return nodeId('network', source.network);
  if (type === 'direct') return drawing.nodeOf(source?.dev);
  return bridgeNode(source?.bridge, drawing);
}
