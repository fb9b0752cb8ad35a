/** Explains when a guest gets its newly reserved address: DHCP only answers requests of the guest. */
import type { NetworkState } from '../../state/state.ts';
import { isLeaseOf, keeps } from './check.ts';
import { leasesInForce, type Holder } from './holder.ts';
import { formatIp, type Ip } from '../../values/address.ts';
import { formatDuration } from '../../values/duration.ts';
import { quoted } from '../../values/quoted.ts';

interface Reserved {
  readonly ip: Ip;
  readonly holder: Holder;
  readonly network: NetworkState;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** One line: when the guest gets the address, and how it gets it sooner. */
export function renewalNote({ ip, holder, network, now }: Reserved): string {
  const name = holder.mac === undefined && holder.id === undefined ? holder.name : undefined;
  const known = name === undefined ? '' : `; dnsmasq knows it by the host name ${name}, which it has to send`;
  return `${whenItComes({ ip, holder, network, now })}${known}`;
}

function whenItComes({ ip, holder, network, now }: Reserved): string {
  const text = formatIp(ip);
  const { nic } = holder;
  const who = nic?.domain.name ?? holder.label;
  if (!network.active) return `${who} gets ${text} when network ${network.name} runs and it asks by DHCP`;
  const other = leasesInForce(network, now).find(({ address }) => keeps({ ip: address }, ip));
  if (other && !isLeaseOf(other, holder))
    return `${who} gets ${text} once the lease of ${other.mac ?? 'another client'} has ended`;
  if (!nic) return `${who} gets ${text} with its next DHCP request`;
  if (!nic.nic.live) return `${who} gets ${text} when it starts`;
  const mac = nic.nic.mac ?? '';
  const leases = leasesInForce(network, now).filter((lease) => lease.mac === mac && lease.family === ip.family);
  if (leases.some(({ address }) => keeps({ ip: address }, ip))) return `${who} has ${text} already, and keeps it`;
  const link = `kvmnet vm link ${quoted(who)} ${quoted(mac)}`;
  const linkCommands = `its link bounces: ${link} down --live; ${link} up --live`;
  const [lease] = leases;
  if (!lease)
    return `${who} has no ${ip.family === 'ipv6' ? 'IPv6 ' : ''}lease now: it gets ${text} with its next DHCP request, or when ${linkCommands}`;
  const end = lease.expires === 0 ? 'it has no end' : `at the latest in ${formatDuration(lease.expires - now)}`;
  return `${who} keeps ${lease.address} until it renews its lease (${end}) or ${linkCommands}`;
}
