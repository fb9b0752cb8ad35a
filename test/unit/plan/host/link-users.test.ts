import { describe, expect, it } from '@jest/globals';
import { planBondCreate } from '../../../../src/plan/host/bond.ts';
import { planBridgeDelete } from '../../../../src/plan/host/bridge-delete.ts';
import { planAddPorts, planDeletePorts } from '../../../../src/plan/host/bridge-ports.ts';
import { planBridgeCreate } from '../../../../src/plan/host/bridge.ts';
import { planMacvlanCreate } from '../../../../src/plan/host/macvlan.ts';
import { planVlanDelete } from '../../../../src/plan/host/vlan.ts';
import { findSource } from '../../../../src/plan/nic/source.ts';
import type { Plan } from '../../../../src/plan/step.ts';
import type { NetworkState, State } from '../../../../src/state/state.ts';
import type { Link } from '../../../../src/records/link.ts';
import { domainState, hostWith, ipv4, link, networkState, route, stateWith } from '../state.ts';

const network = (name: string, inside: string, given: Partial<NetworkState> = {}): NetworkState =>
  networkState(`<network><name>${name}</name>${inside}</network>`, given);
const bridge = (name: string, given: Partial<Link> = {}): Link => link(name, { kind: 'bridge', ...given });
const vlan = (name: string, parent: string, id: number, given: Partial<Link> = {}): Link =>
  link(name, { kind: 'vlan', parent, vlan: { id, protocol: '802.1Q' }, ...given });

/** A domain that is off, with one NIC. */
const off = (name: string, type: string, source: string) =>
  domainState(
    `<domain type='kvm'><name>${name}</name><devices><interface type='${type}'><mac address='52:54:00:00:00:01'/><source ${source}/></interface></devices></domain>`,
  );

/** eno1, and all that uses a NIC without being a port. */
const networks = [
  network('taps', "<forward mode='bridge'><interface dev='eno1'/></forward>"),
  network('home', "<forward mode='nat' dev='eno1'/><bridge name='virbr1'/><ip address='10.1.0.1' prefix='24'/>"),
  network('way', "<forward mode='route' dev='eno1'/><bridge name='virbr2'/><ip address='10.2.0.1' prefix='24'/>"),
  network('vfs', "<forward mode='hostdev'><pf dev='eno1'/></forward>", { active: false }),
];
const domains = [off('VM1', 'direct', "dev='eno1' mode='bridge'"), off('VM2', 'network', "network='taps'")];
const links = [link('eno1'), vlan('eno1.10', 'eno1', 10), bridge('br0')];
const routes = [route('10.9.0.0/16', 'eno1', { protocol: 'static' })];
const used: State = stateWith({ networks, domains, host: hostWith(links, routes) });
const unused: State = stateWith({ host: hostWith([link('eno1'), bridge('br0')]) });

const options = { name: 'br1', ports: ['eno1'], stp: false, vlanFiltering: false, randomMac: '52:54:00:00:00:09' };
const joining: Readonly<Record<string, readonly [master: string, plan: (state: State) => Plan]>> = {
  'bridge create --port': ['br1', (state) => planBridgeCreate(options, state)],
  'bridge add-port': ['br0', (state) => planAddPorts('br0', ['eno1'], state)],
  'bond create': ['bond0', (state) => planBondCreate({ name: 'bond0', nics: ['eno1'] }, state)],
};

describe.each(Object.entries(joining))('%s', (_, [master, plan]) => {
  it('names all that uses the NIC, and asks where that stops', () => {
    const { consent, warnings } = plan(used);
    expect(consent).toEqual([
      `VM1 cannot start any more: its NIC 52:54:00:00:00:01 sits on eno1, which is a port of ${master} then`,
      `VM2 cannot start any more: its NIC 52:54:00:00:00:01 sits on eno1, which is a port of ${master} then`,
      `network taps cannot give its guests eno1, which is a port of ${master} then`,
      "network home sends its guests' packets out by eno1 alone: they no longer leave the host",
      "network way sends its guests' packets out by eno1 alone: they no longer leave the host",
      'routes over eno1 go: 10.9.0.0/16',
    ]);
    expect(warnings).toEqual(
      expect.arrayContaining([
        `network vfs gives its guests virtual functions of eno1, which is a port of ${master} then`,
        `eno1.10 stays on eno1: frames of VLAN 10 go there, and not to ${master}`,
      ]),
    );
  });

  it('does not ask if the link is unused', () => {
    expect(plan(unused).consent).toEqual([]);
  });
});

it('with --take-ip routes go over to the bridge, and networks that leave by the NIC alone are named all the same', () => {
  const nic = link('eno1', { addresses: [ipv4('192.0.2.1', 24)] });
  const state = { ...used, host: hostWith([nic, bridge('br0')], routes) };
  const { consent } = planAddPorts('br0', ['eno1'], state, { takeIp: true });
  expect(consent.join()).toContain('network home sends');
  expect(consent.join()).not.toContain('routes over');
});

it('bridge del-port names the addresses by which the host reached what is behind the port', () => {
  const state = stateWith({
    host: hostWith([bridge('br0', { addresses: [ipv4('192.0.2.1', 24)] }), link('eno1', { master: 'br0' })]),
  });
  expect(planDeletePorts('br0', ['eno1'], state).consent).toEqual([
    'the host (192.0.2.1/24 on br0) no longer reaches what is behind eno1',
  ]);
});

it('bridge delete names networks that leave by the bridge alone, by either definition', () => {
  const definition = "<network><name>home</name><forward mode='nat' dev='br0'/><bridge name='virbr1'/></network>";
  const home = network('home', "<forward mode='nat'/><bridge name='virbr1'/>", {
    inactiveXml: definition,
    inactive: networkState(definition).network,
  });
  expect(planBridgeDelete(['br0'], { ...unused, networks: [home] }).consent).toEqual([
    "network home sends its guests' packets out by br0 alone: they no longer leave the host",
  ]);
});

it('vlan delete names who stays on a bridge without a way out: guests that are off, and networks', () => {
  const state = stateWith({
    domains: [off('VM2', 'bridge', "bridge='b20'")],
    networks: [network('lan20', "<forward mode='bridge'/><bridge name='b20'/>")],
    host: hostWith([link('eno1'), vlan('eno1.20', 'eno1', 20, { master: 'b20' }), bridge('b20')]),
  });
  expect(planVlanDelete('eno1', ['20'], state)).toMatchObject({
    consent: [],
    warnings: ['b20 stays without a way into VLAN 20: VM2, network lan20'],
  });
});

describe('a NIC that one guest has to itself', () => {
  const alone = link('macvtap0', { kind: 'macvtap', parent: 'eno1', macvlan: { mode: 'passthru' } });
  const state = stateWith({ host: hostWith([link('eno1'), alone]) });

  it.each([
    ['macvlan create', () => planMacvlanCreate({ name: 'host0', nic: 'eno1' }, state)],
    ['vm attach --macvtap', () => findSource(state, 'eno1', 'direct')],
  ])('is refused to %s', (_, plan) => {
    expect(plan).toThrow(expect.objectContaining({ code: 'CONFLICT', message: expect.stringContaining('alone') }));
  });
});
