import { KvmnetError } from '../../errors.ts';
import type { State } from '../../state/state.ts';
import type { Network, NetworkInput } from '../../xml/network.ts';
import { freeIpv4Subnet, freeIpv6Subnet } from './free-subnet.ts';
import { isVirtual } from '../../state/network-kind.ts';
import { acceptedAddress } from '../../state/network-address.ts';
import { givenKind, requireNoAddressOptions, type NetworkOptions } from './options.ts';
import { formatIp, type Family, type Ip } from '../../values/address.ts';
import { invalidWithHint } from '../../values/invalid.ts';
import { formatReservation, type Reservation } from '../../values/reservation.ts';
import { formatSubnet, lastOf, usable, type Subnet } from '../../values/subnet.ts';
import {
  dhcpRanges,
  requireDhcpRange,
  requireDistinctRanges,
  requireGateway,
  requireReservable,
} from '../../values/usable-subnet.ts';

type IpInput = NonNullable<NetworkInput['ips']>[number];

/** The input for the addresses of a network. */
export interface AddressRequest {
  readonly options: NetworkOptions;
  /** The template's `<ip>` elements, where the template is of a kind that has them. */
  readonly base: Network | undefined;
  readonly state: State;
  /** The random 40 bits of `--ipv6 auto`, as ten hexadecimal digits. */
  readonly globalId: string;
}

/** The subnets that the options ask for; `drop` is `--isolated` without a CIDR, which takes the template's away. */
export interface WantedSubnets {
  readonly ipv4: Subnet | undefined;
  readonly ipv6: Subnet | undefined;
  readonly drop: boolean;
}

/** The subnets of KIND and `--ipv6`, usable, with `auto` chosen. */
export function wantedSubnets({ options, state, globalId }: AddressRequest): WantedSubnets {
  const kind = givenKind(options);
  const value = kind !== undefined && isVirtual(kind) ? options[kind] : undefined;
  const drop = value === true;
  const first = value === 'auto' ? freeIpv4Subnet(state) : drop ? undefined : value;
  const second = options.ipv6 === 'auto' ? freeIpv6Subnet(state, globalId) : options.ipv6;
  if (first?.family === 'ipv6' && second !== undefined) {
    throw new KvmnetError(
      'USAGE',
      `--${String(kind)} ${formatSubnet(first)} is IPv6 already: --ipv6 names a second one`,
      {
        hint: 'leave --ipv6 out',
      },
    );
  }
  const [ipv4, ipv6] = first?.family === 'ipv6' ? [undefined, first] : [first, second];
  return { ipv4, ipv6, drop };
}

/** The `<ip>` elements that the options request, and the template's elements that they leave. */
export function ipsFromOptions(request: AddressRequest, wanted: WantedSubnets): readonly IpInput[] {
  const ips = [...ipsOf('ipv4', request, wanted), ...ipsOf('ipv6', request, wanted)];
  if (ips.length === 0) requireNoAddressOptions(request.options);
  requireDistinct(request.options.reserve ?? []);
  const served = new Set<Family>();
  const made = ips.map((ip) => {
    const family = familyOf(ip);
    const isFirst = !served.has(family);
    served.add(family);
    return isFirst ? withSettings(ip, wanted[family], request) : ip;
  });
  requirePlace(request.options, served);
  return made;
}

/** Returns the elements of a family: the template's, or one in the requested subnet with the settings of the template's first, except its addresses. */
function ipsOf(family: Family, { base }: AddressRequest, wanted: WantedSubnets): readonly IpInput[] {
  const own: readonly IpInput[] = wanted.drop ? [] : (base?.ips ?? []).filter((ip) => familyOf(ip) === family);
  if (wanted[family] === undefined) return own;
  const [first] = own;
  const marked = family === 'ipv6' ? { family } : {};
  return [{ ...first, ...marked, ...(first?.dhcp === undefined ? {} : { dhcp: { ...first.dhcp, hosts: [] } }) }];
}

function familyOf(ip: IpInput): Family {
  return ip.family === 'ipv6' ? 'ipv6' : 'ipv4';
}

/** Reservations of different guests: an address, MAC, DUID or name in two of them would be followed by chance. */
function requireDistinct(reservations: readonly Reservation[]): void {
  const seen = new Set<string>();
  for (const reservation of reservations) {
    for (const [key, value] of Object.entries(hostOf(reservation))) {
      const identity = `${key} ${value.toLowerCase()}`;
      if (seen.has(identity)) {
        throw new KvmnetError(
          'CONFLICT',
          `--reserve ${formatReservation(reservation)}: ${value} has a reservation already`,
          { hint: 'reserve one address for one guest' },
        );
      }
      seen.add(identity);
    }
  }
}

/** The `<host>` of a reservation. */
function hostOf({ ip, ...client }: Reservation) {
  return { ...client, ip: formatIp(ip) };
}

function requirePlace({ gateway, dhcp = [], reserve = [] }: NetworkOptions, families: ReadonlySet<Family>): void {
  const misplaced = (ip: Ip, origin: string): KvmnetError =>
    invalidWithHint(
      origin,
      formatIp(ip),
      `the network has no ${ip.family === 'ipv4' ? 'IPv4' : 'IPv6'} subnet`,
      ip.family === 'ipv4' ? 'add one: --nat 192.168.132.0/24' : 'add one: --ipv6 auto',
    );
  if (gateway !== undefined && !families.has(gateway.family)) throw misplaced(gateway, '--gateway');
  for (const { start } of dhcp) if (!families.has(start.family)) throw misplaced(start, '--dhcp');
  for (const { ip } of reserve) if (!families.has(ip.family)) throw misplaced(ip, '--reserve');
}

/** Returns one `<ip>` with the settings of its family: of a new subnet, or changed by the options. */
function withSettings(ip: IpInput, subnet: Subnet | undefined, { options }: AddressRequest): IpInput {
  const old = subnet === undefined ? acceptedAddress(ip) : undefined;
  const place = subnet ?? old?.subnet;
  // An invalid address of a template stays unchanged: checkNetwork reports it.
  if (place === undefined) return ip;
  const chosen = options.gateway?.family === place.family ? options.gateway : undefined;
  if (chosen !== undefined) requireGateway(chosen, place, '--gateway');
  const gateway = chosen ?? old?.ip ?? usable(place).start;
  const address = subnet === undefined && chosen === undefined ? ip : { ...ip, ...addressOf(place, gateway) };
  const dhcp = dhcpOf(ip, { subnet: place, gateway, isNew: subnet !== undefined || chosen !== undefined }, options);
  return { ...address, dhcp };
}

/** `<ip address netmask>` for IPv4, as in libvirt's own default network; a prefix for IPv6. */
function addressOf(subnet: Subnet, gateway: Ip): IpInput {
  const address = formatIp(gateway);
  if (subnet.family === 'ipv6') return { family: 'ipv6', address, prefix: subnet.prefix };
  const netmask = formatIp({ family: 'ipv4', value: 0xffffffffn - (lastOf(subnet) - subnet.first) });
  return { address, netmask, prefix: undefined };
}

interface Place {
  readonly subnet: Subnet;
  readonly gateway: Ip;
  /** Whether the subnet or gateway is another than the template's. */
  readonly isNew: boolean;
}

function dhcpOf(ip: IpInput, { subnet, gateway, isNew }: Place, options: NetworkOptions): IpInput['dhcp'] {
  const { family } = subnet;
  const { dhcp = [], noDhcp = false, reserve = [], lease } = options;
  if (noDhcp) return undefined;
  const asked = dhcp.filter(({ start }) => start.family === family);
  for (const range of asked) requireDhcpRange(range, subnet, gateway, '--dhcp');
  requireDistinctRanges(asked, '--dhcp');
  const reserved = reserve.filter((each) => each.ip.family === family);
  for (const each of reserved) requireReservable(each.ip, subnet, gateway, '--reserve');
  const own = ip.dhcp?.ranges ?? [];
  const standard = family === 'ipv4' ? dhcpRanges(subnet, gateway) : [];
  const fresh = asked.length > 0 ? asked : isNew ? standard : undefined;
  if (family === 'ipv6' && isNew && asked.length === 0) requireAutoconfigured(subnet);
  const given = lease === undefined ? {} : { lease };
  const usual = { lease: lease ?? own[0]?.lease };
  const ranges = fresh?.map(({ start, end }) => ({ start: formatIp(start), end: formatIp(end), ...usual }));
  const all = {
    ...ip.dhcp,
    ranges: ranges ?? own.map((range) => ({ ...range, ...given })),
    hosts: [...(ip.dhcp?.hosts ?? []), ...reserved.map((each) => ({ ...hostOf(each), ...given }))],
  };
  return all.ranges.length + all.hosts.length === 0 && all.bootp === undefined ? undefined : all;
}

function requireAutoconfigured(subnet: Subnet): void {
  if (subnet.prefix === 64) return;
  const reason = 'guests configure themselves in a /64 only';
  throw invalidWithHint(
    '--ipv6',
    formatSubnet(subnet),
    reason,
    'use a /64, or give addresses out by --dhcp START-END, or --no-dhcp',
  );
}
