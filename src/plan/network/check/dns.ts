import { parseDomainName, parseForwarder, requireOneLine } from '../../../values/dns.ts';
import { parseIp } from '../../../values/address.ts';
import { show } from '../../../values/invalid.ts';
import { bounds, parseInteger } from '../../../values/number.ts';
import type { Network } from '../../../xml/network.ts';
import type { Report } from '../../finding.ts';
import { hasRelease, needs } from '../../../state/libvirt-version.ts';
import type { Check } from './subject.ts';

type Dns = NonNullable<Network['dns']>;

/** The domain and the DNS entries: libvirt writes them into dnsmasq's configuration as they stand, line breaks too. */
export const checkDns: Check = ({ network, state }, report) => {
  const { domain, dns } = network;
  if (domain !== undefined) report.attempt('domain.name', () => parseDomainName(domain.name ?? '', 'domain.name'));
  if (dns === undefined) return;
  for (const [index, { domain: zone, addr, port }] of dns.forwarders.entries()) {
    const path = `dns.forwarder[${index}]`;
    if (zone !== undefined) report.attempt(`${path}.domain`, () => parseDomainName(zone, `${path}.domain`));
    if (addr !== undefined) report.attempt(`${path}.addr`, () => parseForwarder(addr, `${path}.addr`));
    if (zone === undefined && addr === undefined) {
      report.error(
        'INPUT',
        path,
        `${path}: a forwarder has an addr, a domain, or both`,
        "for example addr='192.168.1.1'",
      );
    }
    if (port === undefined) continue;
    report.attempt(`${path}.port`, () => parseInteger(String(port), `${path}.port`, bounds.port));
    if (!hasRelease(state, [12, 0]))
      report.error('DEPENDENCY', path, needs('the port of a forwarder', [12, 0], state), 'leave port out');
  }
  for (const [index, { ip, hostnames }] of dns.hosts.entries()) {
    const path = `dns.host[${index}]`;
    report.attempt(`${path}.ip`, () => parseIp(ip, `${path}.ip`));
    if (hostnames.length === 0)
      report.error('INPUT', path, `${path}: the entry has no <hostname>`, 'for example <hostname>www</hostname>');
    for (const [place, name] of hostnames.entries()) {
      const origin = `${path}.hostname[${place}]`;
      report.attempt(origin, () => parseDomainName(name, origin));
    }
  }
  checkRecords(dns, report);
};

function checkRecords({ txts, srvs }: Dns, report: Report): void {
  for (const [index, { name, value }] of txts.entries()) {
    const path = `dns.txt[${index}]`;
    report.attempt(`${path}.name`, () => parseRecordName(name, `${path}.name`));
    report.attempt(`${path}.value`, () => requireOneLine(value ?? '', `${path}.value`, 'a TXT value'));
  }
  for (const [index, { service, protocol, domain, target, port, priority, weight }] of srvs.entries()) {
    const path = `dns.srv[${index}]`;
    report.attempt(`${path}.service`, () => parseRecordName(service ?? '', `${path}.service`));
    if (protocol !== 'tcp' && protocol !== 'udp') {
      report.error(
        'INPUT',
        `${path}.protocol`,
        `${path}.protocol ${show(protocol ?? '')}: it is tcp or udp`,
        "protocol='tcp'",
      );
    }
    for (const [key, value] of Object.entries({ domain, target })) {
      if (value !== undefined && value !== '.')
        report.attempt(`${path}.${key}`, () => parseRecordName(value, `${path}.${key}`));
    }
    for (const [key, value] of Object.entries({ port, priority, weight })) {
      if (value === undefined || (value >= 0 && value <= 65535)) continue;
      report.error(
        'INPUT',
        `${path}.${key}`,
        `${path}.${key} ${value}: it must be a number from 0 to 65535`,
        `for example ${key}='389'`,
      );
    }
  }
}

/** A name as parseDomainName takes it, where services may start with an underscore (RFC 2782). */
function parseRecordName(value: string, origin: string): string {
  parseDomainName(value.replaceAll(/(^|\.)_(?=[A-Za-z0-9])/g, '$1').replaceAll('_', '-'), origin);
  return value;
}

/** Raw options for dnsmasq, which runs as root and writes files: asked about, unless the network has them already. */
export const checkDnsmasqOptions: Check = ({ network, existing }, report) => {
  const known = new Set(existing?.network.dnsmasqOptions?.options.map(({ value }) => value));
  for (const [index, { value = '' }] of (network.dnsmasqOptions?.options ?? []).entries()) {
    const path = `dnsmasq:option[${index}]`;
    report.attempt(path, () => requireOneLine(value, path, 'an option'));
    if (known.has(value)) continue;
    report.consent('INPUT', path, `the raw dnsmasq option ${show(value)} is passed to a program that runs as root`);
  }
};
