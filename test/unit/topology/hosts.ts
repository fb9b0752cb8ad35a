/** Hosts to draw, one of each kind. */
import type { Neighbor } from '../../../src/records/guest-address.ts';
import type { Lease } from '../../../src/records/lease.ts';
import type { Link } from '../../../src/records/link.ts';
import type { NatRules } from '../../../src/records/nat.ts';
import type { DomainState, State } from '../../../src/state/state.ts';
import { topologyOf } from '../../../src/topology/build.ts';
import type { Topology } from '../../../src/topology/graph.ts';
import { domainState, hostWith, ipv4, link, networkState, route, stateWith } from '../plan/state.ts';

export interface DrawnHost {
  readonly state: State;
  readonly nat: NatRules;
  /** None where left out. */
  readonly neighbors?: readonly Neighbor[];
}

const noNat: NatRules = { forwards: [], sources: [] };
const now = 1_700_000_000;

interface GuestNic {
  readonly source: string;
  readonly tap?: string;
  readonly mac: string;
  readonly more?: string;
  readonly type?: string;
}

/** `network=default`, `bridge=br0`, `dev=eth0` */
function nicXml({ source, tap, mac, more = '', type }: GuestNic, isLive: boolean): string {
  const [kind = '', name = ''] = source.split('=');
  const target = isLive && tap !== undefined ? `<target dev='${tap}'/>` : '';
  return `<interface type='${type ?? (kind === 'dev' ? 'direct' : kind)}'><mac address='${mac}'/><source ${kind}='${name}'/>${target}${more}</interface>`;
}

function guest(name: string, nics: readonly GuestNic[], isRunning = true): DomainState {
  const xml = (isLive: boolean): string =>
    `<domain type='kvm'><name>${name}</name><uuid>00000000-0000-4000-8000-${Buffer.from(name).toString('hex').padEnd(12, '0').slice(0, 12)}</uuid>
    <devices>${nics.map((nic) => nicXml(nic, isLive)).join('')}</devices></domain>`;
  return domainState(xml(false), isRunning ? xml(true) : undefined);
}

function tap(name: string, master: string, mac: string): Link {
  return link(name, { kind: 'tun', master, mac: `fe${mac.slice(2)}` });
}

function bridge(name: string, given: Partial<Link> = {}): Link {
  return link(name, { kind: 'bridge', ...given });
}

function nat(name: string, bridgeName: string, subnet: string, more = ''): string {
  return `<network><name>${name}</name><uuid>c4a1b9ab-2f9b-4cc5-8a58-00000000${bridgeName.length.toString().padStart(4, '0')}</uuid>${more}
    <bridge name='${bridgeName}'/><ip address='${subnet}.1' prefix='24'/></network>`;
}

const mac = (number: number): string => `52:54:00:00:00:${number.toString(16).padStart(2, '0')}`;

const lease = (address: string, ofMac: string): Lease => ({
  ...{ interface: 'virbr0', expires: now + 3600, family: 'ipv4', prefix: 24, hostname: undefined, clientId: undefined },
  ...{ mac: ofMac, address },
});

const eth0 = link('eth0', { addresses: [ipv4('192.0.2.5', 24)] });
const toOutside = [route('0.0.0.0/0', 'eth0', { gateway: '192.0.2.1' })];

/** libvirt's default network, with two guests, one of which is off; a port of the host is forwarded to the other. */
function ofDefault(): DrawnHost {
  const network = networkState(nat('default', 'virbr0', '192.168.122', "<forward mode='nat'/>"), {
    leases: [lease('192.168.122.50', mac(1))],
  });
  const state = stateWith({
    host: hostWith(
      [eth0, bridge('virbr0', { addresses: [ipv4('192.168.122.1', 24)] }), tap('vnet0', 'virbr0', mac(1))],
      toOutside,
    ),
    networks: [network],
    domains: [
      guest('VM1', [{ source: 'network=default', tap: 'vnet0', mac: mac(1) }]),
      guest('VM2', [{ source: 'network=default', mac: mac(2) }], false),
    ],
  });
  const target = { address: '192.168.122.50', port: 80, domain: 'VM1', subnet: '192.168.122.0/24', dev: 'virbr0' };
  return {
    state,
    nat: { forwards: [{ family: 'ipv4', protocol: 'tcp', listen: [], ports: [8080, 8080], target }], sources: [] },
  };
}

/** VLANs on a bond, each with a bridge; guests on both, one of them in two VLANs. */
function ofVlans(): DrawnHost {
  const vlan = (id: number): readonly Link[] => [
    link(`bond0.${String(id)}`, {
      ...{ kind: 'vlan', parent: 'bond0', master: `brvlan-${String(id)}` },
      vlan: { id, protocol: '802.1Q' },
    }),
    bridge(`brvlan-${String(id)}`),
  ];
  const bond = { mode: 'active-backup', miimon: 100, active: 'eno1', primary: undefined };
  return {
    nat: noNat,
    state: stateWith({
      host: hostWith([
        link('eno1', { master: 'bond0' }),
        link('eno2', { master: 'bond0', operstate: 'DOWN' }),
        link('bond0', { kind: 'bond', bond }),
        ...vlan(10),
        ...vlan(20),
        ...[1, 2].map((number) => tap(`vnet${String(number)}`, 'brvlan-10', mac(number))),
        ...[3, 4].map((number) => tap(`vnet${String(number)}`, 'brvlan-20', mac(number))),
      ]),
      domains: [
        guest('VM1', [{ source: 'bridge=brvlan-10', tap: 'vnet1', mac: mac(1) }]),
        guest('router', [
          { source: 'bridge=brvlan-10', tap: 'vnet2', mac: mac(2) },
          { source: 'bridge=brvlan-20', tap: 'vnet3', mac: mac(3) },
        ]),
        guest('VM3', [{ source: 'bridge=brvlan-20', tap: 'vnet4', mac: mac(4), more: "<link state='down'/>" }]),
      ],
    }),
  };
}

/** Nearly everything that can break. */
function ofBroken(): DrawnHost {
  const off = { active: false } as const;
  return {
    nat: noNat,
    state: stateWith({
      host: hostWith([
        link('eno1', { master: 'br0', operstate: 'DOWN' }),
        bridge('br0', { up: false }),
        bridge('virbr1', { addresses: [ipv4('10.1.0.1', 24)] }),
        link('vnet0', { kind: 'tun', mac: `fe${mac(1).slice(2)}` }),
        tap('vnet1', 'br0', mac(2)),
      ]),
      networks: [
        networkState(nat('cut', 'virbr1', '10.1.0')),
        networkState(nat('asleep', 'virbr22', '10.2.0'), off),
        networkState(nat('gone', 'virbr333', '10.3.0')),
      ],
      domains: [
        guest('without-bridge', [{ source: 'network=cut', tap: 'vnet0', mac: mac(1) }]),
        guest('bridge-down', [{ source: 'bridge=br0', tap: 'vnet1', mac: mac(2) }]),
        guest('inactive', [{ source: 'network=asleep', tap: 'vnet2', mac: mac(3) }]),
        guest('nowhere', [
          { source: 'network=nosuch', tap: 'vnet3', mac: mac(4) },
          { source: 'bridge=br9', tap: 'vnet4', mac: mac(5) },
        ]),
      ],
    }),
  };
}

/** A gateway with VLANs and source NAT, a namespace, a macvtap guest and a network that uses the host's bridge. */
function ofGateway(): DrawnHost {
  const vlan = (id: number): Link =>
    link(`eno1.${String(id)}`, {
      ...{ kind: 'vlan', parent: 'eno1', addresses: [ipv4(`192.168.${String(id)}.1`, 24)] },
      vlan: { id, protocol: '802.1Q' },
    });
  return {
    nat: {
      forwards: [],
      sources: [
        { family: 'ipv4', subnet: '192.168.10.0/24', dev: 'eth0' },
        { family: 'ipv4', subnet: '192.168.20.0/24', dev: 'eth0', to: '192.0.2.9' },
      ],
    },
    state: stateWith({
      host: hostWith(
        [
          eth0,
          link('eno1', { mtu: 9000 }),
          ...[10, 20].map(vlan),
          bridge('br0', { addresses: [ipv4('10.0.0.1', 24)] }),
          link('probe0', { kind: 'veth', master: 'br0', netns: 'probe' }),
          tap('vnet0', 'br0', mac(1)),
          link('macvtap0', { kind: 'macvtap', parent: 'eno1', mac: mac(2) }),
        ],
        toOutside,
      ),
      networks: [
        networkState(
          "<network><name>lan</name><uuid>d4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e</uuid><forward mode='bridge'/><bridge name='br0'/></network>",
        ),
      ],
      domains: [
        guest('web', [{ source: 'network=lan', tap: 'vnet0', mac: mac(1) }]),
        guest('direct', [{ source: 'dev=eno1', tap: 'macvtap0', mac: mac(2) }]),
      ],
    }),
  };
}

/** One bridge with more guests than fit on a line. */
function ofMany(): DrawnHost {
  const numbers = Array.from({ length: 24 }, (_, index) => index + 1);
  return {
    nat: noNat,
    state: stateWith({
      host: hostWith([
        link('eno1', { master: 'br0' }),
        bridge('br0'),
        ...numbers.map((number) => tap(`vnet${String(number)}`, 'br0', mac(number))),
      ]),
      domains: numbers.map((number) =>
        guest(`VM${String(number)}`, [{ source: 'bridge=br0', tap: `vnet${String(number)}`, mac: mac(number) }]),
      ),
    }),
  };
}

/** The first of two hosts that are joined by a cable with two VLANs; a third guest has an address of its own and a forwarded port. */
function ofHost1(): DrawnHost {
  const vlan = (id: number): readonly Link[] => [
    link(`eno1.${String(id)}`, {
      ...{ kind: 'vlan', parent: 'eno1', master: `brvlan-${String(id)}` },
      vlan: { id, protocol: '802.1Q' },
    }),
    bridge(`brvlan-${String(id)}`),
    tap(`vnet${String(id / 10 - 1)}`, `brvlan-${String(id)}`, mac(id)),
  ];
  const network = networkState(nat('default', 'virbr0', '192.168.122', "<forward mode='nat'/>"), {
    leases: [lease('192.168.122.50', mac(3))],
  });
  const target = { address: '192.168.122.50', port: 80, domain: 'VM3', subnet: '192.168.122.0/24', dev: 'virbr0' };
  const seen = (dev: string, address: string, ofMac: string): Neighbor => ({
    family: 'ipv4',
    dev,
    address,
    mac: ofMac,
    seen: 1,
  });
  return {
    nat: { forwards: [{ family: 'ipv4', protocol: 'tcp', listen: [], ports: [8080, 8080], target }], sources: [] },
    neighbors: [seen('brvlan-10', '192.168.100.10', mac(10)), seen('brvlan-20', '192.168.100.20', mac(20))],
    state: stateWith({
      host: hostWith(
        [
          link('eno0', { addresses: [ipv4('192.0.2.5', 24)] }),
          ...[link('eno1'), ...vlan(10), ...vlan(20)],
          ...[bridge('virbr0', { addresses: [ipv4('192.168.122.1', 24)] }), tap('vnet2', 'virbr0', mac(3))],
        ],
        [route('0.0.0.0/0', 'eno0', { gateway: '192.0.2.1' })],
      ),
      networks: [network],
      domains: [
        guest('VM1', [{ source: 'bridge=brvlan-10', tap: 'vnet0', mac: mac(10) }]),
        guest('VM2', [{ source: 'bridge=brvlan-20', tap: 'vnet1', mac: mac(20) }]),
        guest('VM3', [{ source: 'network=default', tap: 'vnet2', mac: mac(3) }]),
      ],
    }),
  };
}

/** Names that each format has to escape; libvirt takes all of them. */
function ofHostile(): DrawnHost {
  const name = `"]; x -> y; <b>&amp;|#9;\\"`;
  const markup = '</script><img src=x onerror=alert(1)><!--{{script}}$&';
  return {
    nat: noNat,
    state: stateWith({
      host: hostWith([bridge('br0'), tap('vnet0', 'br0', mac(1)), tap('vnet1', 'br0', mac(2))]),
      domains: [
        { ...guest('hostile', [{ source: 'bridge=br0', tap: 'vnet0', mac: mac(1) }]), name: `${name}\u001b[31m\u202e` },
        { ...guest('markup', [{ source: 'bridge=br0', tap: 'vnet1', mac: mac(2) }]), name: markup },
      ],
    }),
  };
}

const hosts = {
  default: ofDefault(),
  vlans: ofVlans(),
  broken: ofBroken(),
  gateway: ofGateway(),
  many: ofMany(),
  hostile: ofHostile(),
  host1: ofHost1(),
} as const satisfies Readonly<Record<string, DrawnHost>>;

export type HostName = keyof typeof hosts;

export const hostNames = Object.keys(hosts) as readonly HostName[];

/** @param change what is different */
export function drawn(name: HostName, change: Partial<State> = {}): Topology {
  const { state, nat, neighbors = [] }: DrawnHost = hosts[name];
  return topologyOf({ ...state, ...change }, { nat, neighbors, now });
}
