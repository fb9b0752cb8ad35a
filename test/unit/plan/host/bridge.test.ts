import { describe, expect, it } from '@jest/globals';
import { planBridgeCreate, type BridgeOptions } from '../../../../src/plan/host/bridge.ts';
import type { Link } from '../../../../src/records/link.ts';
import { defaultNetwork, ipv4, link, networkState, route } from '../state.ts';
import { parseIp } from '../../../../src/values/address.ts';
import { parseHostAddress } from '../../../../src/values/host-address.ts';
import { parseMac } from '../../../../src/values/mac.ts';
import { plain, nic, bridge, on, commands } from './bridges.ts';

const router = (address: string) => parseIp(address, '--gateway');

describe('bridge create', () => {
  it('pins the MAC of its first card, with STP off and no delay', () => {
    expect(commands(planBridgeCreate({ ...plain, ports: ['eno1'] }, on([nic])))).toEqual([
      'link add name br0 address 00:16:3e:00:00:01 type bridge stp_state 0 forward_delay 0',
      'link set dev eno1 master br0',
      'link set dev br0 up',
    ]);
  });

  it('has the MAC that was chosen for it where no port is a card, and the one that is asked for before both', () => {
    const veth = link('veth9', { kind: 'veth', mac: '02:00:00:00:00:77' });
    expect(commands(planBridgeCreate({ ...plain, ports: ['veth9'] }, on([veth])))[0]).toContain(
      'address 02:00:00:00:00:99',
    );
    const asked = planBridgeCreate(
      { ...plain, ports: ['eno1'], mac: parseMac('02-00-00-00-00-AA', '--mac') },
      on([nic]),
    );
    expect(commands(asked)[0]).toContain('address 02:00:00:00:00:aa');
  });

  it('brings a port up that is down', () => {
    expect(commands(planBridgeCreate({ ...plain, ports: ['eno1'] }, on([{ ...nic, up: false }])))).toContain(
      'link set dev eno1 up',
    );
  });

  it('gives it its address, with the broadcast address, and the default route', () => {
    const made = commands(
      planBridgeCreate(
        { ...plain, address: parseHostAddress('192.168.10.1/24'), gateway: router('192.168.10.254') },
        on([]),
      ),
    );
    expect(made).toContain('address add 192.168.10.1/24 broadcast 192.168.10.255 dev br0');
    expect(made.at(-1)).toBe('route replace 0.0.0.0/0 via 192.168.10.254 dev br0');
  });

  it('adds to an existing bridge, and removes nothing from it', () => {
    const is = bridge('br0', { addresses: [ipv4('10.0.0.1', 24)] });
    const made = commands(planBridgeCreate({ ...plain, address: parseHostAddress('192.168.10.1/24') }, on([is])));
    expect(made).toEqual(['address add 192.168.10.1/24 broadcast 192.168.10.255 dev br0']);
  });

  it('has the shortest delay with STP, and explains it', () => {
    const plan = planBridgeCreate({ ...plain, stp: true }, on([]));
    expect(commands(plan)[0]).toContain('stp_state 1 forward_delay 200');
    expect(plan.warnings.join()).toContain('forwards no frames for its first 4 seconds');
  });

  it.each([
    [
      'a NIC with an address',
      { ports: ['eno1'] },
      [{ ...nic, addresses: [ipv4('192.0.2.1', 24)] }],
      'has the address 192.0.2.1/24',
    ],
    [
      'a port of another bridge',
      { ports: ['eno1'] },
      [{ ...nic, master: 'br1' }, bridge('br1')],
      'eno1 is a port of br1 already',
    ],
    ['a bridge', { ports: ['br1'] }, [bridge('br1')], 'a bridge cannot be a port of another'],
    ['itself', { ports: ['br0'] }, [bridge('br0')], 'cannot be a port of itself'],
    ['a wireless NIC', { ports: ['wlan0'] }, [link('wlan0', { wireless: true })], 'wlan0 is wireless'],
    ['the loopback device', { ports: ['lo'] }, [], 'lo is the loopback device'],
    ['a tunnel', { ports: ['tun0'] }, [link('tun0', { type: 'none', kind: 'tun' })], 'carries no Ethernet frames'],
    ['a NIC that does not exist', { ports: ['eno2'] }, [nic], 'no NIC eno2'],
    [
      'a NIC below a macvtap',
      { ports: ['eno1'] },
      [nic, link('macvtap0', { kind: 'macvtap', parent: 'eno1' })],
      'eno1 carries macvtap0',
    ],
    [
      'its own VLAN device',
      { ports: ['br0.5'] },
      [bridge('br0'), link('br0.5', { kind: 'vlan', parent: 'br0' })],
      'is on top of br0',
    ],
    [
      'both ends of a veth',
      { ports: ['a1'] },
      [bridge('br0'), link('a1', { kind: 'veth', parent: 'b1' }), link('b1', { kind: 'veth', master: 'br0' })],
      'in a circle',
    ],
    ['a name that a NIC has', { name: 'eno1' }, [nic], 'eno1 already exists (an Ethernet NIC)'],
    ["libvirt's names", { name: 'virbr5' }, [], 'virbr5 is a bridge of libvirt'],
    ["Docker's names", { name: 'br-0123456789ab' }, [], 'a bridge of Docker'],
    [
      'an address of another link',
      { address: parseHostAddress('192.0.2.1/24') },
      [{ ...nic, addresses: [ipv4('192.0.2.1', 24)] }],
      'eno1 has this address',
    ],
    [
      'a subnet of another link',
      { address: parseHostAddress('192.0.2.9/25') },
      [{ ...nic, addresses: [ipv4('192.0.2.1', 24)] }],
      'overlaps address 192.0.2.1/24 of eno1',
    ],
    [
      'a gateway that is no neighbor',
      { address: parseHostAddress('10.0.0.1/24'), gateway: router('10.0.1.1') },
      [],
      'no address of br0 is in its subnet',
    ],
    [
      'itself as the gateway',
      { address: parseHostAddress('10.0.0.1/24'), gateway: router('10.0.0.1') },
      [],
      "br0's own address",
    ],
    ['a MAC that another NIC has', { mac: '00:16:3e:00:00:01' }, [nic], 'eno1 has this MAC'],
  ])('refuses %s', (_what, given: Partial<BridgeOptions>, links: readonly Link[], message) => {
    expect(() => planBridgeCreate({ ...plain, ...given }, on(links))).toThrow(message);
  });

  it('refuses a second default route', () => {
    const routes = [route('0.0.0.0/0', 'eno1', { gateway: '192.0.2.254' })];
    const given = { ...plain, address: parseHostAddress('10.0.0.1/24'), gateway: router('10.0.0.2') };
    expect(() => planBridgeCreate(given, on([nic], {}, routes))).toThrow(
      'has a default route already via 192.0.2.254 over eno1',
    );
  });

  it('refuses the bridge of a network, be it active or only defined', () => {
    const networks = [networkState(defaultNetwork, { active: false })];
    expect(() => planBridgeCreate({ ...plain, name: 'virbr0' }, on([], { networks }))).toThrow(
      "the bridge of libvirt's network default",
    );
  });

  it('reports a wider route that the subnet is part of', () => {
    const plan = planBridgeCreate(
      { ...plain, address: parseHostAddress('10.1.0.1/24') },
      on([], {}, [route('10.0.0.0/8', 'tun0')]),
    );
    expect(plan.warnings).toEqual(['10.1.0.0/24 overrides part of the route 10.0.0.0/8 dev tun0']);
  });
});
