import { describe, expect, it } from '@jest/globals';
import { topologyOf } from '../../../src/topology/build.ts';
import type { Topology } from '../../../src/topology/graph.ts';
import type { Link } from '../../../src/records/link.ts';
import { hostWith, link, stateWith } from '../plan/state.ts';
import { drawn } from './hosts.ts';

const problems = ({ nodes, edges }: Topology): readonly string[] => [
  ...nodes.flatMap(({ id, problem }) => (problem === undefined ? [] : [`${id} ${problem}`])),
  ...edges.flatMap(({ from, to, problem }) => (problem === undefined ? [] : [`${from} - ${to}: ${problem}`])),
];
const edgesOf = ({ edges }: Topology, kind: string): readonly string[] =>
  edges.filter((edge) => edge.kind === kind).map(({ from, to, label }) => `${from} - ${to}: ${label ?? ''}`);

describe('the graph of a host', () => {
  it('leads from NICs to guests, by NAT where libvirt translates', () => {
    expect(edgesOf(drawn('default'), 'link')).toEqual([
      'network:default - vm:VM1: vnet0',
      'network:default - vm:VM2: ',
    ]);
    expect(edgesOf(drawn('default'), 'routed')).toEqual(['nic:eth0 - network:default: NAT']);
    expect(drawn('default').edges.filter(({ kind }) => kind === 'forward')).toMatchObject([
      { from: 'nic:eth0', to: 'vm:VM1', facts: ['8080/tcp to 192.168.122.50:80'] },
    ]);
  });

  it('has the VLANs of devices, the ports of bonds and bridges, and each NIC of a guest', () => {
    const edges = edgesOf(drawn('vlans'), 'link');
    expect(edges).toEqual(
      expect.arrayContaining([
        'nic:eno1 - bond:bond0: ',
        'bond:bond0 - vlan:bond0.10: VLAN 10',
        'vlan:bond0.10 - bridge:brvlan-10: ',
        'bridge:brvlan-10 - vm:router: vnet2',
        'bridge:brvlan-20 - vm:router: vnet3',
      ]),
    );
    expect(problems(drawn('vlans'))).toEqual(['nic:eno2 has no carrier']);
    expect(drawn('vlans').edges.find(({ to }) => to === 'vm:VM3')).toMatchObject({ status: 'off' });
  });

  it('has source NAT, namespaces, macvtap guests, and networks on bridges of the host', () => {
    expect(edgesOf(drawn('gateway'), 'routed')).toEqual([
      'nic:eth0 - vlan:eno1.10: NAT',
      'nic:eth0 - vlan:eno1.20: NAT to 192.0.2.9',
    ]);
    expect(edgesOf(drawn('gateway'), 'link')).toEqual(
      expect.arrayContaining([
        'bridge:br0 - namespace:probe: probe0',
        'bridge:br0 - network:lan: ',
        'network:lan - vm:web: vnet0',
        'nic:eno1 - vm:direct: macvtap0',
      ]),
    );
  });

  it('names all that is broken', () => {
    expect(problems(drawn('broken'))).toEqual([
      'nic:eno1 has no carrier',
      'bridge:br0 is down',
      'bridge:br9 does not exist',
      'network:asleep is not active',
      'network:gone its bridge virbr333 is gone',
      'network:nosuch does not exist',
      'network:cut - vm:without-bridge: lost its bridge virbr1',
      'network:asleep - vm:inactive: network asleep is not active',
      'network:nosuch - vm:nowhere: network nosuch does not exist',
      'bridge:br9 - vm:nowhere: its tap vnet4 is gone',
    ]);
  });

  it('takes the end of a cable that is down for broken only where something needs it', () => {
    const ends = ['w1', 'w2'].map((name, index) =>
      link(name, { kind: 'veth', up: false, parent: `w${String(2 - index)}` }),
    );
    const statuses = (links: readonly Link[]): readonly string[] => {
      const state = stateWith({ host: hostWith(links) });
      const facts = { nat: { forwards: [], sources: [] }, now: 0, neighbors: [] };
      return topologyOf(state, facts).nodes.map(({ id, status }) => `${id} ${status}`);
    };
    expect(statuses(ends)).toEqual(['nic:w1 off', 'nic:w2 off']);
    const ports = [link('br0', { kind: 'bridge' }), { ...ends[0]!, master: 'br0' }, ends[1]!];
    expect(statuses(ports)).toEqual(['nic:w1 broken', 'nic:w2 off', 'bridge:br0 up']);
  });

  it('has libvirt’s part where the links of the host are out of sight', () => {
    const { nodes, edges } = drawn('default', { host: undefined });
    expect(nodes.map(({ id }) => id)).toEqual(['network:default', 'vm:VM1', 'vm:VM2']);
    expect(edges).toHaveLength(2);
  });

  it('is empty for a host without networks, links and guests', () => {
    expect(topologyOf(stateWith(), { nat: { forwards: [], sources: [] }, now: 0, neighbors: [] })).toEqual({
      nodes: [],
      edges: [],
    });
  });
});
