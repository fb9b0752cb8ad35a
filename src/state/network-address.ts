import { KvmnetError } from '../errors.ts';
import type { Network } from '../xml/network.ts';
import { parseAddressParts, type AddressParts } from '../values/address-parts.ts';
import type { Cidr } from '../values/subnet.ts';

/** The addresses of a network that libvirt has accepted; what cannot be read is left out. */
export function addressesOf(network: Network): readonly Cidr[] {
  return network.ips.map(acceptedAddress).filter((cidr) => cidr !== undefined);
}

/** An address that libvirt has accepted, with its guess of a missing prefix; undefined where it cannot be read. */
export function acceptedAddress(ip: AddressParts): Cidr | undefined {
  const guessed = ip.netmask === undefined && !ip.prefix ? { ...ip, prefix: guessPrefix(ip.address) } : ip;
  try {
    return parseAddressParts(guessed, 'ip');
  } catch (unreadable) {
    if (unreadable instanceof KvmnetError) return undefined;
    throw unreadable;
  }
}

/** virSocketAddrGetIPPrefix: the class of an IPv4 address (RFC 791), /64 for IPv6. */
function guessPrefix(address: string | undefined): number {
  if (address?.includes(':') === true) return 64;
  const first = Number(address?.split('.')[0] ?? 0);
  if (first < 128) return 8;
  return first < 192 ? 16 : 24;
}

/** The smallest MTU with which IPv6 works (RFC 8200, 5), and below which many guests fail. */
export const leastIpv6Mtu = 1280;
