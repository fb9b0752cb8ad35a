/** The addresses of networks with their holders: what libvirt, the host's kernel and kvmnet know of each, in one row. */
import type { Neighbor } from '../records/guest-address.ts';
import type { Forward } from '../records/nat.ts';
import { formatIp, type Family, type Ip } from '../values/address.ts';
import { groupBy } from '../values/group-by.ts';
import { contains, formatSubnet, type Subnet } from '../values/subnet.ts';
import { ipsOf } from './free-address.ts';
import { isHeldBy, isInForce, isPluggedInto, nicsByMac, reservationsOf, type NicOf } from './leases.ts';
import { addressesOf } from './network-address.ts';
import { definitionOf, nicsOf } from './nics.ts';
import type { NetworkState, Seen } from './state.ts';

/** The sources of an address, the most reliable first. `gateway`: an address of the host itself; `definition`: of a NIC's XML. */
export type HolderSource = 'gateway' | 'lease' | 'neighbour' | 'definition' | 'reserved' | 'forward';

const bestFirst: readonly HolderSource[] = ['gateway', 'lease', 'neighbour', 'definition', 'reserved', 'forward'];

/**
 * `active`: in use, as far as the host knows; `unseen`: kept for its holder, which was not seen with it; `former`: the kernel remembers it, but its
 * holder has another lease; `shut off`, `moved`, `stale`: as of a lease; `outside`: in no subnet of the network.
 */
export type HolderStatus = 'active' | 'unseen' | 'former' | 'shut off' | 'moved' | 'stale' | 'outside';

/** One address of a network; fields as in `--json`. */
export interface HolderView {
  readonly network: string;
  /** In CIDR form; undefined outside the subnets of the network. */
  readonly subnet: string | undefined;
  readonly address: string;
  readonly family: Family;
  /** The domain, `gateway`, the host name or the MAC address: the first of them that is known. */
  readonly holder: string | undefined;
  readonly domain: string | undefined;
  /** The NIC's index. */
  readonly nic: number | undefined;
  readonly mac: string | undefined;
  /** As the guest calls itself: text of others. */
  readonly hostname: string | undefined;
  readonly sources: readonly HolderSource[];
  /** When the lease ends, in seconds since the epoch; 0 for one without end. */
  readonly expires: number | undefined;
  /** How many seconds ago the host's kernel was last sure of it. */
  readonly seen: number | undefined;
  readonly state: HolderStatus;
}

/** Facts that do not come from libvirt. */
export interface HolderFacts {
  /** Seconds since the epoch. */
  readonly now: number;
  readonly neighbors: readonly Neighbor[];
  readonly forwards: readonly Forward[];
}

/** An address, with all that one source knows of it. */
interface Claim {
  readonly ip: Ip;
  readonly source: HolderSource;
  readonly mac?: string | undefined;
  readonly hostname?: string | undefined;
  readonly domain?: string | undefined;
  readonly expires?: number | undefined;
  readonly seen?: number | undefined;
  /** The host has the address now. */
  readonly isPresent?: boolean;
}

type Looked = Seen<'domains' | 'host'>;

/** One row for each address, in the order of networks, families and numbers. Link-local addresses are left out: every NIC has one. */
export function holderViews(
  networks: readonly NetworkState[],
  state: Looked,
  facts: HolderFacts,
): readonly HolderView[] {
  const nics = nicsByMac(state);
  return networks.flatMap((network) => {
    const subnets = addressesOf(network.network).map(({ subnet }) => subnet);
    const claims = claimsOn(network, subnets, state, facts).filter(({ ip }) => !isLinkLocal(ip));
    return [...groupBy(claims, ({ ip }) => `${ip.family} ${String(ip.value)}`).values()]
      .toSorted(([a], [b]) => (a && b ? byNumber(a.ip, b.ip) : 0))
      .flatMap((same) => viewOf(same, { network, subnets, nics, claims }));
  });
}

function claimsOn(
  network: NetworkState,
  subnets: readonly Subnet[],
  state: Looked,
  { now, neighbors, forwards }: HolderFacts,
): readonly Claim[] {
  // Without a subnet of its own, the addresses on its bridge are not the network's to assign.
  const isOurs = ({ dev }: Pick<Neighbor, 'dev'>): boolean => subnets.length > 0 && dev === network.bridge;
  const isInside = (ip: Ip): boolean => subnets.some((subnet) => contains(subnet, ip));
  return [
    ...gateways(network, state),
    ...(network.leases ?? [])
      .filter((lease) => isInForce(lease, now))
      .flatMap(({ address, mac, hostname, expires }) => claim(address, { source: 'lease', mac, hostname, expires })),
    ...neighbors.filter(isOurs).flatMap(({ address, mac, seen }) => claim(address, { source: 'neighbour', mac, seen })),
    ...definitions(network, state),
    ...reserved(network),
    ...forwards.flatMap(({ target }) =>
      claim(target.address, { source: 'forward', mac: target.mac, domain: target.domain }).filter(
        ({ ip }) => target.network === network.name || isInside(ip),
      ),
    ),
  ];
}

function claim(address: string | undefined, known: Omit<Claim, 'ip'>): readonly Claim[] {
  return ipsOf(address).map((ip) => ({ ip, ...known, mac: known.mac?.toLowerCase() }));
}

/** The network's own addresses, and all others of its bridge. */
function gateways({ active, network, bridge }: NetworkState, { host }: Looked): readonly Claim[] {
  const link = network.ips.length === 0 ? undefined : host?.links.find(({ name }) => active && name === bridge);
  const present = (link?.addresses ?? []).map(({ address }) => address);
  const defined = network.ips.flatMap(({ address }) => ipsOf(address)).map(formatIp);
  return [...new Set([...defined, ...present])].flatMap((address) => {
    const isPresent = host === undefined ? active : present.includes(address);
    return claim(address, { source: 'gateway', mac: link?.mac ?? network.mac?.address, isPresent });
  });
}

function definitions(network: NetworkState, { domains }: Looked): readonly Claim[] {
  return domains.flatMap((domain) =>
    nicsOf(domain)
      .filter((nic) => isPluggedInto(nic, network))
      .flatMap((nic) =>
        (definitionOf(nic)?.ips ?? []).flatMap(({ address }) =>
          claim(address, { source: 'definition', mac: nic.mac, domain: domain.name }),
        ),
      ),
  );
}

/** Reservations of both scopes. For IPv6 they name a client by its DUID or host name: a lease has the MAC address. */
function reserved({ network, inactive, leases = [] }: NetworkState): readonly Claim[] {
  return [network, inactive].flatMap((definition) =>
    reservationsOf(definition).flatMap(({ host }) =>
      claim(host.ip, {
        source: 'reserved',
        mac: host.mac ?? leases.find((lease) => isHeldBy(host, lease))?.mac,
        hostname: host.name,
      }),
    ),
  );
}

interface Surroundings {
  readonly network: NetworkState;
  readonly subnets: readonly Subnet[];
  readonly nics: ReadonlyMap<string, NicOf>;
  readonly claims: readonly Claim[];
}

function viewOf(unsorted: readonly Claim[], { network, subnets, nics, claims }: Surroundings): readonly HolderView[] {
  const same = bestFirst.flatMap((source) => unsorted.filter((each) => each.source === source));
  const [best] = same;
  if (best === undefined) return [];
  const first = <K extends keyof Claim>(key: K): Claim[K] | undefined =>
    same.find((each) => each[key] !== undefined)?.[key];
  const { ip } = best;
  const subnet = subnets.find((each) => contains(each, ip));
  const mac = first('mac');
  const hostname = first('hostname');
  const nic = mac === undefined ? undefined : nics.get(mac);
  const domain = nic?.domain.name ?? (best.source === 'gateway' ? undefined : first('domain'));
  const gateway = best.source === 'gateway' ? 'gateway' : undefined;
  return [
    {
      ...{ network: network.name, subnet: subnet && formatSubnet(subnet), address: formatIp(ip), family: ip.family },
      ...{ holder: domain ?? gateway ?? hostname ?? mac, domain, nic: nic?.nic.index, mac, hostname },
      sources: [...new Set(same.map(({ source }) => source))],
      ...{ expires: first('expires'), seen: first('seen') },
      state: subnet === undefined ? 'outside' : statusOf(same, { network, nic, subnet, claims }),
    },
  ];
}

function statusOf(
  same: readonly Claim[],
  known: { network: NetworkState; nic: NicOf | undefined; subnet: Subnet; claims: readonly Claim[] },
): HolderStatus {
  const { network, nic, subnet, claims } = known;
  const has = (source: HolderSource): boolean => same.some((each) => each.source === source);
  if (has('gateway')) return same.some(({ isPresent }) => isPresent) ? 'active' : 'unseen';
  if (nic && !isPluggedInto(nic.nic, network)) return 'moved';
  if (nic && !nic.nic.live) return 'shut off';
  if (has('lease')) return nic ? 'active' : 'stale';
  if (!has('neighbour')) return 'unseen';
  const leaseElsewhere = claims.some(
    ({ source, mac, ip }) => source === 'lease' && mac !== undefined && mac === same[0]?.mac && contains(subnet, ip),
  );
  // A static entry was never confirmed, and is not forgotten.
  const isRemembered = same.some(({ source, seen }) => source === 'neighbour' && seen !== undefined);
  return leaseElsewhere && isRemembered && subnet.family === 'ipv4' ? 'former' : 'active';
}

function isLinkLocal({ family, value }: Ip): boolean {
  return family === 'ipv6' && value >> 118n === 0xfe80n >> 6n;
}

function byNumber(left: Ip, right: Ip): number {
  if (left.family !== right.family) return left.family === 'ipv4' ? -1 : 1;
  return left.value < right.value ? -1 : 1;
}
