/** Checks of the subnets of networks, their reservations and leases. */
import { ipsOf, rangesOf } from '../../state/free-address.ts';
import { isInForce, leaseViews } from '../../state/leases.ts';
import { acceptedAddress, addressesOf } from '../../state/network-address.ts';
import { ownBridge } from '../../state/network-user.ts';
import { isVirtual, kindOf } from '../../state/network-kind.ts';
import type { NetworkState, State } from '../../state/state.ts';
import { holdersOf, everyHolding, type Holder } from '../../state/subnet-holder.ts';
import { formatIp, inRange, sameIp, type Range } from '../../values/address.ts';
import { contains, formatSubnet, parseSubnet, usable, type Subnet } from '../../values/subnet.ts';
import { advice, check, type Check, type Complaint, type Remedy } from '../check.ts';

const overlapping = check({
  code: 'subnet-overlap',
  severity: 'error',
  title: 'The subnet of a network overlaps another network, an address or a route of the host',
  explanation:
    'The host sends packets for the shared addresses to one of the two only. docker, podman and VPNs choose private subnets of their own; a network that overlaps does not start, or takes the addresses away from them. Give the network a free subnet.',
  example: 'kvmnet net set keennet --nat auto',
  needs: ['libvirt', 'host'],
  find: ({ libvirt }) =>
    libvirt.networks.flatMap((network, index) => {
      const { networks, host } = libvirt;
      const others = networks.filter((other) => other !== network);
      const holdings = { networks: others, host, ownBridge: ownBridge(network) };
      // Of two networks, the later one in the list is named, unless it is the one that is active.
      const isMine = ({ network: name }: Holder): boolean => {
        const other = networks.findIndex((each) => each.name === name);
        if (other < 0) return true;
        const isActive = networks[other]?.active === true;
        return isActive === network.active ? other < index : isActive;
      };
      return addressesOf(network.inactive ?? network.network).flatMap(({ subnet }) => {
        const found = holdersOf(subnet, holdings).filter(isMine);
        return found.length === 0 ? [] : [overlapComplaint(network, subnet, found, libvirt)];
      });
    }),
});

function overlapComplaint(network: NetworkState, subnet: Subnet, found: readonly Holder[], state: State): Complaint {
  const holders = found.map(({ name }) => name);
  return {
    message: `network ${network.name}: its subnet ${formatSubnet(subnet)} overlaps ${holders.join(', ')}`,
    evidence: { network: network.name, subnet: formatSubnet(subnet), holders },
    ...(network.active ? {} : { severity: 'warning' as const }),
    remedy: newSubnet(network, state),
  };
}

function newSubnet({ name, network }: NetworkState, state: State): Remedy {
  const kind = kindOf(network);
  const option = isVirtual(kind) ? kind : 'nat';
  return advice(['net', 'set', name, `--${option}`, freeSubnet(state)]);
}

/** A private subnet that nothing on the host has; one that is taken, if all are. */
function freeSubnet(state: State): string {
  const candidates = Array.from({ length: 155 }, (_, index) => `192.168.${String(100 + index)}.0/24`);
  const isFree = (cidr: string): boolean => holdersOf(parseSubnet(cidr), everyHolding(state)).length === 0;
  return candidates.find(isFree) ?? '192.168.100.0/24';
}

const reservationOutside = check({
  code: 'reservation-outside-subnet',
  severity: 'warning',
  title: 'A reserved address is outside the subnet of its network',
  explanation:
    'dnsmasq ignores such a reservation, and the guest gets another address. The subnet of the network was changed after the address was reserved.',
  example: 'kvmnet net release keennet 192.168.132.10',
  needs: ['libvirt'],
  find: ({ libvirt }) =>
    libvirt.networks.flatMap(({ name, network, inactive }) =>
      (inactive ?? network).ips.flatMap((entry) => {
        const subnet = acceptedAddress(entry)?.subnet;
        const hosts = entry.dhcp?.hosts ?? [];
        return hosts.flatMap(({ ip = '', mac, name: host }): readonly Complaint[] => {
          if (subnet === undefined || ipsOf(ip).every((address) => contains(subnet, address))) return [];
          return [
            {
              message: `network ${name}: the address ${ip}, reserved for ${mac ?? host ?? 'a guest'}, is not in ${formatSubnet(subnet)}`,
              evidence: { network: name, address: ip, subnet: formatSubnet(subnet) },
              remedy: advice(['net', 'release', name, ip]),
            },
          ];
        });
      }),
    ),
});

/** The first bytes of the MAC addresses that libvirt gives to guests. */
const guestMac = /^52:54:00:/i;

const staleLease = check({
  code: 'lease-stale',
  severity: 'notice',
  title: 'A deleted guest still has a lease',
  explanation:
    "dnsmasq keeps the address until the lease ends, which may be an hour or for ever, and does not give it to another guest. Only leases of MAC addresses that begin with 52:54:00, the prefix of libvirt's guests, are reported: containers and other machines have leases too.",
  example: 'kvmnet net release keennet 52:54:00:12:34:56',
  needs: ['libvirt', 'now'],
  find: ({ libvirt, now }) =>
    leaseViews(libvirt.networks, libvirt, now).flatMap(({ network, address, mac, state }) =>
      state !== 'stale' || mac === undefined || !guestMac.test(mac)
        ? []
        : [
            {
              message: `network ${network}: ${address} is leased to ${mac}, which no VM has`,
              evidence: { network, address, mac },
              remedy: advice(['net', 'release', network, mac]),
            },
          ],
    ),
});

const rangeFull = check({
  code: 'dhcp-range-full',
  severity: 'error',
  title: 'All addresses of a DHCP range are leased or reserved',
  explanation: 'New guests get no address until a lease ends. Enlarge the range, or shorten the lease time.',
  example: 'kvmnet net set keennet --dhcp 192.168.132.2-192.168.132.254',
  needs: ['libvirt', 'now'],
  find: ({ libvirt, now }) =>
    libvirt.networks.flatMap(({ name, active, network, leases = [] }) =>
      network.ips.flatMap((entry): readonly Complaint[] => {
        const cidr = acceptedAddress(entry);
        const ranges = rangesOf(entry);
        if (!active || cidr?.ip.family !== 'ipv4' || ranges.length === 0) return [];
        const texts = [
          ...leases.filter((lease) => isInForce(lease, now)).map(({ address }) => address),
          ...(entry.dhcp?.hosts ?? []).flatMap(({ ip }) => ip ?? []),
          formatIp(cidr.ip),
        ];
        const taken = [...new Set(texts)].flatMap(ipsOf);
        const size = ranges.reduce((sum, range) => sum + sizeOf(range), 0n);
        const used = taken.filter((ip) => ranges.some((range) => inRange(range, ip))).length;
        if (BigInt(used) < size) return [];
        const all = usable(cidr.subnet);
        const first = sameIp(all.start, cidr.ip) ? { ...all.start, value: all.start.value + 1n } : all.start;
        const whole = `${formatIp(first)}-${formatIp(all.end)}`;
        const isWhole = size >= all.end.value - first.value;
        return [
          {
            message: `network ${name}: all ${String(size)} addresses of its DHCP range are taken`,
            evidence: { network: name, size: Number(size), used },
            remedy: advice(['net', 'set', name, ...(isWhole ? ['--lease', '10m'] : ['--dhcp', whole])]),
          },
        ];
      }),
    ),
});

function sizeOf({ start, end }: Range): bigint {
  return end.value - start.value + 1n;
}

export const addressChecks: readonly Check[] = [overlapping, reservationOutside, rangeFull, staleLease];
