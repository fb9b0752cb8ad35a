/** Hosts of fixtures/firewall: rules that libvirt 9.0, docker 20.10, ufw 0.36 and firewalld 1.3 have written, and a few networks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseIptablesSave } from '../../../src/firewall/iptables.ts';
import type { PacketHost } from '../../../src/firewall/journey.ts';
import { parseNftRuleset } from '../../../src/firewall/nftables.ts';
import type { Packet } from '../../../src/firewall/packet.ts';
import { combineTables, type Table } from '../../../src/firewall/ruleset.ts';
import { parseIp, sameIp } from '../../../src/values/address.ts';
import { contains, parseCidr } from '../../../src/values/subnet.ts';
import { root } from '../../helpers/host.ts';

export type HostName = 'libvirt' | 'docker' | 'ufw' | 'firewalld' | 'second-table';

export function tablesOf(name: HostName): readonly Table[] {
  const read = (file: string): string => readFileSync(join(root, 'fixtures/firewall', name, file), 'utf8');
  return combineTables(parseNftRuleset(read('nft.json')), [
    ...parseIptablesSave(read('iptables'), 'ip'),
    ...parseIptablesSave(read('ip6tables'), 'ip6'),
  ]);
}

/** eth0 leads outside, keenbr0 is a NAT network, virbr5 a routed one, br0 a bridge of the host. */
const addresses = [
  ['eth0', '192.0.2.1/24'],
  ['eth0', '2001:db8::1/64'],
  ['keenbr0', '192.168.132.1/24'],
  ['virbr5', '192.168.5.1/24'],
  ['virbr5', 'fd00:5::1/64'],
] as const;

const devices = addresses.map(([device, cidr]) => ({ device, ...parseCidr(cidr, 'address') }));

export function hostWith(tables: readonly Table[], differs: Partial<PacketHost> = {}): PacketHost {
  return {
    tables,
    isLocal: (address) => devices.some(({ ip }) => sameIp(ip, address)),
    deviceTo: (address) => devices.find(({ subnet }) => contains(subnet, address))?.device ?? 'eth0',
    forwarding: () => ({ name: 'net.ipv4.ip_forward', value: 1 }),
    reversePathFilter: (device) => ({ name: `net.ipv4.conf.${device}.rp_filter`, value: 0 }),
    bridgeCalls: () => undefined,
    ...differs,
  };
}

/** `192.0.2.9 > 192.168.132.10:80` over TCP, received by a device. */
export function packet(text: string, inDevice: string | undefined, more: Partial<Packet> = {}): Packet {
  const [source = '', target = ''] = text.split(' > ');
  const [, destination = target, port] = /^(.*[^:]):(\d+)$/.exec(target) ?? [];
  return {
    protocol: 'tcp',
    source: parseIp(source, 'source'),
    destination: parseIp(destination.replace(/[[\]]/g, ''), 'destination'),
    sourcePort: 40_000,
    ...(port === undefined ? {} : { destinationPort: Number(port) }),
    ...(inDevice === undefined ? {} : { inDevice }),
    states: ['new'],
    ...more,
  };
}
