/** Where a forward goes: the address of a guest, which a reservation keeps, or an address in a subnet that the host reaches. */
import { KvmnetError } from '../../errors.ts';
import type { ForwardTarget } from '../../records/nat.ts';
import { freeAddress } from '../../state/free-address.ts';
import { findDomain } from '../../state/find-domain.ts';
import { isInForce, isPluggedInto, nicsByMac, reservationsOf } from '../../state/leases.ts';
import { acceptedAddress } from '../../state/network-address.ts';
import { nicsOf } from '../../state/nics.ts';
import type { DomainState, NetworkState, Seen, WholeHost } from '../../state/state.ts';
import { formatIp, parseIp, sameIp, type Family, type Ip } from '../../values/address.ts';
import { show } from '../../values/invalid.ts';
import { quoted } from '../../values/quoted.ts';
import { contains, formatSubnet, parseSubnet, type Subnet } from '../../values/subnet.ts';
import { isDefaultRoute } from '../../values/route.ts';
import { planReserve, type ReservePlan } from '../reserve/reserve.ts';

export interface TargetRequest {
  readonly who: Ip | string;
  /** Undefined: IPv4 where the guest has it, or else IPv6. */
  readonly family: Family | undefined;
  /** Addresses that are in use besides libvirt's reservations and leases. */
  readonly inUse: readonly Ip[];
  /** Seconds since the epoch. */
  readonly now: number;
}

/** A target without its port. */
export type Place = Omit<ForwardTarget, 'port'>;

export interface FoundTarget {
  readonly place: Place;
  readonly family: Family;
  /** Gives the guest the address; undefined if it already has it, or if the address is not of a libvirt network. */
  readonly reservation: ReservePlan | undefined;
  /** When the guest gets the address, if it has another one now, or none. */
  readonly note?: string | undefined;
}

type Looked = Seen<'networks' | 'domains'>;

/**
 * @throws INPUT outside every subnet of the host; NOTFOUND for a guest that does not exist; AMBIGUOUS for a guest with several addresses; CONFLICT where the
 * guest has no address that could be kept, and for an address of the host itself
 */
export function findTarget(request: TargetRequest, state: Looked, host: WholeHost): FoundTarget {
  const { who } = request;
  return typeof who === 'string' ? ofGuest(who, request, state) : ofAddress(who, request, state, host);
}

/** A NIC of a guest in a network of libvirt's, and the subnet that it has its address in. */
interface Candidate {
  readonly mac: string;
  readonly network: NetworkState;
  readonly subnet: Subnet;
  readonly dev: string;
}

function ofGuest(name: string, { family, inUse, now }: TargetRequest, state: Looked): FoundTarget {
  const domain = findDomain(state, name, swappedHint(name));
  const all = candidatesOf(domain, state);
  const chosen = family ?? (all.some(({ subnet }) => subnet.family === 'ipv4') ? 'ipv4' : 'ipv6');
  const [candidate, ...others] = all.filter(({ subnet }) => subnet.family === chosen);
  if (candidate === undefined) throw withoutAddress(domain, family);
  if (others.length > 0) {
    const places = [candidate, ...others].map(({ network, mac }) => `${network.name} (${mac})`);
    throw new KvmnetError('AMBIGUOUS', `${name} has ${String(places.length)} addresses: in ${places.join(', ')}`, {
      hint: `name the address instead of the VM: kvmnet vm ip ${quoted(name)}`,
    });
  }
  const { network, mac } = candidate;
  const kept = reservedFor(mac, domain, candidate);
  const leased = leasedTo(mac, candidate, now);
  const ip = kept ?? leased ?? freeAddress(network, chosen, now, inUse);
  const reservation = kept ? undefined : planReserve({ network, who: mac, ip, now }, state);
  const place = {
    ...{ address: formatIp(ip), domain: domain.name, mac, network: network.name },
    ...(reservation ? { reserved: true as const } : {}),
    ...{ subnet: formatSubnet(candidate.subnet), dev: candidate.dev },
  };
  // A guest that has the address already keeps it.
  return { place, family: chosen, reservation, note: leased === undefined ? reservation?.note : undefined };
}

function candidatesOf(domain: DomainState, state: Looked): readonly Candidate[] {
  return nicsOf(domain).flatMap((nic) =>
    state.networks.flatMap((network) => {
      const dev = network.bridge;
      const mac = nic.mac?.toLowerCase();
      if (mac === undefined || dev === undefined || !isPluggedInto(nic, network)) return [];
      return network.network.ips.flatMap((entry): readonly Candidate[] => {
        const cidr = acceptedAddress(entry);
        return cidr === undefined ? [] : [{ mac, network, subnet: cidr.subnet, dev }];
      });
    }),
  );
}

function reservedFor(mac: string, domain: DomainState, { network, subnet }: Candidate): Ip | undefined {
  const hosts = reservationsOf(network.inactive ?? network.network).map(({ host }) => host);
  const isOwn = (host: (typeof hosts)[number]): boolean =>
    host.mac === undefined ? host.name === domain.name : host.mac.toLowerCase() === mac;
  return hosts
    .flatMap((host) => (host.ip !== undefined && isOwn(host) ? [parseIp(host.ip, 'ip')] : []))
    .find((ip) => contains(subnet, ip));
}

function leasedTo(mac: string, { network, subnet }: Candidate, now: number): Ip | undefined {
  return (network.leases ?? [])
    .filter((lease) => lease.mac?.toLowerCase() === mac && isInForce(lease, now))
    .map(({ address }) => parseIp(address, 'address'))
    .find((ip) => contains(subnet, ip));
}

function withoutAddress({ name }: DomainState, family: Family | undefined): KvmnetError {
  const kind = family === undefined ? '' : family === 'ipv4' ? 'IPv4 ' : 'IPv6 ';
  return new KvmnetError('CONFLICT', `${show(name)} has no NIC in a network with ${kind}addresses of libvirt's`, {
    hint: `name its address instead: kvmnet vm ip ${quoted(name)} shows the known ones`,
  });
}

/** `forward add VM1 8080`. */
function swappedHint(name: string): string | undefined {
  return /^\d+$/.test(name) ? `the port comes first: kvmnet forward add ${quoted(name)} VM` : undefined;
}

function ofAddress(ip: Ip, { family, now }: TargetRequest, state: Looked, host: WholeHost): FoundTarget {
  const address = formatIp(ip);
  if (family !== undefined && family !== ip.family) {
    throw new KvmnetError('INPUT', `${address} is not of the family that connections arrive by`, {
      hint: 'a forward does not change the family: name an address of the same one',
    });
  }
  const owner = host.links.find((link) => link.addresses.some((each) => sameIp(parseIp(each.address, 'address'), ip)));
  if (owner) {
    throw new KvmnetError('CONFLICT', `${address} is an address of this host, on ${owner.name}`, {
      hint: 'what runs on the host itself needs no forward',
    });
  }
  return { place: { address, ...placeOf(ip, state, host, now) }, family: ip.family, reservation: undefined };
}

function placeOf(ip: Ip, state: Looked, host: WholeHost, now: number): Omit<Place, 'address'> {
  for (const network of state.networks) {
    const subnet = network.network.ips.map(acceptedAddress).find((cidr) => cidr && contains(cidr.subnet, ip))?.subnet;
    if (subnet === undefined || network.bridge === undefined) continue;
    return {
      network: network.name,
      ...holderOf(ip, network, state, now),
      subnet: formatSubnet(subnet),
      dev: network.bridge,
    };
  }
  const [route] = host.routes
    .filter(
      (each) => each.table === 'main' && !isDefaultRoute(each) && each.dev !== undefined && each.type === undefined,
    )
    .filter(({ destination }) => contains(parseSubnet(destination, 'route'), ip))
    .toSorted((a, b) => parseSubnet(b.destination).prefix - parseSubnet(a.destination).prefix);
  if (route?.dev !== undefined) return { subnet: route.destination, dev: route.dev };
  throw new KvmnetError('INPUT', `${formatIp(ip)} is outside every network of this host`, {
    hint: 'name a VM, or an address that a route of the host leads to: kvmnet host show',
  });
}

/** The guest that has an address, for people: the forward keeps to the address. */
function holderOf(ip: Ip, network: NetworkState, state: Looked, now: number): Pick<Place, 'domain' | 'mac'> {
  const reserved = reservationsOf(network.network).find(({ host }) => host.ip === formatIp(ip))?.host.mac;
  const leased = network.leases?.find((lease) => lease.address === formatIp(ip) && isInForce(lease, now))?.mac;
  const mac = (reserved ?? leased)?.toLowerCase();
  const domain = mac === undefined ? undefined : nicsByMac(state).get(mac)?.domain.name;
  return mac === undefined || domain === undefined ? {} : { domain, mac };
}
