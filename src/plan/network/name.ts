import type { Subnet } from '../../values/subnet.ts';

/**
 * Derives the name of a network from its subnet: `nat-192-168-132` for 192.168.132.0/24. A prefix that ends at a dot drops the zeros after it;
 * any other prefix is appended: `nat-10-1-2-64-26`. IPv6 likewise, at every 16 bits: `route-fd00-1-2-3`.
 */
export function subnetName(kind: string, subnet: Subnet): string {
  const { family, first, prefix } = subnet;
  const step = family === 'ipv4' ? 8 : 16;
  const count = family === 'ipv4' ? 4 : 8;
  const parts = Array.from({ length: count }, (_, index) => {
    const part = (first >> BigInt(step * (count - 1 - index))) & ((1n << BigInt(step)) - 1n);
    return part.toString(family === 'ipv4' ? 10 : 16);
  });
  const named = prefix % step === 0 ? parts.slice(0, prefix / step) : [...parts, String(prefix)];
  return [kind, ...named].join('-');
}

/** Derives the name of a network from its devices: `bridge-br0`, `macvtap-eno1-eno2`. */
export function deviceName(kind: string, devices: readonly string[]): string {
  return [kind, ...devices].join('-');
}
