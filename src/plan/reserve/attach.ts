/** A plan that reserves an address for a new NIC, and attaches the NIC: the guest's first request already gets the address. */
import { KvmnetError } from '../../errors.ts';
import type { Neighbor } from '../../records/guest-address.ts';
import { freeAddress } from '../../state/free-address.ts';
import { reservationsOf } from '../../state/leases.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { formatIp, type Ip } from '../../values/address.ts';
import { show } from '../../values/invalid.ts';
import { quoted } from '../../values/quoted.ts';
import { planAttach, type AttachPlan, type AttachRequest } from '../nic/attach.ts';
import type { NicSource } from '../nic/source.ts';
import { keeps } from './check.ts';
import { planReserve } from './reserve.ts';
import { definitionsOf } from './step.ts';

export interface AddressRequest {
  /** `next`: a free one. */
  readonly ip: Ip | 'next';
  /** A host name for DNS, as parseHostName gives it. */
  readonly host: string | undefined;
  /** Addresses in use that libvirt does not know, for `next`. */
  readonly inUse: readonly Ip[];
  /** The neighbors of the host, for an address that the user names. */
  readonly neighbors?: readonly Neighbor[] | undefined;
  /** Seconds since the epoch. */
  readonly now: number;
}

export interface AttachWithAddressPlan extends AttachPlan {
  /** The reserved address. */
  readonly address: string;
}

/**
 * Attaches a NIC to a network of libvirt's, with a DHCP reservation of its MAC address.
 * @throws what planAttach and planReserve throw; INPUT for an IPv6 address; CONFLICT for another source than a network, and for a MAC address that
 * has another reservation
 */
export function planAttachWithAddress(
  request: AttachRequest,
  { ip: wanted, host, inUse, neighbors = [], now }: AddressRequest,
  state: State,
): AttachWithAddressPlan {
  const network = networkOf(request.source);
  if (wanted !== 'next') requireIpv4(wanted, network);
  const attach = planAttach(request, state);
  const ip = wanted === 'next' ? freeAddress(network, 'ipv4', now, inUse) : wanted;
  requireNoOther(attach.mac, ip, network);
  const reserve = planReserve({ network, who: attach.mac, ip, host, now }, state);
  return {
    ...attach,
    title: `${attach.title} with ${reserve.ip}`,
    steps: [...reserve.steps, ...attach.steps],
    warnings: [...reserve.warnings, ...neighborWarnings(ip, attach.mac, network, neighbors), ...attach.warnings],
    address: reserve.ip,
  };
}

/** The address may be another machine's, whose neighbor entry is static or not yet expired. */
function neighborWarnings(
  ip: Ip,
  mac: string,
  { network }: NetworkState,
  neighbors: readonly Neighbor[],
): readonly string[] {
  const address = formatIp(ip);
  return neighbors
    .filter((each) => each.address === address && each.dev === network.bridge?.name && each.mac !== mac)
    .map((each) => `${address} is also the address of a neighbor of this host: ${each.mac} on ${each.dev}`);
}

function networkOf(source: NicSource): NetworkState {
  if (source.type === 'network') return source.network;
  const what = source.type === 'bridge' ? 'a bridge' : 'a NIC';
  throw new KvmnetError('CONFLICT', `--ip: ${source.name} is ${what} of the host: libvirt serves no DHCP there`, {
    hint: 'leave out --ip, and reserve the address in the DHCP server of that network',
  });
}

/** An IPv6 guest is known by the DUID that it invents at its first request, or by a host name that only the guest can send. */
function requireIpv4(ip: Ip, { name }: NetworkState): void {
  if (ip.family === 'ipv4') return;
  const address = formatIp(ip);
  throw new KvmnetError(
    'INPUT',
    `--ip ${address}: DHCPv6 knows a guest by its DUID, which a new NIC does not have yet`,
    {
      hint: `attach it first; when it has a lease: kvmnet net reserve ${quoted(name)} VM ${quoted(address)}`,
    },
  );
}

/** A MAC address that the user names may have been another guest's. */
function requireNoOther(mac: string, ip: Ip, network: NetworkState): void {
  const other = definitionsOf(network)
    .flatMap((definition) => reservationsOf(definition.network))
    .find(({ host }) => host.mac?.toLowerCase() === mac && host.ip !== undefined && !keeps(host, ip));
  if (other === undefined) return;
  throw new KvmnetError(
    'CONFLICT',
    `${mac} has ${show(other.host.ip ?? '')} of network ${network.name} reserved already`,
    {
      hint: `release it first: kvmnet net release ${quoted(network.name)} ${quoted(mac)}; or choose another --mac`,
    },
  );
}
