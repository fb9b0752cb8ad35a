import { describe, expect, it } from '@jest/globals';
import { planAttach } from '../../../../src/plan/nic/attach.ts';
import { planBridgeDelete } from '../../../../src/plan/host/bridge-delete.ts';
import { planAddPorts, planDeletePorts } from '../../../../src/plan/host/bridge-ports.ts';
import { planBridgeSet } from '../../../../src/plan/host/bridge-set.ts';
import { planBridgeCreate } from '../../../../src/plan/host/bridge.ts';
import { planMacvlanCreate } from '../../../../src/plan/host/macvlan.ts';
import { planPortCreate } from '../../../../src/plan/host/port.ts';
import { planVlanCreate, planVlanDelete } from '../../../../src/plan/host/vlan.ts';
import { planUndo } from '../../../../src/plan/undo.ts';
import type { Plan } from '../../../../src/plan/step.ts';
import type { State } from '../../../../src/state/state.ts';
import type { Link, PortVlan } from '../../../../src/records/link.ts';
import { domainState, hostWith, link, stateWith } from '../state.ts';

const own: PortVlan = { id: 1, pvid: true, untagged: true };
const tagged = (id: number): PortVlan => ({ id, pvid: false, untagged: false });
const settings = { stp: false, forwardDelay: 0, helloTime: 2, maxAge: 20, ageingTime: 300, priority: 32_768 };
const tree = { id: '', root: '', rootPathCost: 0, topologyChanges: false };

function bridge(vlanFiltering: boolean, vlans: readonly PortVlan[] = [own]): Link {
  return link('br9', { kind: 'bridge', bridge: { ...settings, ...tree, vlanFiltering }, vlans });
}
const port = (name: string, vlans: readonly PortVlan[] = [own], kind?: string): Link =>
  link(name, { master: 'br9', vlans, kind });
const device = (id: number): Link =>
  link(`br9.${id}`, { kind: 'vlan', parent: 'br9', vlan: { id, protocol: '802.1Q' } });

const guest = (name: string, tap: string) => {
  const xml = (target: string): string =>
    `<domain type='kvm'><name>${name}</name><devices><interface type='bridge'><mac address='52:54:00:00:00:01'/><source bridge='br9'/>${target}</interface></devices></domain>`;
  return domainState(xml(''), xml(`<target dev='${tap}'/>`));
};
const on = (links: readonly Link[], more: Partial<State> = {}): State => stateWith({ host: hostWith(links), ...more });

/** The VLAN actions of a plan and their undo, without the actions of ip(8). */
const vlanSteps = ({ steps }: Pick<Plan, 'steps'>) => steps.filter(({ do: action }) => action.call === 'hostLinkVlans');
const into = (...ids: readonly number[]) => ({ link: 'br9', self: true, add: ids.map(tagged), remove: [] });
const outOf = (...ids: readonly number[]) => ({ link: 'br9', self: true, add: [], remove: ids });

describe('vlan create on a bridge that filters', () => {
  it('adds the bridge itself to the VLAN, and undo removes it', () => {
    const plan = planVlanCreate({ nic: 'br9', ids: [100, 101] }, on([bridge(true)]));
    expect(vlanSteps(plan)).toEqual([
      {
        title: 'put br9 itself into VLANs 100-101',
        do: { call: 'hostLinkVlans', ...into(100, 101) },
        undo: [{ call: 'hostLinkVlans', ...outOf(100, 101) }],
        verify: { expect: 'linkVlans', ...into(100, 101) },
      },
    ]);
    const entry = { title: plan.title, steps: plan.steps };
    expect(vlanSteps(planUndo(entry, [], on([bridge(true)])))).toMatchObject([
      { do: outOf(100, 101), undo: [into(100, 101)], verify: { expect: 'linkVlans', ...outOf(100, 101) } },
    ]);
  });

  it('does so too if only that is missing, and nothing if all exists', () => {
    expect(planVlanCreate({ nic: 'br9', ids: [100] }, on([bridge(true), device(100)])).steps).toMatchObject([
      { do: into(100) },
    ]);
    const whole = on([bridge(true, [own, tagged(100)]), device(100)]);
    expect(planVlanCreate({ nic: 'br9', ids: [100] }, whole).steps).toEqual([]);
  });

  it('names each port that is not in the VLAN with the command, and the NICs of guests in one sentence', () => {
    const links = [
      bridge(true),
      port('eno2'),
      port('eno3', [own, tagged(100)]),
      port('vnet0', [own], 'tun'),
      port('vnet1', [tagged(100), tagged(101)], 'tun'),
    ];
    const state = on(links, { domains: [guest('VM1', 'vnet0'), guest('VM2', 'vnet1')] });
    expect(planVlanCreate({ nic: 'br9', ids: [100, 101] }, state).warnings).toEqual([
      'eno2 is not in VLANs 100-101 of br9, and passes none of its frames: bridge vlan add dev eno2 vid 100-101',
      'eno3 is not in VLAN 101 of br9, and passes none of its frames: bridge vlan add dev eno3 vid 101',
      'not in VLANs 100-101 of br9: VM1 (vnet0)',
    ]);
  });

  it('is refused for the VLAN that reaches the bridge without a tag', () => {
    expect(() => planVlanCreate({ nic: 'br9', ids: [1] }, on([bridge(true)]))).toThrow(
      expect.objectContaining({
        code: 'CONFLICT',
        message: expect.stringMatching(/^VLAN 1 reaches br9 without a tag/),
        hint: expect.stringContaining('kvmnet bridge create br9 --address'),
      }),
    );
  });

  it('changes no VLANs of a bridge that filters none', () => {
    const plan = planVlanCreate({ nic: 'br9', ids: [100] }, on([bridge(false), port('eno2')]));
    expect(vlanSteps(plan)).toEqual([]);
    expect(plan.warnings).toEqual([]);
  });
});

it('vlan delete removes the filtering bridge itself from the VLAN, with an undo', () => {
  const state = on([bridge(true, [own, tagged(100), tagged(200)]), device(100)]);
  expect(vlanSteps(planVlanDelete('br9', ['100'], state))).toMatchObject([{ do: outOf(100), undo: [into(100)] }]);
  expect(vlanSteps(planVlanDelete('br9', ['100'], on([bridge(true), device(100)])))).toEqual([]);
});

describe('filtering that is enabled under VLAN devices', () => {
  const state = on([bridge(false), device(100), port('eno2')]);
  const create = { name: 'br9', ports: [], stp: false, randomMac: '52:54:00:00:00:09' };

  it.each([
    ['bridge set', () => planBridgeSet('br9', ['vlan-filtering=on'], state)],
    ['bridge create --vlan-filtering', () => planBridgeCreate({ ...create, vlanFiltering: true }, state)],
  ])('by %s puts the bridge itself into their VLANs, and names the ports that are not', (_, plan) => {
    expect(vlanSteps(plan())).toMatchObject([{ do: into(100) }]);
    expect(plan().warnings).toEqual([
      'eno2 is not in VLAN 100 of br9, and passes none of its frames: bridge vlan add dev eno2 vid 100',
    ]);
  });
});

describe('a port that comes to a filtering bridge with VLAN devices', () => {
  const state = on([bridge(true, [own, tagged(100)]), device(100), link('eno3')]);
  const options = { name: 'br9', stp: false, vlanFiltering: false, randomMac: '52:54:00:00:00:09' };

  it.each<readonly [string, string, () => Plan]>([
    ['bridge add-port', 'eno3', () => planAddPorts('br9', ['eno3'], state)],
    ['bridge create', 'eno3', () => planBridgeCreate({ ...options, ports: ['eno3'] }, state)],
    ['port create', 'probe0', () => planPortCreate({ bridge: 'br9', name: 'probe0' }, undefined, state)],
  ])('by %s is named with the command that puts it into them', (_, name, plan) => {
    expect(plan().warnings).toEqual([
      `${name} is not in VLAN 100 of br9, and passes none of its frames: bridge vlan add dev ${name} vid 100`,
    ]);
  });
});

describe('undo gives VLANs back that the kernel forgets', () => {
  const state = on([bridge(true, [own, tagged(100)]), port('eno2', [tagged(100)]), port('eno3')]);
  const back = [
    { call: 'hostRestore' },
    { call: 'hostLinkVlans', link: 'eno2', self: false, add: [tagged(100)], remove: [1] },
  ];

  it('of a port that leaves its bridge', () => {
    expect(planDeletePorts('br9', ['eno2'], state).steps).toMatchObject([{ undo: back }]);
    expect(planDeletePorts('br9', ['eno3'], state).steps).toMatchObject([{ undo: [{ call: 'hostRestore' }] }]);
  });

  it('of a bridge that is deleted, and its ports', () => {
    expect(planBridgeDelete(['br9'], state).steps[0]?.undo).toHaveLength(3);
    expect(planBridgeDelete(['br9'], state).steps[0]?.undo).toEqual(
      expect.arrayContaining([
        { call: 'hostLinkVlans', link: 'br9', self: true, add: [own, tagged(100)], remove: [] },
        back[1],
      ]),
    );
  });
});

describe('vm attach --vlan', () => {
  const plan = (vlans: readonly PortVlan[]) => {
    const domain = guest('VM1', 'vnet0');
    const state = on([bridge(true), port('eno2', vlans), port('vnet0', [tagged(10)], 'tun')], { domains: [domain] });
    const source = { type: 'bridge', name: 'br9', openVswitch: false } as const;
    return planAttach({ domain, source, options: { vlan: 10, live: true }, macs: ['52:54:00:00:00:08'] }, state);
  };

  it('reports that no port leads out of the VLAN', () => {
    expect(plan([own]).warnings).toContain(
      'eno2 is not in VLAN 10 of br9, and passes none of its frames: bridge vlan add dev eno2 vid 10',
    );
    expect(plan([tagged(10)]).warnings.join()).not.toContain('passes none of its frames');
  });
});

it('vlan create and macvlan create report that they bring up a NIC that is down', () => {
  const down = on([link('eno1', { up: false })]);
  expect(planVlanCreate({ nic: 'eno1', ids: [10] }, down).warnings).toEqual(['eno1 is down, and is brought up']);
  expect(planMacvlanCreate({ name: 'host0', nic: 'eno1' }, down).warnings).toEqual(['eno1 is down, and is brought up']);
  expect(planVlanCreate({ nic: 'eno1', ids: [10] }, on([link('eno1')])).warnings).toEqual([]);
});
