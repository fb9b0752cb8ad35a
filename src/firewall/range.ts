import { parseIp, width, type Range } from '../values/address.ts';
import { lastOf, parseNetmask, subnetOf } from '../values/subnet.ts';

/** Returns the addresses of `10.0.0.1`, `10.0.0.0/8` or, as iptables prints odd masks, `10.0.0.0/255.0.0.0`. */
export function rangeOf(text: string): Range {
  const [address = '', mask] = text.split('/');
  const ip = parseIp(address, 'address');
  return subnetRange(address, mask === undefined ? width[ip.family] : prefixOfMask(mask));
}

/** Returns the addresses of a subnet that an address is in. */
export function subnetRange(address: string, prefix: number): Range {
  const ip = parseIp(address, 'address');
  const subnet = subnetOf(ip, prefix);
  return { start: { family: ip.family, value: subnet.first }, end: { family: ip.family, value: lastOf(subnet) } };
}

function prefixOfMask(mask: string): number {
  return mask.includes('.') ? parseNetmask(mask, 'mask') : Number(mask);
}
