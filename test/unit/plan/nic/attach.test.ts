import { describe, expect, it } from '@jest/globals';
import { planAttach, type AttachRequest } from '../../../../src/plan/nic/attach.ts';
import { findSource } from '../../../../src/plan/nic/source.ts';
import type { State } from '../../../../src/state/state.ts';
import type { Link } from '../../../../src/records/link.ts';
import { parseDomain } from '../../../../src/xml/domain.ts';
import { parseInterface } from '../../../../src/xml/interface.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../state.ts';

const xml = (nics = '', type = 'kvm') =>
  `<domain type='${type}'><name>VM1</name><uuid>11111111-1111-4111-8111-111111111111</uuid><devices>
   <controller type='pci' index='0' model='pcie-root'/><controller type='pci' index='1' model='pcie-root-port'/>
   ${nics}</devices></domain>`;
const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02'];
const running = domainState(xml(), xml());
const shutOff = domainState(xml());

const state = stateWith({
  networks: [networkState(defaultNetwork)],
  domains: [running],
  host: hostWith([
    link('virbr0', { kind: 'bridge' }),
    link('br0', { kind: 'bridge' }),
    link('ovsbr0', { kind: 'openvswitch' }),
    link('eno1'),
  ]),
});

function plan(
  source: string,
  options: AttachRequest['options'] = {},
  given: { domain?: typeof running; state?: State } = {},
) {
  const { domain = running, state: seen = state } = given;
  return planAttach({ domain, source: findSource(seen, source), options, macs }, seen);
}

describe('the plan of vm attach', () => {
  it('is one call for both scopes, which libvirt makes as a whole, with its undo and its expected result', () => {
    const { steps, warnings, consent, mac } = plan('default');
    expect({ warnings, consent, mac }).toEqual({ warnings: [], consent: [], mac: macs[0] });
    expect(steps).toHaveLength(1);
    const [{ do: action, undo, verify }] = steps as [(typeof steps)[number]];
    expect(action).toMatchObject({ call: 'domainAttachDevice', domain: running.uuid, live: true, config: true });
    expect(undo).toEqual([{ ...action, call: 'domainDetachDevice' }]);
    expect(verify).toEqual({
      expect: 'nic',
      domain: running.uuid,
      mac: macs[0],
      live: { source: 'default' },
      config: { source: 'default' },
    });
    const nic = parseInterface('xml' in action ? action.xml : '');
    expect(nic).toMatchObject({
      type: 'network',
      mac: { address: macs[0] },
      source: { network: 'default' },
      model: { type: 'virtio' },
    });
  });

  it('changes the configuration alone of a domain that is shut off', () => {
    expect(plan('default', {}, { domain: shutOff }).steps[0]?.do).toMatchObject({ live: false, config: true });
  });

  it('starts an inactive network first, with consent, where the guest runs', () => {
    const idle = { ...state, networks: [networkState(defaultNetwork, { active: false })] };
    expect(plan('default', {}, { state: idle })).toMatchObject({
      steps: [
        { do: { call: 'networkStart' }, undo: [{ call: 'networkDestroy' }] },
        { do: { call: 'domainAttachDevice' } },
      ],
      consent: ['network default is not active, and has to be started'],
      warnings: [],
    });
    expect(plan('default', { config: true }, { state: idle })).toMatchObject({
      steps: [{ do: { call: 'domainAttachDevice' } }],
      consent: [],
      warnings: ['network default is not active: VM1 will not start until it is'],
    });
  });

  it('uses the first unused address', () => {
    const taken = domainState(xml(`<interface type='user'><mac address='${macs[0]!}'/></interface>`));
    expect(plan('br0', {}, { state: { ...state, domains: [running, taken] } }).mac).toBe(macs[1]);
    const both = domainState(
      xml(macs.map((mac) => `<interface type='user'><mac address='${mac}'/></interface>`).join('')),
    );
    expect(() => plan('br0', {}, { state: { ...state, domains: [both] } })).toThrow(
      expect.objectContaining({ code: 'CONFLICT', hint: 'try again, or name one with --mac' }),
    );
  });

  it('warns of a bridge that belongs to a network, to which libvirt would not reattach', () => {
    const seen = { ...state, host: hostWith([link('virbr0', { kind: 'bridge' })]) };
    expect(plan('virbr0', {}, { state: seen }).warnings).toEqual([
      'virbr0 is the bridge of network default: attach to the network instead',
    ]);
  });

  it('knows the filters of libvirt, where they were looked at, before anything is changed', () => {
    const filters = ['clean-traffic', 'no-ip-spoofing'];
    const seen = { ...state, filters };
    expect(plan('br0', { filter: 'clean-traffic' }, { state: seen }).steps).toHaveLength(1);
    expect(() => plan('br0', { filter: 'clean-trafic' }, { state: seen })).toThrow(
      expect.objectContaining({
        code: 'NOTFOUND',
        message: 'no network filter "clean-trafic"',
        hint: 'did you mean clean-traffic?',
      }),
    );
    expect(() => plan('br0', { filter: 'x' }, { state: { ...state, filters: [] } })).toThrow(/no network filter "x"/);
    expect(plan('br0', { filter: 'unseen' }).steps).toHaveLength(1);
  });

  it('tags on Open vSwitch with any libvirt, and on a Linux bridge since 11.0', () => {
    const vlan = (source: string, libvirtVersion: number) => {
      const seen = { ...state, connection: { ...state.connection, libvirtVersion } };
      const action = plan(source, { vlan: 10 }, { state: seen }).steps[0]?.do;
      return parseInterface(action && 'xml' in action ? action.xml : '');
    };
    expect(vlan('ovsbr0', 9_000_000)).toMatchObject({
      virtualport: { type: 'openvswitch' },
      vlan: { tags: [{ id: 10 }] },
    });
    expect(vlan('br0', 11_000_000)).toMatchObject({ type: 'bridge', vlan: { tags: [{ id: 10 }] } });
    expect(() => vlan('br0', 10_009_000)).toThrow(
      expect.objectContaining({
        code: 'DEPENDENCY',
        message: '--vlan on the Linux bridge of br0, which does not filter VLANs, needs libvirt 11.0, this is 10.9.0',
        hint: expect.stringContaining('kvmnet vlan create NIC 10 --bridge brvlan-10') as unknown,
      }),
    );
  });

  describe('with --vlan on a bridge that filters VLANs, below libvirt 11', () => {
    const filtering = { vlanFiltering: true } as NonNullable<Link['bridge']>;
    const trunk = networkState(`<network><name>trunk</name><forward mode='bridge'/><bridge name='brf'/></network>`);
    const seen = { ...state, networks: [trunk], host: hostWith([link('brf', { kind: 'bridge', bridge: filtering })]) };
    const tag = (options: AttachRequest['options'], given = {}) =>
      plan('brf', { vlan: 10, ...options }, { state: seen, ...given });
    const vlans = [{ id: 10, pvid: true, untagged: true }];

    it.each(['brf', 'trunk'])('attaches to %s with the link down until the tap is in its VLAN', (source) => {
      const { steps, warnings } = plan(source, { vlan: 10, live: true }, { state: seen });
      const port = { domain: running.uuid, mac: macs[0] };
      expect(steps).toMatchObject([
        { do: { call: 'domainAttachDevice', live: true, config: false }, undo: [{ call: 'domainDetachDevice' }] },
        {
          do: { call: 'hostSetPortVlans', ...port, vlans },
          // Cut off rather than in another VLAN, should the detach that follows fail.
          undo: [{ call: 'hostSetPortVlans', ...port, vlans: [] }],
          verify: { expect: 'portVlans', ...port, vlans },
        },
        { do: { call: 'domainUpdateDevice', live: true }, verify: { live: { link: 'up' } } },
      ]);
      const sent = steps.map(({ do: action }) => ('xml' in action ? parseInterface(action.xml) : undefined));
      expect(sent.map((nic) => nic?.link?.state)).toEqual(['down', undefined, 'up']);
      expect(sent[0]).not.toHaveProperty('vlan.tags.0');
      expect(warnings).toEqual([
        'VLAN 10 is on the NIC until VM1 stops, or the NIC is moved or detached: to keep it needs libvirt 11.0, this is 9.0.0',
      ]);
    });

    it('leaves a link down that is wanted so, and a container, whose NICs have no link, to itself', () => {
      const calls = (made: ReturnType<typeof plan>) => made.steps.map(({ do: action }) => action.call);
      expect(calls(tag({ live: true, link: 'down' }))).toEqual(['domainAttachDevice', 'hostSetPortVlans']);
      const lxc = domainState(xml('', 'lxc'), xml('', 'lxc'));
      const inLxc = { ...seen, connection: { ...seen.connection, hypervisor: 'LXC' } };
      expect(calls(tag({ live: true }, { domain: lxc, state: inLxc }))).toEqual([
        'domainAttachDevice',
        'hostSetPortVlans',
      ]);
    });

    it.each([
      ['both lives', {}, running, /^with --live the running guest has it until it stops; a bridge for each VLAN/],
      ['the next boot', { config: true }, running, /^a bridge for each VLAN .* kvmnet vm attach VM1 brvlan-10$/],
      ['a domain that is shut off', {}, shutOff, /^a bridge for each VLAN works/],
    ])('refuses %s, which libvirt cannot keep', (_what, options, domain, hint) => {
      expect(() => tag(options, { domain })).toThrow(
        expect.objectContaining({
          code: 'DEPENDENCY',
          message: '--vlan on the Linux bridge of brf at the next boot needs libvirt 11.0, this is 9.0.0',
          hint: expect.stringMatching(hint) as unknown,
        }),
      );
    });

    it('is not needed for a transient domain: it has no next boot', () => {
      const transient = { ...running, persistent: false, inactive: undefined, inactiveXml: undefined };
      expect(tag({}, { domain: transient }).steps).toHaveLength(3);
    });

    it('leaves it to libvirt from 11 on, in both scopes, and warns if the bridge does not filter', () => {
      const newer = { ...seen, connection: { ...seen.connection, libvirtVersion: 11_000_000 } };
      const made = tag({}, { state: newer });
      expect(made.steps).toHaveLength(1);
      expect(made.warnings).toEqual([]);
      const [{ do: action }] = made.steps as [(typeof made.steps)[number]];
      expect(action).toMatchObject({ live: true, config: true });
      expect('xml' in action && action.xml).toMatch(/<vlan>\s*<tag id="10"\/>\s*<\/vlan>/);
      const off = hostWith([link('brf', { kind: 'bridge', bridge: { ...filtering, vlanFiltering: false } })]);
      expect(tag({}, { state: { ...newer, host: off } }).warnings).toEqual([
        'brf is on a bridge that does not filter VLANs now: the tag has no effect until it does',
      ]);
    });
  });

  it('gives containers no model, and the test driver none either', () => {
    const lxc = domainState(xml('', 'lxc'), xml('', 'lxc'));
    const inLxc = { ...state, connection: { ...state.connection, hypervisor: 'LXC' } };
    const action = plan('br0', {}, { domain: lxc, state: inLxc }).steps[0]?.do;
    expect(action && 'xml' in action ? action.xml : '').not.toMatch('<model');
    expect(() => plan('br0', { model: 'virtio' }, { domain: lxc, state: inLxc })).toThrow(
      expect.objectContaining({ message: '--model virtio: VM1 is a container, whose NICs have no model' }),
    );
  });

  it('is a new definition where the driver only knows those', () => {
    const inTest = { ...state, connection: { ...state.connection, hypervisor: 'TEST' } };
    const [step] = plan('default', { config: true }, { state: inTest }).steps;
    expect(step).toMatchObject({
      do: { call: 'domainDefine' },
      undo: [{ call: 'domainDefine', xml: running.inactiveXml }],
    });
    expect(parseDomain(step && 'xml' in step.do ? step.do.xml : '').interfaces).toMatchObject([
      { mac: { address: macs[0] } },
    ]);
    expect(() => plan('default', {}, { state: inTest })).toThrow(
      expect.objectContaining({ code: 'DEPENDENCY', hint: '--config changes them for the next boot' }),
    );
  });
});
