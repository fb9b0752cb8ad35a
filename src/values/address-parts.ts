import { KvmnetError } from '../errors.ts';
import { parseIp, width, type Ip } from './address.ts';
import { invalid, invalidWithHint, type Origin } from './invalid.ts';
import { parseNetmask, subnetOf, type Cidr } from './subnet.ts';

/** An address with its prefix or netmask, as libvirt's `<ip>` and `<route>` have it. */
export interface AddressParts {
  /** `ipv4` where it is absent. */
  readonly family?: string | undefined;
  readonly address?: string | undefined;
  readonly netmask?: string | undefined;
  readonly prefix?: number | undefined;
}

/**
 * Parses an address in parts, strictly: libvirt takes a missing or zero prefix for /8, and refuses a netmask
 * with holes only when the network starts.
 * @throws INPUT
 */
export function parseAddressParts({ family, address, netmask, prefix }: AddressParts, path: Origin): Cidr {
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
