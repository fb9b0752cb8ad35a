/** Addresses that the host itself is to have. */
import { KvmnetError } from '../errors.ts';
import type { Address } from '../records/link.ts';
import { formatIp, width, type Ip } from './address.ts';
import { invalid } from './invalid.ts';
import { formatSubnet, lastOf, parseCidr, subnetOf, type Subnet } from './subnet.ts';
import { requireUsableSubnet } from './usable-subnet.ts';

const example = '192.168.10.1/24';

/**
 * `192.168.10.1/24`: an address with the prefix of its subnet.
 * @throws INPUT for a network or broadcast address, and for addresses that no host may have
 */
export function parseHostAddress(value: string, origin = '--address'): Address {
  if (value === 'dhcp') throw dhcpRefusal(origin);
  const { ip, subnet } = parseCidr(value, origin, example);
  const { family, prefix } = subnet;
  // Of a subnet of two addresses or one, as between routers, each may be had (RFC 3021, RFC 6164).
  const maxPrefix = width[family] - 2;
  requireUsableSubnet(subnetOf(ip, Math.min(prefix, maxPrefix)), origin);
  if (prefix <= maxPrefix) requireHostPart(ip, subnet, value, origin);
  const address = { family, address: formatIp(ip), prefix };
  return family === 'ipv4' && prefix <= maxPrefix
    ? { ...address, broadcast: formatIp({ family, value: lastOf(subnet) }) }
    : address;
}

/** Neither the subnet's own address, which of IPv6 is all its routers' (RFC 4291, 2.6.1), nor the broadcast address. */
function requireHostPart(ip: Ip, subnet: Subnet, value: string, origin: string): void {
  const { family, first, prefix } = subnet;
  const meant = `${formatIp({ family, value: first + 1n })}/${String(prefix)}`;
  if (ip.value === first) throw invalid(origin, value, `${formatIp(ip)} is the address of the subnet itself`, meant);
  if (family === 'ipv4' && ip.value === lastOf(subnet)) {
    throw invalid(origin, value, `${formatIp(ip)} is the broadcast address of ${formatSubnet(subnet)}`, meant);
  }
}

/** An address of DHCP needs a client. */
export function dhcpRefusal(origin: string): KvmnetError {
  return new KvmnetError('INPUT', `${origin} dhcp: kvmnet runs no DHCP client, and the kernel has none`, {
    hint: `name the address: ${origin} ${example}; or have the host's own network manager ask for one: --persist`,
  });
}

/** The ends of the cable to a temporary namespace that is outside of the host, in subnets for tests: RFC 2544 and RFC 5180. */
export const outsideCable = {
  ipv4: { host: '198.18.255.253', outside: '198.18.255.254', prefix: 30 },
  ipv6: { host: '2001:2:0:ffff::1', outside: '2001:2:0:ffff::2', prefix: 126 },
} as const;
