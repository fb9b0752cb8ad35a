import type { Network } from '../../../xml/network.ts';
import type { Report } from '../../finding.ts';
import { formatIp, inRange, parseIp, type Range } from '../../../values/address.ts';
import { parseHostName, requireOneLine } from '../../../values/dns.ts';
import { show } from '../../../values/invalid.ts';
import { leaseSeconds, secondsOfUnit } from '../../../values/number.ts';
import { isDuid } from '../../../values/reservation.ts';
import { contains, type Cidr } from '../../../values/subnet.ts';
import { requireDhcpRange, requireDistinctRanges, requireReservable } from '../../../values/usable-subnet.ts';
import { hasRelease, needs } from '../../../state/libvirt-version.ts';
import { checkMac } from './device.ts';
import type { Check, Subject } from './subject.ts';

type Dhcp = NonNullable<Network['ips'][number]['dhcp']>;
type Host = Dhcp['hosts'][number];
type Lease = Host['lease'];

/** DHCP: ranges, reservations, leases and network boot of every `<ip>`; and no more than one DHCP of a family. */
export const checkDhcp: Check = (subject, report) => {
  const served = new Set<string>();
  for (const [index, { dhcp, tftp, family }] of subject.network.ips.entries()) {
    const path = `ip[${index}]`;
    if (tftp !== undefined) checkTftpRoot(tftp.root ?? '', `${path}.tftp.root`, report);
    if (dhcp === undefined) continue;
    if (dhcp.ranges.length + dhcp.hosts.length > 0) {
      const name = family ?? 'ipv4';
      if (served.has(name)) {
        report.error('INPUT', `${path}.dhcp`, `${path}.dhcp: libvirt serves one ${name} subnet a network`, 'drop one');
      }
      served.add(name);
    }
    checkSection(subject, subject.addresses.get(index), dhcp, `${path}.dhcp`, report);
  }
};

function checkSection(subject: Subject, cidr: Cidr | undefined, dhcp: Dhcp, path: string, report: Report): void {
  checkRanges(cidr, dhcp, path, report);
  checkHosts(cidr, dhcp.hosts, path, report);
  const leases: readonly (readonly [string, Lease])[] = [
    ...dhcp.ranges.map(({ lease }, index) => [`${path}.range[${index}].lease`, lease] as const),
    ...dhcp.hosts.map(({ lease }, index) => [`${path}.host[${index}].lease`, lease] as const),
  ];
  for (const [place, lease] of leases) if (lease !== undefined) checkLease(lease, place, subject, report);
  const { file, server } = dhcp.bootp ?? {};
  if (file !== undefined)
    report.attempt(`${path}.bootp.file`, () => requireOneLine(file, `${path}.bootp.file`, 'a file name'));
  if (server !== undefined) report.attempt(`${path}.bootp.server`, () => parseIp(server, `${path}.bootp.server`));
  const slaac = cidr?.ip.family === 'ipv6' && dhcp.ranges.length + dhcp.hosts.length > 0;
  if (slaac && cidr.subnet.prefix < 64) {
    report.error(
      'INPUT',
      path,
      `${path}: dnsmasq serves DHCPv6 in prefixes of /64 and longer, not /${cidr.subnet.prefix}`,
      'use a /64',
    );
  }
}

function checkRanges(cidr: Cidr | undefined, { ranges }: Dhcp, path: string, report: Report): void {
  const valid: Range[] = [];
  for (const [index, { start, end }] of ranges.entries()) {
    const place = `${path}.range[${index}]`;
    report.attempt(place, () => {
      const range = { start: parseIp(start, `${place}.start`), end: parseIp(end, `${place}.end`) };
      if (cidr !== undefined) requireDhcpRange(range, cidr.subnet, cidr.ip, place);
      requireDistinctRanges([...valid, range], place);
      if (cidr !== undefined && inRange(range, cidr.ip)) {
        const message = `${place}: it holds the gateway ${formatIp(cidr.ip)}, which dnsmasq leaves out`;
        report.warn('INPUT', place, message, 'start the range after the gateway');
      }
      valid.push(range);
    });
  }
}

function checkHosts(cidr: Cidr | undefined, hosts: readonly Host[], path: string, report: Report): void {
  const holders = new Map<string, string>();
  for (const [index, host] of hosts.entries()) {
    const place = `${path}.host[${index}]`;
    checkHost(cidr, host, place, report);
    for (const [key, value] of identities(host)) {
      const holder = holders.get(`${key} ${value}`);
      if (holder === undefined) holders.set(`${key} ${value}`, place);
      else twice(`${place}.${key}`, value, holder);
    }
  }

  function twice(path: string, value: string, holder: string): void {
    report.error('CONFLICT', path, `${path} ${show(value)}: ${holder} already has it`, 'leave one of them out');
  }
}

/** Values that only one host may have: dnsmasq would silently follow one of two entries. */
function identities({ mac, id, name, ip }: Host): readonly (readonly [string, string])[] {
  const canonical = ip === undefined ? undefined : tryFormat(ip);
  const all = { mac: mac?.toLowerCase(), id: id?.toLowerCase(), name: name?.toLowerCase(), ip: canonical };
  return Object.entries(all).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]));
}

function tryFormat(ip: string): string {
  try {
    return formatIp(parseIp(ip, 'ip'));
  } catch {
    return ip;
  }
}

function checkHost(cidr: Cidr | undefined, { mac, id, name, ip }: Host, place: string, report: Report): void {
  const family = cidr?.ip.family;
  if (mac !== undefined) checkMac(mac, `${place}.mac`, report);
  if (mac !== undefined && family === 'ipv6') {
    const message = `${place}.mac ${mac}: IPv6 knows guests by DUID or name, not by MAC`;
    report.error('INPUT', `${place}.mac`, message, "for example name='vm1'");
  }
  if (id !== undefined && (!isDuid(id) || family === 'ipv4')) {
    const reason = family === 'ipv4' ? 'IPv4 knows guests by MAC, not by DUID' : 'this is not a DUID';
    report.error('INPUT', `${place}.id`, `${place}.id ${show(id)}: ${reason}`, "for example id='00:04:…' of the guest");
  }
  if (name !== undefined) report.attempt(`${place}.name`, () => parseHostName(name, `${place}.name`));
  if (mac === undefined && id === undefined && name === undefined) {
    report.error(
      'INPUT',
      place,
      `${place}: a reservation needs a mac or a name`,
      "for example mac='52:54:00:12:34:56'",
    );
  }
  report.attempt(`${place}.ip`, () => {
    const address = parseIp(ip ?? '', `${place}.ip`);
    if (cidr !== undefined) requireReservable(address, cidr.subnet, cidr.ip, `${place}.ip`);
  });
}

function checkLease({ expiry, unit }: NonNullable<Lease>, place: string, { state }: Subject, report: Report): void {
  const seconds = Number(expiry) * (secondsOfUnit[unit ?? 'minutes'] ?? Number.NaN);
  if (Number.isNaN(seconds)) {
    report.error(
      'INPUT',
      place,
      `${place}: a lease has an expiry in seconds, minutes or hours`,
      "for example expiry='24' unit='hours'",
    );
  } else if (seconds !== 0 && (seconds < leaseSeconds.min || seconds > leaseSeconds.max)) {
    const reason = seconds < leaseSeconds.min ? 'at least 2 minutes' : 'at most 136 years';
    report.error(
      'INPUT',
      place,
      `${place} ${String(expiry)} ${unit ?? 'minutes'}: a lease lasts ${reason}`,
      'for example 24 hours',
    );
  }
  if (!hasRelease(state, [6, 3]))
    report.error('DEPENDENCY', place, needs('a lease time', [6, 3], state), 'leave <lease> out');
}

function checkTftpRoot(root: string, place: string, report: Report): void {
  report.attempt(place, () => requireOneLine(root, place, 'a directory'));
  if (root.startsWith('/') && !/^\/+$/.test(root)) return;
  const reason = root.startsWith('/') ? 'guests could read every file of the host' : 'this is not an absolute path';
  report.error('INPUT', place, `${place} ${show(root)}: ${reason}`, 'for example /srv/tftp');
}

/** Guests cannot autoconfigure an address in an IPv6 subnet other than a /64 (RFC 4862 needs 64 bits for the interface). */
export const checkAutoconfiguration: Check = ({ network, addresses }, report) => {
  for (const [index, { subnet, ip }] of addresses) {
    const dhcp = network.ips[index]?.dhcp;
    const served = dhcp !== undefined && dhcp.ranges.length + dhcp.hosts.length > 0;
    if (subnet.family !== 'ipv6' || subnet.prefix === 64 || served || !contains(subnet, ip)) continue;
    const message = `ip[${index}]: guests configure themselves in a /64 only; in a /${subnet.prefix} they need DHCPv6 or addresses by hand`;
    report.warn('INPUT', `ip[${index}].prefix`, message, '--dhcp START-END');
  }
};
