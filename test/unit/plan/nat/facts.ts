/** A host with a NAT network, a bridge and a few guests, for plans of forwards. */
import type { Lease } from '../../../../src/records/lease.ts';
import type { ForwardFacts } from '../../../../src/firewall/nat-facts.ts';
import { noRules } from '../../../../src/firewall/nat.ts';
import { planForwardAdd, type ForwardPlan } from '../../../../src/plan/nat/forward.ts';
import { parseIp } from '../../../../src/values/address.ts';
import { parseArrival, parseTarget } from '../../../../src/values/forward.ts';
import { domainState, hostWith, ipv4, link, networkState, route, stateWith } from '../state.ts';

const now = 1_700_000_000;

const lease: Lease = {
  ...{ interface: 'virbr0', expires: now + 3600, family: 'ipv4', prefix: 24, hostname: undefined, clientId: undefined },
  ...{ mac: '52:54:00:00:00:01', address: '192.168.122.50' },
};

const network = (more = ''): string => `<network><name>default</name><uuid>c4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e</uuid>
  <forward mode='nat'/><bridge name='virbr0'/><ip address='192.168.122.1' netmask='255.255.255.0'><dhcp>
  <range start='192.168.122.2' end='192.168.122.254'/>${more}</dhcp></ip></network>`;

const nic = (mac: string, name = 'default'): string =>
  `<interface type='network'><mac address='${mac}'/><source network='${name}'/></interface>`;
const domain = (name: string, nics: string): string =>
  `<domain type='kvm'><name>${name}</name><uuid>${crypto.randomUUID()}</uuid><devices>${nics}</devices></domain>`;

export const facts: ForwardFacts = {
  rules: noRules,
  backend: 'iptables',
  tables: [],
  listeners: [{ protocol: 'tcp', address: '0.0.0.0', device: undefined, port: 22, process: { name: 'sshd', pid: 7 } }],
  inUse: [parseIp('192.168.122.2'), parseIp('192.168.122.3')],
  sysctls: {
    'net.ipv4.ip_forward': '1',
    'net.ipv6.conf.all.forwarding': '1',
    'net.ipv4.conf.virbr0.route_localnet': '0',
  },
  files: new Map(),
  templates: { hook: '#!/bin/sh\n', unit: '[Unit]\n' },
  isHookUnnoticed: false,
};

const host = hostWith(
  [
    link('lo', { addresses: [ipv4('127.0.0.1', 8)] }),
    link('eth0', { addresses: [ipv4('192.0.2.1', 24)] }),
    link('br3', { addresses: [ipv4('192.168.3.1', 24)] }),
    link('virbr0', { addresses: [ipv4('192.168.122.1', 24)] }),
  ],
  [
    route('0.0.0.0/0', 'eth0'),
    route('192.0.2.0/24', 'eth0'),
    route('192.168.3.0/24', 'br3'),
    route('2001:db8:3::/64', 'br3'),
    route('192.168.122.0/24', 'virbr0'),
  ],
);

export const state = stateWith({
  host,
  networks: [
    networkState(network(`<host mac='52:54:00:00:00:02' ip='192.168.122.77'/>`), { leases: [lease] }),
    networkState(
      `<network><name>lan</name><uuid>d4a1b9ab-2f9b-4cc5-8a58-9f6a4f8f8b0e</uuid><forward mode='bridge'/><bridge name='br0'/></network>`,
    ),
  ],
  domains: [
    domainState(domain('VM1', nic('52:54:00:00:00:01'))),
    domainState(domain('VM2', nic('52:54:00:00:00:02'))),
    domainState(domain('VM3', nic('52:54:00:00:00:03'))),
    domainState(domain('two', nic('52:54:00:00:00:04') + nic('52:54:00:00:00:05'))),
    domainState(domain('bridged', nic('52:54:00:00:00:06', 'lan'))),
  ],
});

/** The plan of `forward add PORT TARGET`. */
export function add(port: string, target: string, given: Partial<ForwardFacts> = {}, fix = false): ForwardPlan {
  const wanted = {
    arrival: parseArrival(port),
    target: parseTarget(target),
    protocols: ['tcp'],
    family: undefined,
  } as const;
  return planForwardAdd([wanted], { ...facts, ...given }, state, now, fix);
}
