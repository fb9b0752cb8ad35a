/** Checks whether a network can reserve an address for a client, and whether another client has it. */
import { KvmnetError } from '../../errors.ts';
import { nicsByMac, reservationsOf, type DhcpHost } from '../../state/leases.ts';
import type { NetworkState, Seen } from '../../state/state.ts';
import type { Network } from '../../xml/network.ts';
import { acceptedAddress } from '../../state/network-address.ts';
import { holderOfEntry, holderOfLease, leasesInForce, type Holder } from './holder.ts';
import { formatIp, parseIp, type Ip } from '../../values/address.ts';
import { formatDuration } from '../../values/duration.ts';
import { show } from '../../values/invalid.ts';
import { contains, formatSubnet, lastOf, usable, type Cidr } from '../../values/subnet.ts';
import { quoted } from '../../values/quoted.ts';

const words = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

/**
 * Returns the index of the `<ip>` that an address belongs to, among all of the definition.
 * @throws INPUT outside the subnets, or on a network or broadcast address; CONFLICT on the gateway, or without DHCP
 */
export function placeOf(ip: Ip, definition: Network, { name }: NetworkState): number {
  const places = definition.ips.flatMap((entry, index) => {
    const cidr = acceptedAddress(entry);
    const serves = (entry.dhcp?.ranges.length ?? 0) + (entry.dhcp?.hosts.length ?? 0) > 0;
    return cidr?.ip.family === ip.family ? [{ index, cidr, serves }] : [];
  });
  const place = places.find(({ cidr }) => contains(cidr.subnet, ip));
  if (!place) throw outside(ip, places, name);
  requireHostAddress(ip, place.cidr, name);
  if (place.serves) return place.index;
  const server = places.find(({ serves }) => serves);
  throw server
    ? new KvmnetError(
        'CONFLICT',
        `network ${name} serves DHCP in ${formatSubnet(server.cidr.subnet)}, not in ${formatSubnet(place.cidr.subnet)}`,
        {
          hint: `for example ${formatIp(usable(server.cidr.subnet).end)}`,
        },
      )
    : new KvmnetError(
        'CONFLICT',
        `network ${name} serves no DHCP for ${words[ip.family]}, so ${formatIp(ip)} would never be assigned`,
        {
          hint: `kvmnet net set ${quoted(name)} --dhcp START-END enables it`,
        },
      );
}

function outside(ip: Ip, places: readonly { readonly cidr: Cidr }[], name: string): KvmnetError {
  const [first] = places;
  if (!first) {
    return new KvmnetError(
      'CONFLICT',
      `network ${name} has no ${words[ip.family]} subnet of its own to reserve ${formatIp(ip)} in`,
      {
        hint: 'its guests get their addresses from elsewhere: reserve it there; or see kvmnet net show',
      },
    );
  }
  const subnets = places.map(({ cidr }) => formatSubnet(cidr.subnet)).join(', ');
  return new KvmnetError('INPUT', `${formatIp(ip)} is outside network ${name}, which has ${subnets}`, {
    hint: `for example ${formatIp(usable(first.cidr.subnet).end)}`,
  });
}

function requireHostAddress(ip: Ip, { ip: gateway, subnet }: Cidr, name: string): void {
  const text = formatIp(ip);
  const hint = `for example ${formatIp(usable(subnet).end)}`;
  if (ip.value === gateway.value) {
    throw new KvmnetError('CONFLICT', `${text} is the gateway of network ${name}: the host's own address`, { hint });
  }
  if (ip.value === subnet.first) {
    const what = ip.family === 'ipv4' ? 'the network address' : 'the address of all routers';
    throw new KvmnetError('INPUT', `${text} is ${what} of network ${name}`, { hint });
  }
  if (ip.family === 'ipv4' && ip.value === lastOf(subnet)) {
    throw new KvmnetError('INPUT', `${text} is the broadcast address of network ${name}`, { hint });
  }
}

/** Whether an entry is of this client. */
export function isEntryOf({ mac, id, name }: DhcpHost, holder: Holder): boolean {
  if (holder.mac !== undefined) return mac?.toLowerCase() === holder.mac;
  if (holder.id !== undefined) return id?.toLowerCase() === holder.id;
  return (
    mac === undefined && id === undefined && name !== undefined && name.toLowerCase() === holder.name?.toLowerCase()
  );
}

/** Whether an entry keeps this address. */
export function keeps({ ip: text }: DhcpHost, ip: Ip): boolean {
  if (text === undefined) return false;
  try {
    const kept = parseIp(text, 'ip');
    return kept.family === ip.family && kept.value === ip.value;
  } catch {
    return false; // libvirt has accepted an unreadable address: it cannot be the same one.
  }
}

/** @throws CONFLICT where another client of the definition has the address, or the host name, reserved */
export function requireUnreserved(
  { ip, holder, host }: { readonly ip: Ip; readonly holder: Holder; readonly host: string | undefined },
  definition: Network,
  network: NetworkState,
  state: Seen<'domains'>,
): void {
  const others = reservationsOf(definition).filter((entry) => !isEntryOf(entry.host, holder));
  const taken = others.find((entry) => keeps(entry.host, ip));
  if (taken) {
    throw new KvmnetError(
      'CONFLICT',
      `${formatIp(ip)} of network ${network.name} is reserved for ${holderOfEntry(taken.host, network, state)}`,
      {
        hint: `choose another address, or release it first: kvmnet net release ${quoted(network.name)} ${formatIp(ip)}`,
      },
    );
  }
  const place = definition.ips.findIndex((entry) => acceptedAddress(entry)?.ip.family === ip.family);
  const sameHostName = others.find(
    (entry) =>
      host !== undefined && entry.parentIndex === place && entry.host.name?.toLowerCase() === host.toLowerCase(),
  );
  if (sameHostName) {
    throw new KvmnetError(
      'CONFLICT',
      `the host name ${show(host ?? '')} of network ${network.name} belongs to ${holderOfEntry(sameHostName.host, network, state)}, with ${sameHostName.host.ip ?? 'no address'}`,
      { hint: 'choose another host name' },
    );
  }
}

/**
 * Checks the leases of other clients: dnsmasq does not assign the address to its new holder before that lease has
 * ended. A stale lease without a guest will expire: with `replace` it is only a warning.
 * @returns the warnings
 * @throws CONFLICT naming the holder
 */
export function checkLease(
  {
    ip,
    holder,
    replace,
    now,
  }: { readonly ip: Ip; readonly holder: Holder; readonly replace: boolean; readonly now: number },
  network: NetworkState,
  state: Seen<'domains'>,
): readonly string[] {
  const lease = leasesInForce(network, now).find(({ address }) => keeps({ ip: address }, ip));
  if (!lease || isLeaseOf(lease, holder)) return [];
  const isStale = lease.mac !== undefined && !nicsByMac(state).has(lease.mac.toLowerCase());
  const end = lease.expires === 0 ? 'a lease without end' : `for another ${formatDuration(lease.expires - now)}`;
  const who = `${holderOfLease(lease, state)}${isStale ? ', which does not belong to any domain' : ''}`;
  const message = `${formatIp(ip)} of network ${network.name} is leased to ${who}, ${end}`;
  const client = holder.mac ?? holder.id ?? holder.name ?? '';
  const reserve = `kvmnet net reserve ${quoted(network.name)} ${quoted(client)} ${formatIp(ip)} --replace`;
  const release = `kvmnet net release ${quoted(network.name)} ${quoted(lease.mac ?? lease.address)}`;
  if (isStale && replace)
    return [`${message}: ${holder.label} gets it after that lease has ended; ${release} ends it now`];
  throw new KvmnetError('CONFLICT', message, {
    hint: isStale
      ? `${release} ends that lease; or ${reserve} reserves the address for the time after it`
      : `choose another address: kvmnet net leases ${quoted(network.name)} shows the addresses in use`,
  });
}

/** Whether a lease is of this client. */
export function isLeaseOf(
  {
    mac,
    clientId,
    hostname,
  }: { readonly mac: string | undefined; readonly clientId: string | undefined; readonly hostname: string | undefined },
  holder: Holder,
): boolean {
  if (holder.mac !== undefined) return mac?.toLowerCase() === holder.mac;
  if (holder.id !== undefined) return clientId?.toLowerCase() === holder.id;
  // The NIC is more informative than its host name.
  return hostname === holder.name || (holder.nic?.nic.mac !== undefined && mac === holder.nic.nic.mac);
}
