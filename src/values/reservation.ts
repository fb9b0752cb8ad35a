import { formatIp, parseIp, type Ip } from './address.ts';
import { parseHostName } from './dns.ts';
import { invalid, partOf, type Origin } from './invalid.ts';
import { parseMac } from './mac.ts';

/** An address that DHCP keeps for one guest. IPv4 guests are known by MAC; IPv6 ones by DUID or host name. */
export interface Reservation {
  readonly mac?: string;
  readonly id?: string;
  readonly name?: string;
  readonly ip: Ip;
}

const example = '52:54:00:12:34:56=192.168.132.10,vm1';

/**
 * `MAC=IP[,HOST]` for IPv4; `DUID=IP[,HOST]` or `HOST=IP` for IPv6, where libvirt takes no MAC (formatnetwork, `<host>`).
 */
export function parseReservation(value: string, origin: Origin = 'reservation'): Reservation {
  const [who, target, ...more] = value.split('=');
  if (who === undefined || target === undefined || more.length > 0) {
    throw invalid(origin, value, 'a reservation is MAC=IP or MAC=IP,HOST', example);
  }
  const [address, host, ...rest] = target.split(',');
  if (address === undefined || rest.length > 0)
    throw invalid(origin, value, 'one host name may follow the address', example);
  const part = (name: string): Origin => partOf(origin, value, name);
  const ip = parseIp(address, part('address'));
  const name = host === undefined ? {} : { name: parseHostName(host, part('host name')) };
  if (ip.family === 'ipv4') return { mac: parseMac(who, part('MAC address')), ...name, ip };
  if (isDuid(who)) return { id: who.toLowerCase(), ...name, ip };
  if (who.includes(':') || host !== undefined) {
    throw invalid(origin, value, 'an IPv6 address is reserved for a DUID or a host name', 'vm1=fd00:1:2:3::10');
  }
  return { name: parseHostName(who, part('host name')), ip };
}

/** As parseReservation reads it. */
export function formatReservation({ mac, id, name, ip }: Reservation): string {
  const client = mac ?? id;
  const [who = '', ...host] = [client, name].filter((word) => word !== undefined);
  return [`${who}=${formatIp(ip)}`, ...host].join(',');
}

/**
 * A DHCPv6 identifier in one of the forms of RFC 8415, 11 (type 1 to 4 and at least three more bytes), colons between.
 */
export function isDuid(value: string): boolean {
  return value.length <= 390 && /^0{1,2}:0?[1-4](:[0-9a-f]{1,2}){5,}$/i.test(value);
}
