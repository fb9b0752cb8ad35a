import { formatIp, formatRange, rangesOverlap, requireOrder, sameIp, type Ip, type Range } from './address.ts';
import { KvmnetError } from '../errors.ts';
import { invalid, invalidWithHint, type Origin } from './invalid.ts';
import { contains, formatSubnet, lastOf, overlap, parseSubnet, usable, within, type Subnet } from './subnet.ts';

function named(list: Readonly<Record<string, string>>): readonly { readonly subnet: Subnet; readonly use: string }[] {
  return Object.entries(list).map(([text, use]) => ({ subnet: parseSubnet(text, 'subnet'), use }));
}

/** IANA's special-purpose registries (RFC 6890): no guest may have an address there. libvirt takes most of them. */
const special = named({
  '0.0.0.0/8': 'addresses of "this network"',
  '127.0.0.0/8': 'loopback addresses',
  '169.254.0.0/16': 'link-local addresses (clouds serve their metadata there)',
  '224.0.0.0/4': 'multicast addresses',
  '240.0.0.0/4': 'reserved addresses',
  '::1/128': 'the loopback address',
  '::ffff:0:0/96': 'IPv4-mapped addresses',
  '::/8': 'reserved addresses',
  'fe80::/10': 'link-local addresses, which every interface already has',
  'fec0::/10': 'site-local addresses, given up in RFC 3879',
  'ff00::/8': 'multicast addresses',
});

/** Addresses without an owner on the Internet: RFC 1918, 6598, 2544 and 5737; unique local and documentation addresses. */
const local = named({
  '10.0.0.0/8': 'private',
  '172.16.0.0/12': 'private',
  '192.168.0.0/16': 'private',
  '100.64.0.0/10': 'shared by carriers',
  '198.18.0.0/15': 'for benchmarks',
  '192.0.2.0/24': 'for documentation',
  '198.51.100.0/24': 'for documentation',
  '203.0.113.0/24': 'for documentation',
  'fc00::/7': 'unique local',
  '2001:db8::/32': 'for documentation',
});

const unicast = parseSubnet('2000::/3', 'subnet');

/** Unique local addresses (RFC 4193), which the Internet does not route. */
export const uniqueLocal = parseSubnet('fc00::/7', 'subnet');

/** Returns whether these addresses have an owner on the Internet. */
export function isPublic(subnet: Subnet): boolean {
  return !local.some((each) => within(subnet, each.subnet));
}

/** Refuses a subnet that guests cannot live in: special addresses, or too large or small. */
export function requireUsableSubnet(subnet: Subnet, origin: Origin): void {
  const text = formatSubnet(subnet);
  const example = subnet.family === 'ipv4' ? '192.168.132.0/24' : 'fd00:1:2:3::/64';
  const [least, most] = subnet.family === 'ipv4' ? [8, 30] : [16, 126];
  if (subnet.prefix < least) throw invalid(origin, text, `the largest subnet is a /${least}`, example);
  if (subnet.prefix > most) throw invalid(origin, text, `no guest fits in: the smallest subnet is a /${most}`, example);
  const taken = special.find((each) => overlap(each.subnet, subnet));
  if (taken !== undefined) {
    throw invalid(origin, text, `${formatSubnet(taken.subnet)} are ${taken.use}`.replace('are the', 'is the'), example);
  }
  if (subnet.family === 'ipv6' && !within(subnet, unicast) && !within(subnet, uniqueLocal)) {
    throw invalid(origin, text, 'these addresses are reserved', example);
  }
}

/** Parses a subnet that guests can live in. */
export function parseUsableSubnet(value: string, origin: Origin, example?: string): Subnet {
  const subnet = parseSubnet(value, origin, example);
  requireUsableSubnet(subnet, origin);
  return subnet;
}

/** Refuses a gateway outside its subnet, or on the network or broadcast address. */
export function requireGateway(gateway: Ip, subnet: Subnet, origin: Origin): void {
  const text = formatIp(gateway);
  const example = formatIp(usable(subnet).start);
  if (!contains(subnet, gateway)) throw invalid(origin, text, `it is not in ${formatSubnet(subnet)}`, example);
  requireHostAddress(gateway, subnet, origin, example);
}

/** Refuses a DHCP range that is reversed, leaves its subnet, or is larger than libvirt takes. */
export function requireDhcpRange(range: Range, subnet: Subnet, gateway: Ip | undefined, origin: Origin): void {
  requireOrder(range, origin);
  const text = formatRange(range);
  const example = formatRange(dhcpRanges(subnet, gateway)[0] ?? usable(subnet));
  if (!contains(subnet, range.start) || !contains(subnet, range.end)) {
    throw invalid(origin, text, `it leaves the subnet ${formatSubnet(subnet)}`, example);
  }
  for (const end of [range.start, range.end]) requireHostAddress(end, subnet, origin, example, text);
  if (range.start.value >> 16n !== range.end.value >> 16n) {
    throw invalid(
      origin,
      text,
      'libvirt takes at most 65,535 addresses, which differ in the last 16 bits only',
      example,
    );
  }
}

/** Refuses ranges that share addresses. */
export function requireDistinctRanges(ranges: readonly Range[], origin: Origin): void {
  for (const [index, range] of ranges.entries()) {
    const other = ranges.slice(0, index).find((earlier) => rangesOverlap(earlier, range));
    if (other === undefined) continue;
    const reason = `it overlaps the DHCP range ${formatRange(other)}`;
    throw invalidWithHint(origin, formatRange(range), reason, 'make one range of them');
  }
}

/** Refuses a reservation that no DHCP server could keep. */
export function requireReservable(ip: Ip, subnet: Subnet, gateway: Ip | undefined, origin: Origin): void {
  const text = formatIp(ip);
  const example = formatIp(usable(subnet).end);
  if (!contains(subnet, ip))
    throw invalid(origin, text, `the reserved address is not in ${formatSubnet(subnet)}`, example);
  requireHostAddress(ip, subnet, origin, example);
  if (gateway !== undefined && sameIp(ip, gateway)) {
    throw new KvmnetError('CONFLICT', `${origin} ${text}: this is the gateway, the host's own address`, {
      hint: `reserve another address of ${formatSubnet(subnet)}`,
    });
  }
}

/**
 * Returns the default DHCP range: all usable addresses except the gateway, as in libvirt's own default network;
 * of large subnets, those in the gateway's last 16 bits, since libvirt takes no longer range.
 */
export function dhcpRanges(subnet: Subnet, gateway: Ip | undefined): readonly Range[] {
  const { family } = subnet;
  const all = usable(subnet);
  const block = ((gateway ?? all.start).value >> 16n) << 16n;
  const first = all.start.value > block ? all.start.value : block + 1n;
  const last = all.end.value < block + 65_534n ? all.end.value : block + 65_534n;
  const range = (start: bigint, end: bigint): Range => ({
    start: { family, value: start },
    end: { family, value: end },
  });
  const pieces =
    gateway === undefined ? [range(first, last)] : [range(first, gateway.value - 1n), range(gateway.value + 1n, last)];
  return pieces.filter(({ start, end }) => start.value <= end.value);
}

function requireHostAddress(ip: Ip, subnet: Subnet, origin: Origin, example: string, text = formatIp(ip)): void {
  const network = formatSubnet(subnet);
  if (subnet.family === 'ipv6') {
    if (ip.value === subnet.first)
      throw invalid(origin, text, `${formatIp(ip)} means all routers of ${network}`, example);
    return;
  }
  if (ip.value === subnet.first)
    throw invalid(origin, text, `${formatIp(ip)} is the network address of ${network}`, example);
  if (ip.value === lastOf(subnet)) {
    throw invalid(origin, text, `${formatIp(ip)} is the broadcast address of ${network}`, example);
  }
}
