/** The services that libvirt's dnsmasq gives a network, and the programs that hold its ports. */
import type { Listener } from '../records/listener.ts';
import { formatIp } from '../values/address.ts';
import type { Network } from '../xml/network.ts';
import { addressesOf } from './network-address.ts';

export function servesDns({ ips, dns }: Network): boolean {
  return ips.length > 0 && dns?.enable !== false;
}

export function servesDhcp({ ips }: Network): boolean {
  return ips.some(({ dhcp }) => dhcp !== undefined && dhcp.ranges.length + dhcp.hosts.length > 0);
}

type Socket = Pick<Listener, 'address' | 'device' | 'port' | 'process'>;

/** A socket on a port that dnsmasq needs. */
export interface PortHolder<Held extends Socket> {
  readonly socket: Held;
  /** `named (process 42)`, or `another program` where the process is unknown. */
  readonly program: string;
  /** The gateway of the network, or `every address`. */
  readonly place: string;
}

/** Returns who holds port 53 or 67 of a network's gateway, or of every address; undefined if no program does. */
export function findPortHolder<Held extends Socket>(
  network: Network,
  port: 53 | 67,
  sockets: readonly Held[],
): PortHolder<Held> | undefined {
  const gateways = addressesOf(network).map(({ ip }) => formatIp(ip));
  const socket = sockets.find(
    (each) =>
      each.port === port &&
      (each.device === undefined || each.device === network.bridge?.name) &&
      ['*', '::', '0.0.0.0', ...gateways].includes(each.address),
  );
  if (socket === undefined) return undefined;
  const { process, address } = socket;
  const program = process === undefined ? 'another program' : `${process.name} (process ${String(process.pid)})`;
  return { socket, program, place: gateways.includes(address) ? address : 'every address' };
}
