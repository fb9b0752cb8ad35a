/** Checks of the packet filter: whether the packets of guests pass it. */
import { admit } from '../../firewall/admission.ts';
import { answerTo, follow, type Journey, type Obstacle, type PacketHost } from '../../firewall/journey.ts';
import { packetHost } from '../../firewall/packet-host.ts';
import type { Packet } from '../../firewall/packet.ts';
import { formatPlace, type Condition } from '../../firewall/ruleset.ts';
import { bridgeMadeFor } from '../../state/membership.ts';
import { addressesOf } from '../../state/network-address.ts';
import { kindOf } from '../../state/network-kind.ts';
import { servesDhcp, servesDns } from '../../state/network-services.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { parseIp, sameIp, type Family, type Ip } from '../../values/address.ts';
import { usable, type Cidr } from '../../values/subnet.ts';
import { forwardingSetting } from '../../values/sysctl.ts';
import type { Network } from '../../xml/network.ts';
import { check, shell, type Check, type Complaint } from '../check.ts';
import type { Facts } from '../facts.ts';

/** The host without its sysctls, which have checks of their own: only rules stop a packet. */
function hostOf({ nat, host, kernel }: Pick<Facts, 'nat' | 'host' | 'kernel'>): PacketHost {
  const forwarding = { [forwardingSetting.ipv4]: '1', [forwardingSetting.ipv6]: '1' };
  const sysctls = { ...kernel.sysctls, ...forwarding };
  return packetHost({ tables: nat.tables, ...host, sysctls, reversePathFilters: {} });
}

type RuleObstacle = Extract<Obstacle, { readonly kind: 'rule' }>;

interface Blocked {
  readonly obstacle: RuleObstacle;
  readonly packet: Packet;
}

/** The first rule that stops a packet, or else its answer. */
function blockedBy(packet: Packet, host: PacketHost): Blocked | undefined {
  const request = follow(packet, host);
  const answer = request.obstacle === undefined ? follow(answerTo(request.packet), host) : undefined;
  return ruleOf(request) ?? (answer && ruleOf(answer));
}

function ruleOf({ obstacle, packet }: Journey): Blocked | undefined {
  return obstacle?.kind === 'rule' ? { obstacle, packet } : undefined;
}

/** Another address of the subnet than the host's. */
function guestOf({ ip, subnet }: Cidr): Ip {
  const { start, end } = usable(subnet);
  return sameIp(end, ip) ? start : end;
}

interface Subject {
  readonly network: NetworkState;
  readonly bridge: string;
  readonly cidr: Cidr;
}

/** Active networks that libvirt made a bridge for, by their addresses. */
function subjects({ networks }: State): readonly Subject[] {
  return networks.flatMap((network) => {
    const bridge = network.active ? bridgeMadeFor(network) : undefined;
    return bridge === undefined ? [] : addressesOf(network.network).map((cidr) => ({ network, bridge, cidr }));
  });
}

/** An address behind a default route: of RFC 5737 and RFC 3849, which no host has. */
const outside: Readonly<Record<Family, Ip>> = {
  ipv4: parseIp('198.51.100.77'),
  ipv6: parseIp('2001:db8:ffff::77'),
};

const onDevice = (on: 'inDevice' | 'outDevice', device: string): Condition => ({ on, names: [device] });

/** Rules for both directions: the first packet, and its answers. */
function passage({ obstacle }: Blocked, bridge: string): string {
  const answers: Condition = { on: 'state', names: ['established', 'related'] };
  const rules = [[onDevice('inDevice', bridge)], [onDevice('outDevice', bridge), answers]];
  // Each is inserted at the same place: the second one's number stays right, whichever comes first.
  return rules.map((conditions) => admit(obstacle.place, conditions).command).join(' && ');
}

const guestsBlocked = check({
  code: 'firewall-drops-guests',
  severity: 'error',
  title: 'The firewall drops what guests of a network send to the outside',
  explanation:
    "Each table of the packet filter has to accept a packet: libvirt's own rules do not help against a policy to drop in another table, such as a table of docker, ufw or a hand-written nftables.conf. The remedy accepts the packets of the network in that table, until its program loads its rules again: add the rule to its configuration.",
  example: 'iptables -t filter -I FORWARD 1 -i virbr0 -j ACCEPT',
  needs: ['libvirt', 'host', 'kernel', 'nat'],
  find: (facts) => {
    const host = hostOf(facts);
    return subjects(facts.libvirt).flatMap(({ network, bridge, cidr }): readonly Complaint[] => {
      if (!['nat', 'route', 'open'].includes(kindOf(network.network) ?? '')) return [];
      const { family } = cidr.ip;
      const packet = { protocol: 'tcp', source: guestOf(cidr), destination: outside[family], destinationPort: 443 };
      const blocked = blockedBy({ ...packet, sourcePort: 50_000, inDevice: bridge, states: ['new'] }, host);
      if (blocked === undefined) return [];
      const place = formatPlace(blocked.obstacle.place);
      return [
        {
          message: `network ${network.name}: ${place} stops what its guests send to the outside`,
          evidence: { network: network.name, device: bridge, rule: place },
          remedy: shell(passage(blocked, bridge)),
        },
      ];
    });
  },
});

/** A service of the host that guests need. */
function serviceCheck(
  name: string,
  port: number,
  serves: (network: Network) => boolean,
  text: Pick<Check, 'code' | 'title' | 'explanation'>,
): Check {
  return check({
    ...text,
    severity: 'error',
    example: `iptables -t filter -I INPUT 1 -i virbr0 -p udp --dport ${String(port)} -j ACCEPT`,
    needs: ['libvirt', 'host', 'kernel', 'nat'],
    find: (facts) => {
      const host = hostOf(facts);
      return subjects(facts.libvirt).flatMap(({ network, bridge, cidr }): readonly Complaint[] => {
        const { ip } = cidr;
        if (ip.family !== 'ipv4' || !serves(network.network)) return [];
        const packet = { protocol: 'udp', source: guestOf(cidr), destination: ip, destinationPort: port };
        const blocked = blockedBy({ ...packet, sourcePort: 50_000, inDevice: bridge, states: ['new'] }, host);
        if (blocked === undefined) return [];
        const place = formatPlace(blocked.obstacle.place);
        const isRequest = blocked.obstacle.hook !== 'output' && blocked.obstacle.hook !== 'postrouting';
        const conditions: readonly Condition[] = isRequest
          ? [
              onDevice('inDevice', bridge),
              { on: 'protocol', names: ['udp'] },
              { on: 'destinationPort', ranges: [[port, port]] },
            ]
          : [onDevice('outDevice', bridge)];
        return [
          {
            message: `network ${network.name}: ${place} stops the ${name} of its guests`,
            evidence: { network: network.name, device: bridge, rule: place },
            remedy: shell(admit(blocked.obstacle.place, conditions).command),
          },
        ];
      });
    },
  });
}

const dhcpBlocked = serviceCheck('DHCP requests', 67, servesDhcp, {
  code: 'firewall-drops-dhcp',
  title: 'The firewall drops the DHCP requests of guests',
  explanation:
    "Guests get no address: a table other than libvirt's drops what arrives at the host by the bridge. The remedy accepts the requests there, until the program of that table loads its rules again.",
});

const dnsBlocked = serviceCheck('DNS queries', 53, servesDns, {
  code: 'firewall-drops-dns',
  title: 'The firewall drops the DNS queries of guests',
  explanation:
    "Guests have an address and a route, but resolve no names: a table other than libvirt's drops what arrives at the host by the bridge. The remedy accepts the queries there, until the program of that table loads its rules again.",
});

const bridgedBlocked = check({
  code: 'firewall-drops-bridged',
  severity: 'error',
  title: 'The firewall drops packets between the ports of a bridge',
  explanation:
    'With net.bridge.bridge-nf-call-iptables=1, which docker and Kubernetes set, iptables sees packets between the guests of one bridge, although they are not routed, and a FORWARD chain that drops everything else stops them. Tables of nftables for bridges see them always.',
  example: 'sysctl -w net.bridge.bridge-nf-call-iptables=0',
  needs: ['host', 'kernel', 'nat'],
  find: (facts) => {
    const host = hostOf(facts);
    const { links } = facts.host;
    return links.flatMap(({ name, kind }): readonly Complaint[] => {
      const ports = links.filter(({ master, up }) => master === name && up);
      const guest = ports.find((port) => port.kind === 'tun') ?? ports[0];
      const other = ports.find((port) => port !== guest);
      if (kind !== 'bridge' || guest === undefined || other === undefined) return [];
      const blocked = blockedBy(bridgedPacket(name, guest.name, other.name), host);
      if (blocked === undefined) return [];
      const { place } = blocked.obstacle;
      const rule = formatPlace(place);
      const fromPorts = [guest.name, other.name].map((port) => admit(place, [onDevice('inDevice', port)]).command);
      return [
        {
          message: `bridge ${name}: ${rule} stops packets from ${guest.name} to ${other.name}`,
          evidence: { device: name, from: guest.name, to: other.name, rule },
          remedy:
            place.table.family === 'bridge'
              ? shell(...fromPorts)
              : shell('sysctl -w net.bridge.bridge-nf-call-iptables=0'),
        },
      ];
    });
  },
});

/** Addresses of RFC 5737, which no rule names. */
function bridgedPacket(bridge: string, inPort: string, outPort: string): Packet {
  const [source, destination] = [parseIp('192.0.2.1'), parseIp('192.0.2.2')];
  const ports = { sourcePort: 50_000, destinationPort: 443 };
  return {
    protocol: 'tcp',
    source,
    destination,
    ...ports,
    inDevice: bridge,
    outDevice: bridge,
    inPort,
    outPort,
    states: ['new'],
  };
}

export const firewallChecks: readonly Check[] = [guestsBlocked, dhcpBlocked, dnsBlocked, bridgedBlocked];
