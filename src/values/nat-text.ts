/** Forwards and source NAT in words. */
import type { Forward, SourceNat } from '../records/nat.ts';
import { parseIp } from './address.ts';
import { formatArrival, formatEndpoint } from './forward.ts';

/** As `forward remove` takes it: `eth0:8080/tcp`. */
export function forwardText({ listen, dev, ports, protocol }: Forward): string {
  return formatArrival({ listen: listen.map((address) => parseIp(address, 'listen')), dev, ports, protocol });
}

/** `VM1 (192.168.132.10:80)`, `192.168.3.10:10080` */
export function targetText({ target }: Forward): string {
  const endpoint = formatEndpoint(target.address, target.port);
  return target.domain === undefined ? endpoint : `${target.domain} (${endpoint})`;
}

/** `192.168.10.0/24 leaves eth0 as 192.168.2.2` */
export function sourceText({ subnet, dev, to }: SourceNat): string {
  return `${subnet} leaves ${dev} as ${to ?? 'its address'}`;
}
