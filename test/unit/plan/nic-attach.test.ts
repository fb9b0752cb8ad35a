import { describe, expect, it } from '@jest/globals';
import { planAttach, type AttachRequest } from '../../../src/plan/nic-attach.ts';
import { findSource } from '../../../src/plan/nic-source.ts';
import type { State } from '../../../src/state/state.ts';
import { parseDomain } from '../../../src/xml/domain.ts';
import { parseInterface } from '../../../src/xml/interface.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from './state.ts';

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
  host: hostWith([link('br0', { kind: 'bridge' }), link('ovsbr0', { kind: 'openvswitch' }), link('eno1')]),
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
  it('is one call for both lives, which libvirt does as a whole, with its way back and what must then be there', () => {
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

  it('takes the first address of those that nobody has', () => {
    const taken = domainState(xml(`<interface type='user'><mac address='${macs[0]!}'/></interface>`));
    expect(plan('br0', {}, { state: { ...state, domains: [running, taken] } }).mac).toBe(macs[1]);
    const both = domainState(
      xml(macs.map((mac) => `<interface type='user'><mac address='${mac}'/></interface>`).join('')),
    );
    expect(() => plan('br0', {}, { state: { ...state, domains: [both] } })).toThrow(
      expect.objectContaining({ code: 'CONFLICT', hint: 'try again, or name one with --mac' }),
    );
  });

  it('warns where the bridge is one of a network, which libvirt would not plug back into', () => {
    const seen = { ...state, host: hostWith([link('virbr0', { kind: 'bridge' })]) };
    expect(plan('virbr0', {}, { state: seen }).warnings).toEqual([
      'virbr0 is the bridge of network default: plug into the network instead',
    ]);
  });

  it('tags on Open vSwitch with any libvirt, and on a Linux bridge since 11.0', () => {
    const vlan = (source: string, libvirtVersion: number) => {
      const seen = { ...state, connection: { ...state.connection, libvirtVersion } };
      const action = plan(source, { vlan: '10' }, { state: seen }).steps[0]?.do;
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
        message: '--vlan on the Linux bridge of br0 needs libvirt 11.0, this is 10.9.0',
      }),
    );
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
