import { describe, expect, it } from '@jest/globals';
import { markChanges } from '../../../src/topology/changes.ts';
import type { Topology, TopologyEdge, TopologyNode } from '../../../src/topology/graph.ts';

const node = (name: string, given: Partial<TopologyNode> = {}): TopologyNode => ({
  ...{ id: `vm:${name}`, kind: 'vm', name, status: 'up', addresses: [], facts: ['paused'] },
  ...given,
});
const edge = (to: string, label: string): TopologyEdge => ({
  ...{ from: 'network:default', to: `vm:${to}`, kind: 'link', label, status: 'up', addresses: [], facts: [] },
});
const marksOf = ({ nodes }: Topology): readonly string[] =>
  nodes.flatMap(({ name, facts }) => facts.filter((fact) => fact.startsWith('*')).map((fact) => `${name} ${fact}`));

describe('two topologies', () => {
  it('have marks at what is new or differs, also in an edge, and name what is gone', () => {
    const before = { nodes: [node('same'), node('old'), node('off'), node('moved')], edges: [edge('moved', 'vnet0')] };
    const after = {
      nodes: [node('same'), node('off', { status: 'off' }), node('moved'), node('new')],
      edges: [edge('moved', 'vnet1')],
    };
    const { topology, gone } = markChanges(before, after);
    expect(marksOf(topology)).toEqual(['off * changed', 'moved * changed', 'new * new']);
    expect(gone).toEqual(['old']);
  });

  it('that are equal have none', () => {
    const same = { nodes: [node('same')], edges: [edge('same', 'vnet0')] };
    expect(markChanges(same, same)).toEqual({ topology: same, gone: [] });
  });
});
