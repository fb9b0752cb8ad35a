/** Carrying what is in one subnet over to another: every address keeps its distance from the first one. */
import { KvmnetError } from '../../errors.ts';
import type { Network } from '../../xml/network.ts';
import { formatIp, parseIp, type Ip } from '../../values/address.ts';
import { contains, usable, type Subnet } from '../../values/subnet.ts';
import { dhcpRanges } from '../../values/usable-subnet.ts';

export interface Move {
  readonly from: Subnet;
  readonly to: Subnet;
}

type IpElement = Network['ips'][number];
type Range = NonNullable<IpElement['dhcp']>['ranges'][number];

/** An address where it is after the moves: unchanged outside the subnets, undefined where a smaller one has no place for it. */
export function movedAddress(text: string, moves: readonly Move[]): string | undefined {
  const ip = readIp(text);
  const move = moves.find(({ from }) => ip !== undefined && contains(from, ip));
  if (ip === undefined || move === undefined) return text;
  const moved = place(ip, move);
  return moved && formatIp(moved);
}

/**
 * An `<ip>` in its new subnet: the gateway, DHCP ranges and boot server at their places, or where they do not fit, at the places that net create
 * chooses. Reservations are left out.
 * @param gateway the address that it has now
 */
export function movedIp(ip: IpElement, gateway: Ip, move: Move): IpElement {
  const { from, to } = move;
  const host = place(gateway, move) ?? usable(to).start;
  const size = from.prefix === to.prefix ? {} : { netmask: undefined, prefix: to.prefix };
  return { ...ip, ...size, address: formatIp(host), dhcp: movedDhcp(ip.dhcp, host, move) };
}

function movedDhcp(dhcp: IpElement['dhcp'], gateway: Ip, move: Move): IpElement['dhcp'] {
  if (dhcp === undefined) return undefined;
  const ranges = dhcp.ranges.map((range) => movedRange(range, move));
  const fitting = ranges.every((range) => range !== undefined) ? ranges : standard(gateway, move.to, dhcp.ranges[0]);
  if (fitting.length === 0 && dhcp.bootp === undefined) return undefined;
  const { bootp } = dhcp;
  const server = bootp?.server === undefined ? undefined : (movedAddress(bootp.server, [move]) ?? bootp.server);
  return { ...dhcp, ranges: fitting, hosts: [], ...(bootp === undefined ? {} : { bootp: { ...bootp, server } }) };
}

function movedRange(range: Range, move: Move): Range | undefined {
  const [start, end] = [movedAddress(range.start, [move]), movedAddress(range.end, [move])];
  return start === undefined || end === undefined ? undefined : { ...range, start, end };
}

function standard(gateway: Ip, subnet: Subnet, first: Range | undefined): readonly Range[] {
  return dhcpRanges(subnet, gateway).map(({ start, end }) => ({
    ...(first?.lease === undefined ? {} : { lease: first.lease }),
    start: formatIp(start),
    end: formatIp(end),
  }));
}

/** The same distance from the first address; undefined where the new subnet gives that to no device. */
function place({ family, value }: Ip, { from, to }: Move): Ip | undefined {
  const moved = { family, value: value - from.first + to.first };
  const { start, end } = usable(to);
  return start.value <= moved.value && moved.value <= end.value ? moved : undefined;
}

/** libvirt accepts spellings that are not valid addresses for kvmnet: they stay unchanged. */
function readIp(text: string): Ip | undefined {
  try {
    return parseIp(text, 'address');
  } catch (unreadable) {
    if (unreadable instanceof KvmnetError) return undefined;
    throw unreadable;
  }
}
