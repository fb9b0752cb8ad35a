import { KvmnetError } from '../errors.ts';
import type { Network } from '../xml/network.ts';
import { parseIp, width, type Ip } from '../values/address.ts';
import { invalid, invalidWithHint, type Origin } from '../values/invalid.ts';

import { parseNetmask, subnetOf, type Cidr } from '../values/subnet.ts';

/** An `<ip>` or `<route>`: an address with its prefix or netmask. */
type Addressed = Pick<Network['ips'][number], 'family' | 'address' | 'netmask' | 'prefix'>;

/**
 * The address and subnet of an `<ip>` or `<route>`, read strictly: libvirt takes a missing or zero prefix for /8, and refuses a netmask
 * with holes only when the network starts.
 * @throws INPUT
 */
export function readAddress({ family, address, netmask, prefix }: Addressed, path: Origin): Cidr {
  const origin = `${path}.address`;
  if (address === undefined || address === '') throw invalid(origin, '', 'the address is missing', '192.168.132.1');
  const ip = parseIp(address, origin);
  if ((family ?? 'ipv4') !== ip.family) {
    throw new KvmnetError('INPUT', `${origin} ${address}: family='${family ?? 'ipv4'}' does not fit the address`, {
      hint: `write family='${ip.family}'`,
    });
  }
  return { ip, subnet: subnetOf(ip, readPrefix(ip, netmask, prefix, path)) };
}

function readPrefix(ip: Ip, netmask: string | undefined, prefix: number | undefined, path: Origin): number {
  if (netmask !== undefined && prefix !== undefined) {
    throw invalidWithHint(`${path}.netmask`, netmask, `it has a prefix too, ${prefix}`, 'keep one of them');
  }
  if (netmask !== undefined) {
    if (ip.family === 'ipv6') throw invalid(`${path}.netmask`, netmask, 'IPv6 has prefixes', "prefix='64'");
    return parseNetmask(netmask, `${path}.netmask`);
  }
  const example = ip.family === 'ipv4' ? "prefix='24'" : "prefix='64'";
  if (prefix === undefined) throw invalid(`${path}.prefix`, '', 'libvirt would guess the missing prefix', example);
  if (prefix >= 1 && prefix <= width[ip.family]) return prefix;
  throw invalid(`${path}.prefix`, String(prefix), `a prefix is a number from 1 to ${width[ip.family]}`, example);
}

/** The addresses of a network that libvirt has accepted; what cannot be read is left out. */
export function addressesOf(network: Network): readonly Cidr[] {
  return network.ips.map(acceptedAddress).filter((cidr) => cidr !== undefined);
}

/** An address that libvirt has accepted, with its guess of a missing prefix; undefined where it cannot be read. */
export function acceptedAddress(ip: Addressed): Cidr | undefined {
  const guessed = ip.netmask === undefined && !ip.prefix ? { ...ip, prefix: guessPrefix(ip.address) } : ip;
  try {
    return readAddress(guessed, 'ip');
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
