/** Port forwards and source NAT as edges. */
import type { Forward, NatRules } from '../records/nat.ts';
import { formatEndpoint } from '../values/forward.ts';
import { forwardText } from '../values/nat-text.ts';
import { parseIp } from '../values/address.ts';
import { groupBy } from '../values/group-by.ts';
import { contains, parseSubnet } from '../values/subnet.ts';
import { nodeId, type TopologyEdge } from './graph.ts';
import { uplinkOf, type Drawing } from './host.ts';

export function natEdges({ forwards, sources }: NatRules, drawing: Drawing): readonly TopologyEdge[] {
  const { links, nodeOf, state } = drawing;
  const domains = new Set(state.domains.map(({ name }) => name));
  const ofSources = sources.flatMap(({ dev, subnet, to }) => {
    const inner = links.find(({ addresses }) =>
      addresses.some(({ address }) => contains(parseSubnet(subnet), parseIp(address))),
    );
    const [from, guests] = [nodeOf(dev), nodeOf(inner?.name)];
    if (from === undefined || guests === undefined) return [];
    const label = to === undefined ? 'NAT' : `NAT to ${to}`;
    return [{ from, to: guests, kind: 'routed', label, addresses: [], facts: [subnet], status: 'up' } as const];
  });
  const ends = forwards.flatMap((forward) => {
    const from = nodeOf(forward.dev ?? uplinkOf(state.host, forward.family));
    const { domain, dev } = forward.target;
    const to = domain !== undefined && domains.has(domain) ? nodeId('vm', domain) : nodeOf(dev);
    return from === undefined || to === undefined ? [] : [{ from, to, forward }];
  });
  const ofForwards = [...groupBy(ends, ({ from, to }) => `${from} ${to}`).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const facts = group.map(({ forward }) => forwardLabel(forward));
    return [
      {
        from: first.from,
        to: first.to,
        kind: 'forward',
        label: undefined,
        addresses: [],
        facts,
        status: 'up',
      } as const,
    ];
  });
  return [...ofSources, ...ofForwards];
}

/** `8080/tcp to 192.168.122.50:80` */
function forwardLabel(forward: Forward): string {
  return `${forwardText(forward)} to ${formatEndpoint(forward.target.address, forward.target.port)}`;
}
