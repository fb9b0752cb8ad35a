import { describe, expect, it } from '@jest/globals';
import { planBridgeDelete } from '../../../../src/plan/host/bridge-delete.ts';
import { planAddPorts, planDeletePorts } from '../../../../src/plan/host/bridge-ports.ts';
import { planBridgeSet } from '../../../../src/plan/host/bridge-set.ts';
import { planBridgeCreate, type BridgeOptions } from '../../../../src/plan/host/bridge.ts';
import { commandsTo } from '../../../../src/plan/host/wanted.ts';
import type { Plan } from '../../../../src/plan/step.ts';
import type { HostState, State } from '../../../../src/state/state.ts';
import type { Link } from '../../../../src/records/link.ts';
import { defaultNetwork, domainState, hostWith, ipv4, link, networkState, route, stateWith } from '../state.ts';
import { after, run } from './apply.ts';

const plain: BridgeOptions = {
  name: 'br0',
  ports: [],
  stp: false,
  vlanFiltering: false,
  randomMac: '02:00:00:00:00:99',
};
const nic = link('eno1', { mac: '00:16:3e:00:00:01' });
const settings = { ...{ stp: false, forwardDelay: 0, helloTime: 2, maxAge: 20, ageingTime: 300, priority: 32_768 } };
const facts = { vlanFiltering: false, id: '8000.1', root: '8000.1', rootPathCost: 0, topologyChanges: false };
const bridge = (name: string, given: Partial<Link> = {}): Link =>
  link(name, { kind: 'bridge', mac: '02:00:00:00:00:01', bridge: { ...settings, ...facts }, ...given });
const on = (links: readonly Link[], more: Partial<State> = {}, routes: HostState['routes'] = []): State =>
  stateWith({ host: hostWith(links, routes), ...more });

const guest = (source: string): string =>
  `<domain type='kvm'><name>VM1</name><devices><interface type='bridge'><mac address='52:54:00:00:00:01'/>${source}</interface></devices></domain>`;
const onBr0 = domainState(guest("<source bridge='br0'/>"), guest("<source bridge='br0'/><target dev='vnet0'/>"));
const tap = link('vnet0', { kind: 'tun', master: 'br0' });

function commands(plan: Plan): string[] {
  return plan.steps.flatMap(({ do: action }) =>
    action.call === 'hostLinks' ? action.commands.map((words) => words.join(' ')) : [],
  );
}

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
    const asked = planBridgeCreate({ ...plain, ports: ['eno1'], mac: '02-00-00-00-00-AA' }, on([nic]));
    expect(commands(asked)[0]).toContain('address 02:00:00:00:00:aa');
  });

  it('brings a port up that is down', () => {
    expect(commands(planBridgeCreate({ ...plain, ports: ['eno1'] }, on([{ ...nic, up: false }])))).toContain(
      'link set dev eno1 up',
    );
  });

  it('gives it its address, with the broadcast address, and the default route', () => {
    const made = commands(
      planBridgeCreate({ ...plain, address: '192.168.10.1/24', gateway: '192.168.10.254' }, on([])),
    );
    expect(made).toContain('address add 192.168.10.1/24 broadcast 192.168.10.255 dev br0');
    expect(made.at(-1)).toBe('route replace 0.0.0.0/0 via 192.168.10.254 dev br0');
  });

  it('adds to a bridge that is there, and takes nothing from it', () => {
    const is = bridge('br0', { addresses: [ipv4('10.0.0.1', 24)] });
    const made = commands(planBridgeCreate({ ...plain, address: '192.168.10.1/24' }, on([is])));
    expect(made).toEqual(['address add 192.168.10.1/24 broadcast 192.168.10.255 dev br0']);
  });

  it('has the shortest delay with STP, and says what that means', () => {
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
    ['a bridge', { ports: ['br1'] }, [bridge('br1')], 'the kernel takes no bridge into another one'],
    ['itself', { ports: ['br0'] }, [bridge('br0')], 'cannot be a port of itself'],
    ['a wireless NIC', { ports: ['wlan0'] }, [link('wlan0', { wireless: true })], 'wlan0 is wireless'],
    ['the loopback device', { ports: ['lo'] }, [], 'lo is the loopback device'],
    ['a tunnel', { ports: ['tun0'] }, [link('tun0', { type: 'none', kind: 'tun' })], 'carries no Ethernet frames'],
    ['a NIC that is not there', { ports: ['eno2'] }, [nic], 'no NIC eno2'],
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
      { address: '192.0.2.1/24' },
      [{ ...nic, addresses: [ipv4('192.0.2.1', 24)] }],
      'eno1 has this address',
    ],
    [
      'a subnet of another link',
      { address: '192.0.2.9/25' },
      [{ ...nic, addresses: [ipv4('192.0.2.1', 24)] }],
      'overlaps address 192.0.2.1/24 of eno1',
    ],
    [
      'a gateway that is no neighbour',
      { address: '10.0.0.1/24', gateway: '10.0.1.1' },
      [],
      'no address of br0 is in its subnet',
    ],
    ['itself as the gateway', { address: '10.0.0.1/24', gateway: '10.0.0.1' }, [], "br0's own address"],
    ['DHCP', { address: 'dhcp' }, [], 'kvmnet runs no DHCP client'],
    ['a MAC that another NIC has', { mac: '00:16:3e:00:00:01' }, [nic], 'eno1 has this MAC'],
  ])('refuses %s', (_what, given: Partial<BridgeOptions>, links: readonly Link[], message) => {
    expect(() => planBridgeCreate({ ...plain, ...given }, on(links))).toThrow(message);
  });

  it('refuses a second default route', () => {
    const routes = [route('0.0.0.0/0', 'eno1', { gateway: '192.0.2.254' })];
    const given = { ...plain, address: '10.0.0.1/24', gateway: '10.0.0.2' };
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

  it('says of a wider route that the subnet is taken out of it', () => {
    const plan = planBridgeCreate({ ...plain, address: '10.1.0.1/24' }, on([], {}, [route('10.0.0.0/8', 'tun0')]));
    expect(plan.warnings).toEqual(['10.1.0.0/24 overrides part of the route 10.0.0.0/8 dev tun0']);
  });
});

describe('ports', () => {
  it('come without changing the MAC of a bridge that somebody else made', () => {
    expect(commands(planAddPorts('br0', ['eno1'], on([bridge('br0'), nic])))).toEqual([
      'link set dev br0 address 02:00:00:00:00:01',
      'link set dev eno1 master br0',
    ]);
  });

  it('are nothing to do where they are ports already', () => {
    expect(planAddPorts('br0', ['eno1'], on([bridge('br0'), { ...nic, master: 'br0' }])).steps).toEqual([]);
  });

  it('are told from the bridge when both are swapped', () => {
    expect(() => planAddPorts('eno1', ['br0'], on([bridge('br0'), nic]))).toThrow('the bridge comes first');
  });

  it('leave with the consent of who reaches guests by them', () => {
    const state = on([bridge('br0'), { ...nic, master: 'br0' }, tap], { domains: [onBr0] });
    const plan = planDeletePorts('br0', ['eno1'], state);
    expect(plan.consent).toEqual(['what is behind eno1 and the guests of br0 no longer reach each other: VM1']);
  });

  it("are not a guest's own device", () => {
    const state = on([bridge('br0'), tap], { domains: [onBr0] });
    expect(() => planDeletePorts('br0', ['vnet0'], state)).toThrow('vnet0 is a NIC of VM VM1');
  });
});

describe('bridge delete', () => {
  it('names guests, both lives of them, ports, addresses, the default route and the SSH connection', () => {
    const links = [bridge('br0', { addresses: [ipv4('192.0.2.1', 24)] }), { ...nic, master: 'br0' }, tap];
    const state = on(links, { domains: [onBr0] }, [route('0.0.0.0/0', 'br0', { gateway: '192.0.2.254' })]);
    const { consent } = planBridgeDelete(['br0'], state, '192.0.2.7 40000 192.0.2.1 22');
    expect(consent).toEqual([
      'VM1 is cut off: its NIC 52:54:00:00:00:01 (vnet0) is attached to br0',
      'VM1 cannot start any more: its NIC 52:54:00:00:00:01 names br0',
      'the host loses 192.0.2.1/24 on br0',
      'br0 carries the default route via 192.0.2.254',
      'your SSH connection comes in over br0 (192.0.2.1)',
      'eno1 will no longer belong to any bridge',
    ]);
  });

  it('names the network that is a name for it', () => {
    const networks = [networkState("<network><name>lan</name><forward mode='bridge'/><bridge name='br0'/></network>")];
    expect(planBridgeDelete(['br0'], on([bridge('br0')], { networks })).consent.join()).toContain(
      'network lan is a name for br0',
    );
  });

  it('asks nothing where nobody uses it', () => {
    expect(planBridgeDelete(['br0'], on([bridge('br0')])).consent).toEqual([]);
  });

  it('refuses while a VLAN device stands on it', () => {
    const above = link('br0.7', { kind: 'vlan', parent: 'br0', vlan: { id: 7, protocol: '802.1Q' } });
    expect(() => planBridgeDelete(['br0'], on([bridge('br0'), above]))).toThrow('br0 carries br0.7');
  });

  it("leaves libvirt's bridges to net delete", () => {
    const networks = [networkState(defaultNetwork)];
    expect(() => planBridgeDelete(['virbr0'], on([bridge('virbr0')], { networks }))).toThrow(
      expect.objectContaining({ code: 'CONFLICT', hint: 'kvmnet net delete default' }),
    );
  });
});

describe('bridge set', () => {
  it('takes several settings in one command', () => {
    const made = commands(
      planBridgeSet('br0', ['stp=on', 'forward-delay=4', 'priority=4096', 'mtu=1400'], on([bridge('br0')])),
    );
    expect(made).toEqual([
      'link set dev br0 mtu 1400',
      'link set dev br0 type bridge stp_state 1 forward_delay 400 priority 4096',
    ]);
  });

  it.each([
    ['fd=4', 'write forward-delay=4'],
    ['setageing=30', 'write ageing-time=30'],
    ['bridgeprio=0', 'write priority=0'],
    ['agein-time=30', 'write ageing-time=30'],
  ])('knows what %s means elsewhere', (pair, hint) => {
    expect(() => planBridgeSet('br0', [pair], on([bridge('br0')]))).toThrow(
      expect.objectContaining({ code: 'USAGE', hint }),
    );
  });

  it.each([
    'priority=1',
    'priority=65536',
    'hello-time=11',
    'forward-delay=31',
    'max-age=5',
    'stp=yes',
    'mtu=67',
    'mac=ff:ff:ff:ff:ff:ff',
  ])('refuses %s', (pair) => {
    expect(() => planBridgeSet('br0', [pair], on([bridge('br0')]))).toThrow(expect.objectContaining({ code: 'INPUT' }));
  });

  it('refuses a delay below two seconds where STP is on, or comes on', () => {
    expect(() => planBridgeSet('br0', ['stp=on', 'forward-delay=1'], on([bridge('br0')]))).toThrow(
      'with STP it is 2 to 30',
    );
  });
});

describe('whatever is planned', () => {
  const state = on([bridge('br1'), nic, link('eno2', { mac: '00:16:3e:00:00:02', up: false, master: 'br1' })]);
  it.each([
    ['create', () => planBridgeCreate({ ...plain, ports: ['eno1'], address: '10.9.0.1/24', stp: true }, state)],
    ['add-port', () => planAddPorts('br1', ['eno1'], state)],
    ['del-port', () => planDeletePorts('br1', ['eno2'], state)],
    ['delete', () => planBridgeDelete(['br1'], state)],
    ['stp on', () => planBridgeSet('br1', ['stp=on'], state)],
    ['set', () => planBridgeSet('br1', ['forward-delay=7', 'ageing-time=1', 'mac=02:00:00:00:00:31'], state)],
  ])('by bridge %s is there once it is done, and as before once it is undone', (_name, plan) => {
    const made = plan();
    const host = after(made, state.host!);
    for (const { verify, undo } of made.steps) {
      if (verify.expect !== 'links') throw new Error('not about links');
      expect(commandsTo(verify.links, host)).toEqual([]);
      // As the journal has it.
      const [back] = JSON.parse(JSON.stringify(undo)) as typeof undo;
      if (back?.call !== 'hostRestore') throw new Error('no way back');
      const undone = commandsTo(back.links, host).reduce(run, host);
      expect(commandsTo(back.links, undone)).toEqual([]);
      expect(undone.links.map(({ name, master }) => [name, master]).sort()).toEqual(
        state.host!.links.map(({ name, master }) => [name, master]).sort(),
      );
    }
    expect(made.steps.length).toBeGreaterThan(0);
  });
});
