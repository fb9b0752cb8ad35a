import { describe, expect, it } from '@jest/globals';
import { examineFlow } from '../../../src/firewall/admission.ts';
import { follow, type Obstacle } from '../../../src/firewall/journey.ts';
import { formatPlace } from '../../../src/firewall/ruleset.ts';
import { hostWith, packet, tablesOf, type HostName } from './hosts.ts';

function told(obstacle: Obstacle | undefined): string {
  if (obstacle === undefined) return 'arrives';
  if (obstacle.kind === 'rule') return `${obstacle.outcome} by ${formatPlace(obstacle.place)}`;
  return obstacle.kind === 'sysctl' ? `${obstacle.setting.name}=${String(obstacle.setting.value)}` : 'no route';
}

const reject = '-j REJECT --reject-with icmp-port-unreachable';
const toGuest = packet('192.0.2.9 > 192.168.132.10:80', 'eth0');
const fromGuest = packet('192.168.132.10 > 192.0.2.9:443', 'keenbr0');
const toRouted = packet('192.0.2.9 > 192.168.5.10:80', 'eth0');
const across = packet('192.168.132.10 > 192.168.5.10:80', 'keenbr0');
const back = packet('192.168.5.10 > 192.168.132.10:80', 'virbr5');
const bridged = packet('198.51.100.1 > 198.51.100.2:80', 'br0', { outDevice: 'br0', inPort: 'vnet1', outPort: 'eth1' });

const rejectedByLibvirt = `rejected by iptables table ip filter, chain LIBVIRT_FWI, rule -o keenbr0 ${reject}`;

describe('the obstacle of a flow', () => {
  it.each<[HostName, string, typeof toGuest, string]>([
    ['libvirt', 'from outside to a NAT network', toGuest, rejectedByLibvirt],
    ['libvirt', 'from a NAT network to the outside', fromGuest, 'arrives'],
    ['libvirt', 'from outside to a routed network', toRouted, 'arrives'],
    ['libvirt', 'from a NAT network to a routed one', across, 'arrives'],
    ['libvirt', 'from a routed network to a NAT one', back, rejectedByLibvirt],
    ['docker', 'from outside to a NAT network', toGuest, rejectedByLibvirt],
    ['docker', 'from a NAT network to the outside', fromGuest, 'arrives'],
    ['ufw', 'from a NAT network to the outside', fromGuest, 'arrives'],
    [
      'firewalld',
      'from a NAT network to the outside',
      fromGuest,
      'rejected by nft table inet firewalld, chain filter_FWD_public',
    ],
    ['second-table', 'from a NAT network to the outside', fromGuest, 'arrives'],
    [
      'second-table',
      'from outside to port 80 of a routed network',
      packet('192.0.2.9 > 192.168.5.10:80', 'eth0'),
      'dropped by nft table inet guard, chain forward, policy drop',
    ],
    [
      'second-table',
      'from outside to port 8080 of a routed network',
      packet('192.0.2.9 > 192.168.5.10:8080', 'eth0'),
      'arrives',
    ],
    [
      'second-table',
      'from elsewhere to port 8080 of a routed network',
      packet('203.0.113.9 > 192.168.5.10:8080', 'eth0'),
      'dropped by nft table inet guard, chain forward, policy drop',
    ],
  ])('on the host %s, %s', (name, _, sent, expected) => {
    expect(told(examineFlow(sent, hostWith(tablesOf(name))).obstacle)).toContain(expected);
  });

  it('on a host with docker is the policy of FORWARD for frames of a bridge, if br_netfilter hands them to iptables', () => {
    const tables = tablesOf('docker');
    expect(told(examineFlow(bridged, hostWith(tables)).obstacle)).toBe('arrives');
    const calls = { bridgeCalls: () => ({ name: 'net.bridge.bridge-nf-call-iptables', value: 1 }) };
    const report = examineFlow(bridged, hostWith(tables, calls));
    expect(told(report.obstacle)).toBe('dropped by iptables table ip filter, chain FORWARD, policy drop');
    expect(report.admissions.map(({ command }) => command)).toEqual([
      'iptables -t filter -I DOCKER-USER 1 -i br0 -o br0 -d 198.51.100.2/32 -p tcp --dport 80 -j ACCEPT',
      'iptables -t filter -I DOCKER-USER 1 -i br0 -o br0 -s 198.51.100.2/32 -p tcp --sport 80 -m conntrack --ctstate ESTABLISHED -j ACCEPT',
    ]);
  });

  it('is a sysctl where no rule stops it', () => {
    const tables = tablesOf('libvirt');
    const off = { forwarding: () => ({ name: 'net.ipv4.ip_forward', value: 0 }) };
    expect(told(follow(fromGuest, hostWith(tables, off)).obstacle)).toBe('net.ipv4.ip_forward=0');
    const strict = { reversePathFilter: (device: string) => ({ name: `net.ipv4.conf.${device}.rp_filter`, value: 1 }) };
    const spoofed = packet('203.0.113.1 > 192.0.2.9:443', 'keenbr0');
    expect(told(follow(spoofed, hostWith(tables, strict)).obstacle)).toBe('net.ipv4.conf.keenbr0.rp_filter=1');
    expect(told(follow(fromGuest, hostWith(tables, strict)).obstacle)).toBe('arrives');
  });

  it('is the missing route', () => {
    const report = examineFlow(fromGuest, hostWith(tablesOf('libvirt'), { deviceTo: () => undefined }));
    expect(told(report.obstacle)).toBe('no route');
    expect(report.admissions).toEqual([]);
    expect(told(report.remaining)).toBe('no route');
  });
});

describe('the rules that admit a flow', () => {
  it('are put in front of the rule that stops it, in each table that stops it', () => {
    expect(examineFlow(toGuest, hostWith(tablesOf('libvirt'))).admissions.map(({ command }) => command)).toEqual([
      'iptables -t filter -I LIBVIRT_FWI 4 -i eth0 -o keenbr0 -d 192.168.132.10/32 -p tcp --dport 80 -j ACCEPT',
    ]);
    const both = examineFlow(toGuest, hostWith(tablesOf('second-table'))).admissions;
    expect(both.map(({ table }) => table.name)).toEqual(['filter', 'guard']);
    expect(both[1]?.command).toBe(
      'nft add rule inet guard forward iifname "eth0" oifname "keenbr0" ip daddr 192.168.132.10 tcp dport 80 accept',
    );
  });

  it.each<[HostName, string, typeof toGuest]>([
    ['libvirt', 'to a guest', toGuest],
    ['docker', 'to a guest', toGuest],
    ['ufw', 'to a guest', toGuest],
    ['firewalld', 'to a guest', toGuest],
    ['firewalld', 'from a guest', fromGuest],
    ['second-table', 'to a guest', toGuest],
    ['second-table', 'across', across],
    ['ufw', 'to the host', packet('192.0.2.9 > 192.0.2.1:8080', 'eth0')],
    ['firewalld', 'to the host', packet('192.0.2.9 > 192.0.2.1:8080', 'eth0')],
  ])('admit it: %s, %s', (name, _, sent) => {
    const report = examineFlow(sent, hostWith(tablesOf(name)));
    expect(report.obstacle).toBeDefined();
    expect(report.admissions).not.toEqual([]);
    expect(report.remaining).toBeUndefined();
  });

  it('are none where nothing stops it', () => {
    expect(examineFlow(fromGuest, hostWith(tablesOf('libvirt'))).admissions).toEqual([]);
  });
});
