import { parseIp, parseRange, width, type Ip, type Range } from '../values/address.ts';
import { lastOf, parseNetmask, subnetOf } from '../values/subnet.ts';

/** Returns the addresses of `10.0.0.1`, `10.0.0.1-10.0.0.9`, `10.0.0.0/8` or, as iptables prints odd masks, `10.0.0.0/255.0.0.0`. */
export function rangeOf(text: string): Range {
  if (text.includes('-')) return parseRange(text, 'address');
  const [address = '', mask] = text.split('/');
  const ip = parseIp(address, 'address');
  return subnetRange(ip, mask === undefined ? width[ip.family] : prefixOfMask(mask));
}

/** Returns the addresses of a subnet that an address is in. */
export function subnetRange(ip: Ip, prefix: number): Range {
  const { family } = ip;
  const subnet = subnetOf(ip, prefix);
  return { start: { family, value: subnet.first }, end: { family, value: lastOf(subnet) } };
}

function prefixOfMask(mask: string): number {
  return mask.includes('.') ? parseNetmask(mask, 'mask') : Number(mask);
}
