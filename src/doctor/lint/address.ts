/** Addresses as configuration files have them: read strictly, for inet_aton(3) and others read 010 as 8. */
import ipaddr from 'ipaddr.js';
import type { ConfiguredAddress } from '../../config/device.ts';

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Undefined for an invalid address. A zone (`fe80::1%eth0`) is not part of an address. */
export function readIp(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

/** The prefix length of `24` or `255.255.255.0`; undefined for what is neither, or a netmask with holes. */
export function readPrefix(text: string, address: Address): number | undefined {
  const bits = address.kind() === 'ipv4' ? 32 : 128;
  if (/^\d{1,3}$/.test(text)) return Number(text) <= bits ? Number(text) : undefined;
  const mask = readIp(text);
  if (mask?.kind() !== address.kind()) return undefined;
  return mask.prefixLengthFromSubnetMask() ?? undefined;
}

/** An address with its subnet. */
export interface Subnet {
  readonly address: Address;
  readonly prefix: number;
}

/** Undefined if address or mask are wrong or missing, which other checks report. */
export function readSubnet({ address, mask }: ConfiguredAddress): Subnet | undefined {
  const ip = readIp(address.value);
  const prefix = ip && mask ? readPrefix(mask.value, ip) : undefined;
  return ip === undefined || prefix === undefined ? undefined : { address: ip, prefix };
}

/** `192.168.132.0/24` of any address in it. */
export function subnetText({ address, prefix }: Subnet): string {
  const network =
    address.kind() === 'ipv4'
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address.toString()}/${prefix}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${address.toString()}/${prefix}`);
  return `${network.toString()}/${prefix}`;
}

/** The broadcast address of an IPv4 subnet; undefined for one without. */
export function broadcastOf({ address, prefix }: Subnet): string | undefined {
  if (address.kind() !== 'ipv4' || prefix > 30) return undefined;
  return ipaddr.IPv4.broadcastAddressFromCIDR(`${address.toString()}/${prefix}`).toString();
}

export function contains({ address, prefix }: Subnet, ip: Address): boolean {
  return ip.kind() === address.kind() && ip.match(address, prefix);
}
