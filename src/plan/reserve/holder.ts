/** For whom an address is reserved: a domain's NIC, a MAC, a DUID or a host name. */
import { KvmnetError } from '../../errors.ts';
import { findDomain } from '../../state/find-domain.ts';
import { isInForce, nicsByMac, type DhcpHost, type NicOf } from '../../state/leases.ts';
import type { Lease } from '../../records/lease.ts';
import type { NetworkState, Seen } from '../../state/state.ts';
import { usersOf } from '../../state/network-user.ts';
import type { Family } from '../../values/address.ts';
import { parseHostName } from '../../values/dns.ts';
import { show } from '../../values/invalid.ts';
import { parseMac } from '../../values/mac.ts';
import { isDuid } from '../../values/reservation.ts';
import { quoted } from '../../values/quoted.ts';

/** How a reservation knows its client, and what people call it. */
export interface Holder {
  readonly mac: string | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  /** `VM1 (52:54:00:12:34:56)`. */
  readonly label: string;
  /** The NIC with that MAC, where a domain has one. */
  readonly nic: NicOf | undefined;
}

const macLike = /^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}$/i;

/** Returns whether a word is meant as a MAC address; parseMac then reports its mistakes. */
export function isMacLike(word: string): boolean {
  return macLike.test(word);
}

/** The MACs of the NICs that a domain has in a network, running or at its next boot. Throws NOTFOUND for an unknown domain. */
export function macsOfDomain(name: string, network: NetworkState, state: Seen<'domains'>): readonly string[] {
  const domain = findDomain(state, name);
  return usersOf(state, network)
    .filter((user) => user.domain === domain)
    .flatMap(({ mac }) => (mac === undefined ? [] : [mac]));
}

/**
 * The MAC that the user names, or the MAC of the only NIC of the named domain.
 * @throws NOTFOUND for an unknown domain, and for one without a NIC in the network; AMBIGUOUS where it has several
 */
function findMac(who: string, network: NetworkState, state: Seen<'domains'>): string {
  if (isMacLike(who)) return parseMac(who, 'MAC');
  const [mac, ...more] = macsOfDomain(who, network, state);
  if (mac === undefined) {
    throw new KvmnetError('NOTFOUND', `${show(who)} has no NIC in network ${network.name}`, {
      hint: `attach it first: kvmnet vm attach ${quoted(who)} ${quoted(network.name)}; or name a MAC instead of the domain`,
    });
  }
  if (more.length === 0) return mac;
  throw new KvmnetError(
    'AMBIGUOUS',
    `${who} has ${String(more.length + 1)} NICs in network ${network.name}: ${[mac, ...more].join(', ')}`,
    { hint: 'name the NIC by its MAC instead of the domain' },
  );
}

interface Request {
  readonly who: string;
  readonly family: Family;
  /** `--host`. */
  readonly host: string | undefined;
  readonly network: NetworkState;
  /** Seconds since the epoch. */
  readonly now: number;
}

/**
 * Finds the client for a VM, MAC or DUID. An IPv6 client is identified by the DUID of its lease, otherwise by the host name that it sends:
 * --host, or the domain's name.
 * @throws NOTFOUND, AMBIGUOUS, or INPUT for a client that IPv6 cannot identify
 */
export function findReservationHolder({ who, family, host, network, now }: Request, state: Seen<'domains'>): Holder {
  if (isDuid(who)) return ofDuid(who.toLowerCase(), family);
  const mac = findMac(who, network, state);
  const nic = nicsByMac(state).get(mac);
  const label = labelOf(mac, nic);
  if (family === 'ipv4') return { mac, id: undefined, name: undefined, label, nic };
  const id = leasesInForce(network, now).find((lease) => lease.family === 'ipv6' && lease.mac === mac)?.clientId;
  if (id !== undefined && isDuid(id)) return { mac: undefined, id: id.toLowerCase(), name: undefined, label, nic };
  return { mac: undefined, id: undefined, name: sentName(who, host, nic), label, nic };
}

function ofDuid(id: string, family: Family): Holder {
  if (family === 'ipv6') return { mac: undefined, id, name: undefined, label: id, nic: undefined };
  throw new KvmnetError('INPUT', `${id} is a DUID: IPv4 knows guests by MAC`, { hint: 'name the VM, or its MAC' });
}

function sentName(who: string, host: string | undefined, nic: NicOf | undefined): string {
  if (host !== undefined) return host;
  if (nic) return parseHostName(nic.domain.name, 'VM');
  throw new KvmnetError(
    'INPUT',
    `${who}: IPv6 knows guests by DUID or host name, and this one has no lease to learn it from`,
    {
      hint: 'give the name that the guest sends with its request by --host; or the DUID instead of the MAC',
    },
  );
}

export function leasesInForce({ leases }: NetworkState, now: number): readonly Lease[] {
  return (leases ?? []).filter((lease) => isInForce(lease, now));
}

function labelOf(mac: string, nic: NicOf | undefined): string {
  return nic ? `${nic.domain.name} (${mac})` : mac;
}

/** Who has a reservation, for messages. */
export function holderOfEntry({ mac, id, name }: DhcpHost, network: NetworkState, state: Seen<'domains'>): string {
  const known = mac ?? network.leases?.find((lease) => id !== undefined && lease.clientId?.toLowerCase() === id)?.mac;
  if (known !== undefined) return labelOf(known.toLowerCase(), nicsByMac(state).get(known.toLowerCase()));
  return id === undefined ? `the host name ${show(name ?? '')}` : `the DUID ${id}`;
}

/** Who has a lease, for messages. */
export function holderOfLease({ mac, hostname, clientId }: Lease, state: Seen<'domains'>): string {
  if (mac !== undefined) return labelOf(mac.toLowerCase(), nicsByMac(state).get(mac.toLowerCase()));
  return hostname === undefined ? `the client ${clientId ?? '?'}` : `the client ${show(hostname)}`;
}
