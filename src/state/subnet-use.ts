/** How much of each subnet of libvirt's networks is in use, and which ranges are free. */
import { parseIp, type Family, type Ip, type Range, formatIp, inRange } from '../values/address.ts';
import { formatSubnet, usable } from '../values/subnet.ts';
import type { HolderView } from './address-holders.ts';
import { rangesOf } from './free-address.ts';
import { acceptedAddress } from './network-address.ts';
import type { NetworkState } from './state.ts';

/** Fields as in `--json`; numbers of IPv6 addresses are as exact as a double is. */
export interface SubnetUse {
  readonly network: string;
  /** In CIDR form. */
  readonly subnet: string;
  readonly family: Family;
  /** The addresses that devices may have. */
  readonly size: number;
  /** The addresses in DHCP ranges. */
  readonly dhcp: number;
  /** The addresses that have a holder, of any source. */
  readonly used: number;
  readonly reserved: number;
  readonly leased: number;
  readonly free: number;
  /** Of `size`, used. */
  readonly percent: number;
}

/** Consecutive addresses without a holder; fields as in `--json`. */
export interface FreeRange {
  readonly network: string;
  readonly subnet: string;
  readonly start: string;
  readonly end: string;
  readonly count: number;
  /** Whether it is in a DHCP range: dnsmasq may lease its addresses at any time. */
  readonly dhcp: boolean;
}

/** @param holders of these networks */
export function subnetUses(networks: readonly NetworkState[], holders: readonly HolderView[]): readonly SubnetUse[] {
  return subnetsOf(networks, holders).map(({ network, subnet, family, rows, pieces }) => {
    const count = (isMeant: (piece: Piece) => boolean): number =>
      Number(pieces.filter(isMeant).reduce((sum, { start, after }) => sum + after - start, 0n));
    const size = count(() => true);
    const used = count(({ isTaken }) => isTaken);
    return {
      ...{ network, subnet, family, size, dhcp: count(({ isPool }) => isPool), used },
      reserved: rows.filter(({ sources }) => sources.includes('reserved')).length,
      leased: rows.filter(({ sources }) => sources.includes('lease')).length,
      free: count(({ isTaken }) => !isTaken),
      percent: size === 0 ? 0 : Math.round((used / size) * 100),
    };
  });
}

/**
 * The free ranges of IPv4 subnets: an IPv6 subnet has more addresses than any host needs.
 * @param holders of these networks
 */
export function freeRanges(networks: readonly NetworkState[], holders: readonly HolderView[]): readonly FreeRange[] {
  return subnetsOf(networks, holders)
    .filter(({ family }) => family === 'ipv4')
    .flatMap(({ network, subnet, family, pieces }) =>
      pieces
        .filter(({ isTaken }) => !isTaken)
        .map(({ start, after, isPool }) => ({
          ...{ network, subnet, start: formatIp({ family, value: start }) },
          ...{ end: formatIp({ family, value: after - 1n }), count: Number(after - start), dhcp: isPool },
        })),
    );
}

/** Consecutive addresses, all of them taken or free, and all inside or outside of DHCP ranges. */
interface Piece {
  readonly start: bigint;
  /** The first address after it. */
  readonly after: bigint;
  readonly isTaken: boolean;
  readonly isPool: boolean;
}

function subnetsOf(networks: readonly NetworkState[], holders: readonly HolderView[]) {
  return networks.flatMap((network) =>
    network.network.ips.flatMap((entry) => {
      const cidr = acceptedAddress(entry);
      if (cidr === undefined) return [];
      const subnet = formatSubnet(cidr.subnet);
      const rows = holders.filter((row) => row.network === network.name && row.subnet === subnet);
      const taken = rows.map(({ address }) => parseIp(address));
      const pieces = piecesOf(usable(cidr.subnet), rangesOf(entry), taken);
      return [{ network: network.name, subnet, family: cidr.ip.family, rows, pieces }];
    }),
  );
}

/** Divides a range where a DHCP range or an address in use begins or ends. */
function piecesOf({ start, end }: Range, pools: readonly Range[], taken: readonly Ip[]): readonly Piece[] {
  const values = new Set(taken.map(({ value }) => value));
  const bounds = [
    ...[{ start, end }, ...pools].flatMap((range) => [range.start.value, range.end.value + 1n]),
    ...[...values].flatMap((value) => [value, value + 1n]),
  ];
  const cuts = [...new Set(bounds)]
    .filter((cut) => start.value <= cut && cut <= end.value + 1n)
    .toSorted((a, b) => (a < b ? -1 : 1));
  return cuts.slice(1).map((after, index) => {
    const first = cuts[index] ?? after;
    const isPool = pools.some((pool) => inRange(pool, { family: start.family, value: first }));
    return { start: first, after, isTaken: values.has(first), isPool };
  });
}
