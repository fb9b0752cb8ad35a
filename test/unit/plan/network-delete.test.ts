import { describe, expect, it } from '@jest/globals';
import { planNetworkDelete } from '../../../src/plan/network/lifecycle.ts';
import type { State } from '../../../src/state/state.ts';
import { parseInterface } from '../../../src/xml/interface.ts';
import { parseSnapshot } from '../../../src/xml/snapshot.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from './state.ts';

const mac = (last: number): string => `52:54:00:00:00:0${String(last)}`;
const nic = (last: number, source: string, more = ''): string =>
  `<interface type='${source.startsWith('bridge') ? 'bridge' : 'network'}'><mac address='${mac(last)}'/><source ${source}/>${more}</interface>`;
const domain = (name: string, nics: string): string =>
  `<domain type='kvm'><name>${name}</name><uuid>11111111-1111-4111-8111-1111111111${name.slice(-2)}</uuid><devices>${nics}</devices></domain>`;
const other = (more = ''): string =>
  `<network><name>other</name><uuid>22222222-2222-4222-8222-222222222222</uuid><forward mode='nat'/><bridge name='virbr1'/>${more}</network>`;

const given = (networks: State['networks'], domains: State['domains']): State =>
  stateWith({
    networks: [networkState(defaultNetwork), ...networks],
    domains,
    host: hostWith([link('virbr0', { kind: 'bridge' }), link('virbr1', { kind: 'bridge' })]),
  });

describe('net delete --move-to', () => {
  const target = networkState(other("<portgroup name='p'/>"));
  const running = domainState(
    domain('vm01', nic(1, "network='default' portgroup='p'")),
    domain('vm01', nic(1, "network='default' portgroup='p' bridge='virbr0'", "<target dev='vnet0'/>")),
  );
  // Moved by hand for now, and back in the network at the next boot.
  const drifted = domainState(domain('vm02', nic(2, "network='default'")), domain('vm02', nic(2, "network='other'")));
  const shutOff = domainState(domain('vm03', nic(3, "bridge='virbr0'") + nic(4, "network='other'")));

  const plan = planNetworkDelete(['default'], given([target], [running, drifted, shutOff]), { moveTo: 'other' });

  it('moves all NICs in the lives in which they are in the network, and only then stops it', () => {
    expect(plan.steps.map(({ do: action }) => ('live' in action ? [action.live, action.config] : action.call))).toEqual(
      [[true, false], [true, false], [false, true], [false, true], [false, true], 'networkDestroy', 'networkUndefine'],
    );
    expect(plan.moved).toEqual([1, 2, 3].map((last) => `vm0${String(last)}: NIC ${mac(last)} is attached to other`));
  });

  it('keeps the portgroup, and disconnects no guest', () => {
    const sent = plan.steps.flatMap(({ do: action }) =>
      action.call === 'domainUpdateDevice' ? [parseInterface(action.xml).source] : [],
    );
    expect(sent.map((source) => [source?.network, source?.portgroup])).toEqual([
      ['other', 'p'],
      ['other', 'p'],
      ['other', 'p'],
      ['other', undefined],
      ['other', undefined],
    ]);
    expect(plan.consent).toEqual([]);
  });

  it('names every NIC whose portgroup the target lacks', () => {
    const state = given([networkState(other())], [running]);
    expect(() => planNetworkDelete(['default'], state, { moveTo: 'other' })).toThrow(
      `network other lacks the portgroup p of vm01: NIC ${mac(1)}`,
    );
  });

  it('starts an inactive target once, with consent, and only for guests that run', () => {
    const idle = networkState(other("<portgroup name='p'/>"), { active: false });
    const two = domainState(domain('vm04', nic(5, "network='default'")), domain('vm04', nic(5, "network='default'")));
    const { steps, consent } = planNetworkDelete(['default'], given([idle], [running, two]), { moveTo: 'other' });
    expect(steps.filter(({ do: { call } }) => call === 'networkStart')).toHaveLength(1);
    expect(consent).toEqual(['network other is not active, and has to be started']);
    const cold = planNetworkDelete(['default'], given([idle], [shutOff]), { moveTo: 'other' });
    expect(cold.consent).toEqual([]);
    expect(cold.warnings).toEqual(['network other is not active: vm03 will not start until it is']);
  });

  it('still asks about ports that are not NICs of a domain', () => {
    const state = given([target], []);
    const host = { ...hostWith([...(state.host?.links ?? []), link('veth7', { master: 'virbr0' })]) };
    expect(planNetworkDelete(['default'], { ...state, host }, { moveTo: 'other' }).consent).toEqual([
      'stopping network default cuts off veth7, a port of virbr0',
    ]);
  });

  it('refuses the network itself, and one that goes away too', () => {
    const state = given([target], [running]);
    expect(() => planNetworkDelete(['default'], state, { moveTo: 'default' })).toThrow(
      'network default is deleted too',
    );
    expect(() => planNetworkDelete(['default', 'other'], state, { moveTo: 'other' })).toThrow('other is deleted too');
    expect(() => planNetworkDelete(['default'], state, { moveTo: 'otehr' })).toThrow('no network otehr');
  });
});

describe('what is saved of domains', () => {
  const xml = (inside: string): string => `<domainsnapshot><name>s1</name>${inside}</domainsnapshot>`;

  it('has the NICs of both definitions of a snapshot', () => {
    const both = xml(
      `<domain><devices>${nic(1, "network='a'")}</devices></domain><inactiveDomain><devices>${nic(2, "network='b'")}</devices></inactiveDomain>`,
    );
    const { name, interfaces } = parseSnapshot(both);
    expect([name, ...interfaces.map(({ source }) => source?.network)]).toEqual(['s1', 'a', 'b']);
    expect(parseSnapshot(xml('')).interfaces).toEqual([]);
  });

  it('is named before a network is deleted that it needs, by whatever name, and only warned of when NICs move', () => {
    const saved = [
      { domain: 'vm01', snapshot: 's1', interfaces: [parseInterface(nic(1, "network='default'"))] },
      { domain: 'vm02', snapshot: undefined, interfaces: [parseInterface(nic(2, "bridge='virbr0'"))] },
      { domain: 'vm03', snapshot: 's2', interfaces: [parseInterface(nic(3, "network='other'"))] },
    ];
    const sentences = [
      `snapshot s1 of vm01 has NIC ${mac(1)} in network default: vm01 will not start from it without that network (virsh snapshot-edit vm01 s1 names another)`,
      `the saved memory of vm02 has NIC ${mac(2)} in network default: vm02 will not start from it without that network (virsh managedsave-edit vm02 names another)`,
    ];
    const state = given([networkState(other())], []);
    expect(planNetworkDelete(['default'], state, { saved })).toMatchObject({ consent: sentences, warnings: [] });
    expect(planNetworkDelete(['default'], state, { saved, moveTo: 'other' })).toMatchObject({
      consent: [],
      warnings: sentences,
    });
  });
});
