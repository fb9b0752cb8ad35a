import { describe, expect, it } from '@jest/globals';
import { hostAfter } from '../../../../src/plan/host/after.ts';
import { planAddPorts } from '../../../../src/plan/host/bridge-ports.ts';
import { planBridgeCreate, type BridgeOptions } from '../../../../src/plan/host/bridge.ts';
import { reachabilityRisk } from '../../../../src/plan/host/reachability.ts';
import { takeIp } from '../../../../src/plan/host/take-ip.ts';
import { commandsTo, snapshot } from '../../../../src/plan/host/wanted.ts';
import type { Plan, Step } from '../../../../src/plan/step.ts';
import type { State, WholeHost } from '../../../../src/state/state.ts';
import type { Address, Link, Route } from '../../../../src/records/link.ts';
import { hostWith, ipv4, link, route, stateWith } from '../state.ts';

const ipv6 = (address: string, given: Partial<Address> = {}): Address => ({
  family: 'ipv6',
  address,
  prefix: 64,
  scope: 'global',
  ...given,
});
const nic = link('eth0', {
  mac: '52:54:00:aa:00:01',
  mtu: 1400,
  addresses: [
    { ...ipv4('192.0.2.10', 24), broadcast: '192.0.2.255', label: 'eth0', metric: 50 },
    { ...ipv4('192.0.2.11', 24), label: 'eth0:1' },
    ipv6('2001:db8::11', { validSeconds: 50, preferredSeconds: 40 }),
    ipv6('2001:db8::10'),
    ipv6('fe80::1', { scope: 'link' }),
  ],
});
const routes: readonly Route[] = [
  route('0.0.0.0/0', 'eth0', { gateway: '192.0.2.1', source: '192.0.2.10', protocol: 'dhcp', metric: 100 }),
  route('0.0.0.0/0', 'eth0', { gateway: '192.0.2.2', table: '100', onlink: true }),
  route('::/0', 'eth0', {
    gateway: 'fe80::9',
    protocol: 'ra',
    metric: 1024,
    preference: 'high',
    metrics: { mtu: 1300 },
  }),
  route('192.0.2.0/24', 'eth0', { protocol: 'kernel', scope: 'link' }),
  route('10.99.0.0/16', 'wg0', { source: '192.0.2.10' }),
  route('10.98.0.0/16', 'wg0'),
];
const host = hostWith([nic, link('wg0', { kind: 'wireguard' })], routes);
const options: BridgeOptions = {
  name: 'br0',
  ports: ['eth0'],
  takeIp: true,
  stp: false,
  vlanFiltering: false,
  randomMac: '02:00:00:00:00:99',
};
const bridge = link('br0', {
  ...{ kind: 'bridge', mac: '02:00:00:00:00:01', addresses: [ipv4('10.7.7.1', 24)] },
  bridge: {
    ...{ stp: false, forwardDelay: 15, helloTime: 2, maxAge: 20, ageingTime: 300, priority: 32_768 },
    ...{ vlanFiltering: false, id: '', root: '', rootPathCost: 0, topologyChanges: false },
  },
});

const stateOf = (seen: WholeHost): State => stateWith({ host: seen });
const lines = (commands: readonly (readonly string[])[]): string[] => commands.map((words) => words.join(' '));

function commands(plan: Plan): string[] {
  return plan.steps.flatMap(({ do: action }) => (action.call === 'hostLinks' ? lines(action.commands) : []));
}

describe('bridge create --take-ip', () => {
  it('moves addresses, routes and MAC in one step: away from the NIC first, back in the order of before', () => {
    const plan = planBridgeCreate(options, stateOf(host));
    expect(plan.steps).toHaveLength(1);
    expect(commands(plan)).toEqual([
      'link add name br0 address 52:54:00:aa:00:01 mtu 1400 type bridge stp_state 0 forward_delay 0',
      'route delete 0.0.0.0/0 via 192.0.2.1 dev eth0 metric 100 proto dhcp src 192.0.2.10',
      'route delete 0.0.0.0/0 via 192.0.2.2 dev eth0 table 100 onlink',
      'route delete ::/0 via fe80::9 dev eth0 metric 1024 proto ra mtu 1300 pref high',
      'address delete 2001:db8::10/64 dev eth0',
      'address delete 2001:db8::11/64 dev eth0',
      'address delete 192.0.2.11/24 dev eth0',
      'address delete 192.0.2.10/24 dev eth0',
      'link set dev eth0 master br0',
      'link set dev br0 up',
      'address add 192.0.2.10/24 broadcast 192.0.2.255 label br0 metric 50 dev br0',
      'address add 192.0.2.11/24 label br0:1 dev br0',
      'address add 2001:db8::10/64 dev br0 nodad',
      'address change 2001:db8::10/64 dev br0',
      'address add 2001:db8::11/64 valid_lft 50 preferred_lft 40 dev br0 nodad',
      'address change 2001:db8::11/64 valid_lft 50 preferred_lft 40 dev br0',
      'route replace 0.0.0.0/0 via 192.0.2.1 dev br0 metric 100 proto dhcp src 192.0.2.10',
      'route replace 0.0.0.0/0 via 192.0.2.2 dev br0 table 100 onlink',
      'route replace ::/0 via fe80::9 dev br0 metric 1024 proto ra mtu 1300 pref high',
      // The kernel has dropped it: its source was away for a moment.
      'route replace 10.99.0.0/16 dev wg0 src 192.0.2.10',
    ]);
  });

  it('is undone to the state before, and then has nothing to do', () => {
    const [step] = planBridgeCreate(options, stateOf(host)).steps as [Step];
    const wanted = step.verify.expect === 'links' ? step.verify.links : {};
    const then = hostAfter(wanted, host);
    expect(commandsTo(wanted, then)).toEqual([]);
    const before = snapshot(Object.keys(wanted), host);
    const back = lines(commandsTo(before, then));
    expect(back[0]).toBe('link delete dev br0');
    expect(back).toContain('link set dev eth0 nomaster');
    expect(back).toContain('address add 192.0.2.11/24 label eth0:1 dev eth0');
    expect(back).toContain('route replace 10.99.0.0/16 dev wg0 src 192.0.2.10');
    expect(back).toContain('route replace ::/0 via fe80::9 dev eth0 metric 1024 proto ra mtu 1300 pref high');
    expect(commandsTo(before, host)).toEqual([]);
  });

  it('keeps the other end of a point-to-point address', () => {
    const far = { ...nic, addresses: [{ ...ipv4('192.0.2.10', 32), peer: '203.0.113.1' }] };
    const told = commands(planBridgeCreate(options, stateOf(hostWith([far]))));
    expect(told).toContain('address delete 192.0.2.10 peer 203.0.113.1/32 dev eth0');
    expect(told).toContain('address add 192.0.2.10 peer 203.0.113.1/32 dev br0');
  });

  it('adds to the settings of an existing bridge, with its MAC, and without its forward delay', () => {
    const seen = hostWith([{ ...nic, mtu: 9000 }, bridge, link('vnet0', { kind: 'tun', master: 'br0' })], routes);
    const plan = planAddPorts('br0', ['eth0'], stateOf(seen), { takeIp: true });
    const told = commands(plan);
    expect(told).toContain('link set dev br0 address 52:54:00:aa:00:01');
    expect(told).toContain('link set dev br0 type bridge forward_delay 0');
    expect(told.filter((line) => / mtu \d+$/.test(line))).toEqual([]);
    expect(told.filter((line) => line.includes('10.7.7.1'))).toEqual([]);
    expect(plan.warnings).toEqual([expect.stringContaining('br0 gets the MAC of eth0, 52:54:00:aa:00:01')]);
  });

  it('reports how long a bridge with STP blocks', () => {
    const slow = { ...bridge, bridge: { ...bridge.bridge!, stp: true } };
    const plan = planAddPorts('br0', ['eth0'], stateOf(hostWith([nic, slow], routes)), { takeIp: true });
    expect(plan.warnings).toContain('br0 has STP: for 30 seconds eth0 passes no frames');
    expect(reachabilityRisk(plan, hostWith([nic, slow], routes), undefined).gateways[0]).toMatchObject({ delay: 30 });
  });

  it('names the temporary addresses that end', () => {
    const temporary = ipv6('2001:db8::feed', { temporary: true });
    const seen = hostWith([{ ...nic, addresses: [...nic.addresses, temporary] }], routes);
    expect(takeIp('br0', seen.links.slice(1), seen, undefined)?.warnings).toEqual([
      'the temporary addresses of eth0 end, and connections from them: 2001:db8::feed/64',
    ]);
  });

  it('leaves out a label that is too long for the name of the bridge', () => {
    const long = { ...nic, addresses: [{ ...ipv4('192.0.2.10', 24), label: 'eth0:backup' }] };
    const told = commands(planBridgeCreate({ ...options, name: 'a-long-bridge' }, stateOf(hostWith([long]))));
    expect(told).toContain('address add 192.0.2.10/24 dev a-long-bridge');
  });

  it('has nothing to do where all has moved already', () => {
    const moved = hostWith([
      { ...nic, addresses: [], master: 'br0' },
      { ...bridge, ...{ bridge: { ...bridge.bridge!, forwardDelay: 0 } } },
    ]);
    expect(planBridgeCreate(options, stateOf(moved)).steps).toEqual([]);
  });

  const second = link('eth1', { addresses: [ipv4('198.51.100.7', 24)] });
  it.each([
    [
      'two NICs with addresses',
      hostWith([nic, second]),
      { ports: ['eth0', 'eth1'] },
      'eth0 and eth1 have addresses: br0 can take the addresses of one',
    ],
    ['a NIC without any', hostWith([{ ...nic, addresses: [] }]), {}, 'eth0 has no address to take'],
    ['no NIC', host, { ports: [] }, '--take-ip: of which NIC?'],
    ['an address beside it', host, { address: ipv4('192.0.2.9', 24) }, '--take-ip and --address exclude each other'],
    [
      'a route with several gateways',
      hostWith([nic], [route('10.0.0.0/8', undefined, { nexthops: ['eth0', 'eth1'] })]),
      {},
      'the route to 10.0.0.0/8 has several gateways, one of them over eth0',
    ],
  ])('refuses %s', (_, seen, more, said) => {
    expect(() => planBridgeCreate({ ...options, ...more }, stateOf(seen))).toThrow(said);
  });
});

describe('reachabilityRisk', () => {
  const ssh = '203.0.113.5 50000 192.0.2.10 22';
  const on = (links: readonly Link[], ...more: readonly Route[]): WholeHost => hostWith(links, [...routes, ...more]);
  const doing = (words: string, verify: Step['verify'] = { expect: 'links', links: {} }): Pick<Plan, 'steps'> => ({
    steps: [{ title: 'step', do: { call: 'hostLinks', commands: [words.split(' ')] }, undo: [], verify }],
  });

  it('names the default routes and the SSH connection of a NIC that changes, and the gateways to ask', () => {
    const plan = planBridgeCreate(options, stateOf(host));
    expect(reachabilityRisk(plan, host, ssh)).toEqual({
      because: [
        'eth0 carries the default route via 192.0.2.1 and 192.0.2.2 and fe80::9',
        'your SSH connection comes in over eth0 (192.0.2.10)',
      ],
      isSsh: true,
      gateways: ['192.0.2.1', '192.0.2.2', 'fe80::9'].map((address) => ({
        address,
        before: 'eth0',
        after: 'br0',
        delay: 0,
      })),
    });
  });

  it.each([
    ['an IPv4 address in IPv6 notation', '::ffff:203.0.113.5 50000 ::ffff:192.0.2.10 22', true],
    ['an address of another device', '10.0.0.1 50000 10.0.0.2 22', false],
    ['none', undefined, false],
  ])('reads an SSH connection with %s', (_, connection, isSsh) => {
    expect(reachabilityRisk(planBridgeCreate(options, stateOf(host)), host, connection).isSsh).toBe(isSsh);
  });

  const inBridge = on([
    { ...nic, addresses: [], master: 'br0' },
    { ...bridge, addresses: nic.addresses },
    link('vnet0', { kind: 'tun', master: 'br0' }),
    link('eth1'),
  ]).links;
  const throughBridge = { links: inBridge, routes: [route('0.0.0.0/0', 'br0', { gateway: '192.0.2.1' })] };

  it.each([
    ['link set dev eth0 nomaster', true],
    ['link set dev br0 mtu 9000', true],
    ['link delete dev br0', true],
    ['address delete 192.0.2.10/24 dev br0', true],
    ['link set dev vnet0 nomaster', false],
    ['link set dev eth1 master br0', false],
    ['link set dev br0 address 02:00:00:00:00:01', false],
    ['link set dev br0 up', false],
    ['address add 192.0.2.99/24 dev br0', false],
  ])('takes "%s" on a bridge with the default route for dangerous: %s', (words, isDangerous) => {
    expect(reachabilityRisk(doing(words), throughBridge, undefined).because.length > 0).toBe(isDangerous);
  });

  it('asks no gateway whose route the plan takes away', () => {
    const gone = doing('link delete dev br0', { expect: 'links', links: { br0: null } });
    expect(reachabilityRisk(gone, throughBridge, undefined)).toMatchObject({ gateways: [] });
    const stays = doing('link set dev br0 mtu 9000', { expect: 'links', links: { br0: { mtu: 9000 } } });
    expect(reachabilityRisk(stays, throughBridge, undefined).gateways).toMatchObject([
      { address: '192.0.2.1', after: 'br0' },
    ]);
  });
});
