import { describe, expect, it } from '@jest/globals';
import {
  findSource,
  isLinuxBridge,
  isMacvtap,
  missingDevice,
  sourceWarnings,
} from '../../../../src/plan/nic/source.ts';
import { defaultNetwork, domainState, hostWith, link, networkState, stateWith } from '../state.ts';

const network = (name: string, rest: string) => networkState(`<network><name>${name}</name>${rest}</network>`);
const lan = network('lan', `<forward mode='bridge'/><bridge name='br0'/>`);
const taps = network('taps', `<forward mode='bridge'><interface dev='eno1'/></forward>`);
const ovs = network('ovs', `<forward mode='bridge'/><bridge name='ovsbr0'/><virtualport type='openvswitch'/>`);

const state = stateWith({
  networks: [networkState(defaultNetwork), lan, taps, ovs, network('both', `<bridge name='virbr7'/>`)],
  host: hostWith([
    link('br0', { kind: 'bridge' }),
    link('brvlan-10', { kind: 'bridge' }),
    link('both', { kind: 'bridge' }),
    link('ovsbr0', { kind: 'openvswitch' }),
    link('eno1'),
    link('eno1.10', { kind: 'vlan' }),
    link('bond0', { kind: 'bond' }),
    link('wlan0', { wireless: true }),
    link('tun0', { kind: 'tun', type: 'none' }),
    link('vnet0', { kind: 'tun' }),
    link('port0', { master: 'br0' }),
  ]),
});
const { host: _host, ...rest } = state;
const remote = { ...rest, host: undefined };
const thrown = (code: string, message: string | RegExp, hint: string | RegExp) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });

describe('the source of a NIC', () => {
  it.each([
    ['default', 'network'],
    ['lan', 'network'],
    ['brvlan-10', 'bridge'],
    ['eno1', 'direct'],
    ['eno1.10', 'direct'],
    ['bond0', 'direct'],
  ])('%s is a %s by its name alone', (name, type) => {
    expect(findSource(state, name)).toMatchObject({ type, name });
  });

  it('is of the kind that is asked for', () => {
    expect(findSource(state, 'both', 'bridge')).toEqual({ type: 'bridge', name: 'both', openVswitch: false });
    expect(findSource(state, 'both', 'network')).toMatchObject({ type: 'network', network: { name: 'both' } });
    expect(findSource(state, 'ovsbr0')).toEqual({ type: 'bridge', name: 'ovsbr0', openVswitch: true });
  });

  it('is asked about where a network and a device have one name, unless they are one thing', () => {
    expect(() => findSource(state, 'both')).toThrow(
      thrown('AMBIGUOUS', 'a network, and a bridge', '--network or --bridge'),
    );
    const eno1 = network('eno1', `<bridge name='virbr8'/>`);
    expect(() => findSource({ ...state, networks: [eno1] }, 'eno1')).toThrow(
      thrown('AMBIGUOUS', 'a network, and a NIC', '--network or --macvtap'),
    );
    const same = network('br0', `<forward mode='bridge'/><bridge name='br0'/>`);
    expect(findSource({ ...state, networks: [same] }, 'br0').type).toBe('network');
    const tapsOfEno1 = network('eno1', `<forward mode='bridge'><interface dev='eno1'/></forward>`);
    expect(findSource({ ...state, networks: [tapsOfEno1] }, 'eno1').type).toBe('network');
  });

  it.each([
    ['wlan0', undefined, 'wlan0 is a wireless NIC: access points drop the frames of guests', /NAT/],
    ['lo', undefined, 'lo is a device of type loopback', /Ethernet/],
    ['tun0', undefined, 'tun0 is a device of kind tun', /Ethernet/],
    ['vnet0', undefined, 'vnet0 is a device of kind tun', /Ethernet/],
    ['port0', undefined, 'port0 is a port of br0', 'attach to br0'],
    ['br0', 'direct', 'br0 is a device of kind bridge', /Ethernet/],
    [
      'wlan0',
      'bridge',
      'wlan0 is not a bridge, but an Ethernet NIC',
      'bridges of this host: br0, brvlan-10, both, ovsbr0;',
    ],
  ] as const)('cannot be %s as %s', (name, type, message, hint) => {
    expect(() => findSource(state, name, type)).toThrow(thrown('CONFLICT', message, hint));
  });

  it('that does not exist is not found, and the nearest is suggested', () => {
    expect(() => findSource(state, 'brvlan-11')).toThrow(
      thrown('NOTFOUND', /^no network, bridge or NIC of the host brvlan-11$/, /^did you mean brvlan-10\?$/),
    );
    expect(() => findSource(state, 'defalt', 'network')).toThrow(thrown('NOTFOUND', /^no network defalt$/, 'default'));
    expect(() => findSource(state, 'xyz', 'direct')).toThrow(
      thrown('NOTFOUND', /^no NIC/, /^available: eno1, eno1.10, bond0/),
    );
    expect(() => findSource({ ...state, host: hostWith([]) }, 'br0', 'bridge')).toThrow(
      thrown('NOTFOUND', 'no bridge br0', 'this host has none'),
    );
  });

  it('is accepted as the user specifies it if the host cannot be read', () => {
    expect(findSource(remote, 'br77', 'bridge')).toEqual({ type: 'bridge', name: 'br77', openVswitch: false });
    expect(findSource(remote, 'eno7', 'direct')).toEqual({ type: 'direct', name: 'eno7' });
    expect(() => findSource(remote, 'br77')).toThrow(thrown('NOTFOUND', 'br77', 'use --bridge or --macvtap'));
  });

  it('has frames that go through a Linux bridge, through Open vSwitch, or straight out', () => {
    const kinds = ['default', 'lan', 'brvlan-10', 'ovs', 'ovsbr0', 'taps', 'eno1'].map((name) => {
      const source = findSource(state, name);
      return [name, isLinuxBridge(source), isMacvtap(source)];
    });
    expect(kinds).toEqual([
      ['default', true, false],
      ['lan', true, false],
      ['brvlan-10', true, false],
      ['ovs', false, false],
      ['ovsbr0', false, false],
      ['taps', false, true],
      ['eno1', false, true],
    ]);
  });
});

describe('a network whose device is missing', () => {
  const bare = stateWith({ host: hostWith([]) });
  const domain = domainState(`<domain type='kvm'><name>VM1</name></domain>`);

  it('is detected although libvirt reports it as active', () => {
    expect(missingDevice(lan, bare)).toBe('bridge br0');
    expect(missingDevice(taps, bare)).toBe('NIC eno1');
    expect([missingDevice(lan, state), missingDevice(taps, state), missingDevice(lan, remote)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(missingDevice(networkState(defaultNetwork, { active: false }), bare)).toBeUndefined();
  });

  it('is refused to a running guest, and warned of for the next boot', () => {
    const source = { type: 'network', name: 'lan', network: { ...lan, active: false } } as const;
    expect(() => sourceWarnings(source, domain, true, bare)).toThrow(
      thrown('NOTFOUND', 'network lan needs bridge br0 of the host, which does not exist', 'make it'),
    );
    expect(sourceWarnings(source, domain, false, bare)).toEqual([
      'network lan is not active: VM1 will not start until it is',
      'network lan needs bridge br0 of the host: VM1 will not start without',
    ]);
    expect(sourceWarnings(source, domain, true, state)).toEqual([]);
  });
});
