/** DHCP leases and reservations, and their holders. */
import ipaddr from 'ipaddr.js';
import type { Network } from '../xml/network.ts';
import { naturalOrder } from '../values/natural.ts';
import { definitionOf, nicsOf, type Nic } from './nics.ts';
import type { Lease } from '../records/lease.ts';
import type { DomainState, NetworkState, State } from './state.ts';

/** A reservation as the network's XML has it. */
export type DhcpHost = NonNullable<Network['ips'][number]['dhcp']>['hosts'][number];

export interface Reserved {
  /** Its `<ip>`'s place among all of the network: libvirt's parent index, which counts both families. */
  readonly parentIndex: number;
  readonly host: DhcpHost;
}

/** All reservations of a definition. */
export function reservationsOf(network: Network | undefined): readonly Reserved[] {
  return (network?.ips ?? []).flatMap(({ dhcp }, parentIndex) =>
    (dhcp?.hosts ?? []).map((host) => ({ parentIndex, host })),
  );
}

/** A NIC, and the domain that has it. */
export interface NicOf {
  readonly domain: DomainState;
  readonly nic: Nic;
}

/** The NICs of all domains by MAC, in lower case. Two may have the same MAC: the attached one comes first. */
export function nicsByMac({ domains }: Pick<State, 'domains'>): ReadonlyMap<string, NicOf> {
  const all = domains.flatMap((domain) => nicsOf(domain).map((nic) => ({ domain, nic })));
  const byMac = new Map<string, NicOf>();
  for (const each of [...all.filter(({ nic }) => nic.live), ...all]) {
    const mac = each.nic.mac?.toLowerCase();
    if (mac !== undefined && !byMac.has(mac)) byMac.set(mac, each);
  }
  return byMac;
}

/** libvirt lists what dnsmasq has not thrown away yet; a lease that expires at 0 never does. */
export function isInForce({ expires }: Pick<Lease, 'expires'>, now: number): boolean {
  return expires === 0 || expires > now;
}

/**
 * The state of a lease: `active`; `shut off`: of a domain that does not run; `moved`: of a NIC that is attached to another source
 * now; `stale`: no domain has a NIC with its MAC; `outside`: in a former subnet of the network; `expired`: dnsmasq has not removed it yet.
 */
export type LeaseStatus = 'active' | 'shut off' | 'moved' | 'stale' | 'outside' | 'expired';

/** A lease with all that is known of its holder; fields as in `--json`. */
export interface LeaseView {
  readonly network: string;
  readonly address: string;
  readonly family: 'ipv4' | 'ipv6';
  readonly mac: string | undefined;
  /** As the guest calls itself: text of others. */
  readonly hostname: string | undefined;
  readonly clientId: string | undefined;
  readonly domain: string | undefined;
  /** The NIC's index. */
  readonly nic: number | undefined;
  /** The device on the host, `vnet3`. */
  readonly interface: string | undefined;
  /** The address that is reserved for its holder: this one, or the one that it gets next. */
  readonly reserved: string | undefined;
  /** Seconds since the epoch; 0 for a lease without end. */
  readonly expires: number;
  readonly state: LeaseStatus;
}

/**
 * The leases of networks, joined with NICs and reservations, in the order of networks and addresses.
 * @param now seconds since the epoch
 */
export function leaseViews(
  networks: readonly NetworkState[],
  state: Pick<State, 'domains'>,
  now: number,
): readonly LeaseView[] {
  const nics = nicsByMac(state);
  return networks.flatMap((network) =>
    [...(network.leases ?? [])].sort(byAddress).map((lease): LeaseView => {
      const { address, family, mac, hostname, clientId, expires } = lease;
      const holder = mac === undefined ? undefined : nics.get(mac.toLowerCase());
      return {
        network: network.name,
        address,
        family,
        mac,
        hostname,
        clientId,
        domain: holder?.domain.name,
        nic: holder?.nic.index,
        interface: holder?.nic.live?.target?.dev,
        reserved: reservedFor(lease, network),
        expires,
        state: statusOf(lease, network, holder, now),
      };
    }),
  );
}

function statusOf(lease: Lease, network: NetworkState, holder: NicOf | undefined, now: number): LeaseStatus {
  if (!isInForce(lease, now)) return 'expired';
  if (!holder) return 'stale';
  if (!isPluggedInto(holder.nic, network)) return 'moved';
  if (!isInSubnetOf(lease, network)) return 'outside';
  return holder.nic.live ? 'active' : 'shut off';
}

/** dnsmasq keeps the leases of a network whose subnet was changed, until they end. */
function isInSubnetOf({ address }: Lease, { network: { ips } }: NetworkState): boolean {
  const ip = ipaddr.parse(address);
  return ips.some(({ address: own = '', netmask, prefix }) => {
    if (!ipaddr.isValid(own) || ipaddr.parse(own).kind() !== ip.kind()) return false;
    const length =
      prefix ??
      (netmask === undefined ? undefined : (ipaddr.IPv4.parse(netmask).prefixLengthFromSubnetMask() ?? undefined));
    return length === undefined || ip.match(ipaddr.parse(own), length);
  });
}

/** In the network by name, or by the bridge that is the network's. */
export function isPluggedInto(nic: Nic, { name, bridge }: NetworkState): boolean {
  const source = definitionOf(nic)?.source;
  return (
    source?.network === name || (bridge !== undefined && source?.network === undefined && source?.bridge === bridge)
  );
}

/** The address that the network keeps for the holder of a lease. */
function reservedFor(lease: Lease, { network }: NetworkState): string | undefined {
  const hosts = reservationsOf(network).map(({ host }) => host);
  return hosts.find((host) => isFamily(host, lease.family) && isHeldBy(host, lease))?.ip;
}

function isFamily({ ip }: DhcpHost, family: 'ipv4' | 'ipv6'): boolean {
  return ip?.includes(':') === (family === 'ipv6');
}

/** dnsmasq knows IPv4 clients by MAC, IPv6 ones by DUID, and all by the name that they send. */
export function isHeldBy(host: DhcpHost, lease: Pick<Lease, 'mac' | 'clientId' | 'hostname'>): boolean {
  if (host.mac !== undefined) return host.mac.toLowerCase() === lease.mac?.toLowerCase();
  if (host.id !== undefined) return host.id.toLowerCase() === lease.clientId?.toLowerCase();
  return host.name !== undefined && host.name === lease.hostname;
}

function byAddress(left: Lease, right: Lease): number {
  return left.family === right.family
    ? naturalOrder(left.address, right.address)
    : naturalOrder(left.family, right.family);
}
