import { isIp, parseIp, type Ip } from './address.ts';
import { invalid, invalidWithHint, partOf, type Origin } from './invalid.ts';

/**
 * A domain or host name (RFC 1035, 2.3.4; RFC 1123, 2.1): labels of 1 to 63 letters, digits and inner dashes, 253 characters in
 * all. dnsmasq's configuration gets it as it stands, so that a space or line break in it would be an option of its own.
 */
export function parseDomainName(value: string, origin: Origin): string {
  const example = 'keen.example';
  if (value === '') throw invalid(origin, value, 'the name is missing', example);
  if (value.length > 253) {
    throw invalid(origin, value, `a domain name has at most 253 characters, this has ${value.length}`, example);
  }
  if (isIp(value)) throw invalid(origin, value, 'this is an address, not a name', example);
  const labels = value.split('.');
  if (labels.some((label) => label.length > 63)) {
    throw invalid(origin, value, 'a part between two dots has at most 63 characters', example);
  }
  if (labels.every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/.test(label))) return value;
  throw invalid(origin, value, 'a domain name has letters, digits and inner dashes between dots', example);
}

/**
 * The host name of a DHCP reservation: a domain name that starts with a letter, as libvirt demands; underscores inside are common
 * and dnsmasq takes them.
 */
export function parseHostName(value: string, origin: Origin): string {
  if (!/^[A-Za-z]/.test(value)) throw invalid(origin, value, 'a host name starts with a letter', 'vm1');
  parseDomainName(value.replaceAll(/(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])/g, '-'), origin);
  return value;
}

/** A name that the network's DNS answers, and its address. */
export interface DnsHost {
  readonly hostname: string;
  readonly ip: Ip;
}

/** `HOST=IP`. */
export function parseDnsHost(value: string, origin: Origin): DnsHost {
  const [host, address, ...more] = value.split('=');
  if (host === undefined || address === undefined || more.length > 0) {
    throw invalid(origin, value, 'a DNS entry is HOST=IP', 'vm1.keen.example=192.168.132.10');
  }
  const hostname = parseDomainName(host, partOf(origin, value, 'host name'));
  return { hostname, ip: parseIp(address, partOf(origin, value, 'address')) };
}

/** The address of a DNS server that queries are passed on to. */
export function parseForwarder(value: string, origin: Origin): Ip {
  const ip = parseIp(value, origin);
  if (ip.value === 0n) throw invalid(origin, value, 'this is not the address of a server', '192.168.1.1');
  return ip;
}

/** Parses text for dnsmasq's configuration that is not a name, such as a TXT value: one line of printable characters. */
export function requireOneLine(value: string, origin: Origin, what: string): void {
  if (!/\p{C}|\u2028|\u2029/u.test(value)) return;
  const reason = `${what} is one line without control characters`;
  throw invalidWithHint(origin, value, reason, 'a line break would start another option of dnsmasq: remove it');
}
