/** Packets of a path, and what the host's rules and settings do with them. */
import type { Obstacle } from '../../firewall/journey.ts';
import type { Packet } from '../../firewall/packet.ts';
import { formatPlace } from '../../firewall/ruleset.ts';
import { formatIp, parseIp, type Family, type Ip } from '../../values/address.ts';
import { hop } from './hops.ts';
import type { Hop, PathRequest } from './path.ts';

/** The packets that a path is asked for. */
export interface Wanted {
  readonly family: Family;
  readonly port: PathRequest['port'];
  readonly source?: Ip | undefined;
  readonly destination?: Ip | undefined;
}

const unspecified = { ipv4: parseIp('0.0.0.0'), ipv6: parseIp('::') } as const;

/** The first packet of a flow: to a port, or ICMP's request for an echo. */
export function packetOf({ family, port, source, destination }: Wanted): Packet {
  return {
    protocol: port?.protocol ?? (family === 'ipv4' ? 'icmp' : 'icmpv6'),
    ...{ source: source ?? unspecified[family], destination: destination ?? unspecified[family], states: ['new'] },
    ...(port === undefined ? {} : { destinationPort: port.number }),
  };
}

/** `rejected by iptables table ip filter, chain LIBVIRT_FWI, rule …` as part of a sentence about packets. */
export function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'rule':
      return `packets are ${obstacle.outcome} by ${formatPlace(obstacle.place)}`;
    case 'sysctl':
      return `the host drops packets: ${obstacle.setting.name} is ${String(obstacle.setting.value)}`;
    case 'noRoute':
      return `the host has no route to ${formatIp(obstacle.to)}`;
  }
}

export function obstacleHop(obstacle: Obstacle): Hop {
  const problem = obstacleText(obstacle);
  switch (obstacle.kind) {
    case 'rule':
      return hop('firewall', formatPlace(obstacle.place), { problem });
    case 'sysctl':
      return hop('firewall', obstacle.setting.name, { problem });
    case 'noRoute':
      return hop('route', formatIp(obstacle.to), { problem });
  }
}
