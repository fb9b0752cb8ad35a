/** How a path is tried with real packets: temporary namespaces replace its ends. */
import type { Cable } from '../../records/cable.ts';
import { formatIp, parseIp, type Family, type Ip } from '../../values/address.ts';
import { outsideCable } from '../../values/host-address.ts';
import { isDefaultRoute } from '../../values/route.ts';
import { subnetOf, usable, type Subnet } from '../../values/subnet.ts';
import type { Endpoint, Station } from './endpoints.ts';
import type { Ground } from './ground.ts';
import { hasCable, footholdOf } from './routed.ts';

export interface ProbePlan {
  /** Where packets are sent from; undefined: the host itself. */
  readonly source: Cable | undefined;
  /** Addresses for it in CIDR form, of which the first free one is used; empty: it has its own. */
  readonly candidates: readonly string[];
  /** A namespace that replaces a guest whose address is not known. */
  readonly target: Cable | undefined;
  readonly address: string;
}

/** A path that cannot be tried, and why. */
export interface Untried {
  readonly reason: string;
}

/** Addresses for broadcast domains in which the host has none: RFC 2544's, which no host has. */
const testSubnet: Subnet = subnetOf(parseIp('198.18.254.0'), 24);

const candidateCount = 4;

/**
 * Plans packets between the ends of a path.
 * @param inUse addresses that others have
 */
export function probePlan(from: Endpoint, to: Endpoint, ground: Ground, inUse: readonly Ip[]): ProbePlan | Untried {
  const taken = new Set(inUse.map(({ value }) => value));
  const { family } = [...to.addresses, ...from.addresses][0] ?? { family: 'ipv4' as const };
  const aim = aimOf(from, to, ground, { family, taken });
  if ('reason' in aim) return aim;
  const { address, target } = aim;
  taken.add(parseIp(address, 'address').value);
  if (from.kind === 'host') return { source: undefined, candidates: [], target, address };
  if (from.kind === 'remote') {
    if (to.kind !== 'host' && to.kind !== 'remote' && hasCable(to, ground)) {
      return { reason: 'packets from a cable cannot be sent from here' };
    }
    const { host, outside, prefix } = outsideCable[family];
    const end = (each: string): string => `${each}/${String(prefix)}`;
    return { source: { host: [end(host)], inside: [end(outside)], gateways: [host] }, candidates: [], target, address };
  }
  const port = portLike(from, ground);
  if (port === undefined) return { reason: `no namespace can take the place of ${from.name}` };
  const isOpen = hasCable(from, ground);
  const foothold = isOpen && target !== undefined ? undefined : footholdOf(from, ground, family);
  const gateways = foothold === undefined ? [] : [formatIp(foothold.ip)];
  const subnet =
    foothold?.subnet ?? (target === undefined ? subnetOf(parseIp(address), family === 'ipv4' ? 24 : 64) : testSubnet);
  const own = freeAddresses(subnet, taken, candidateCount);
  if (own.length === 0) return { reason: `all addresses are in use where ${from.name} is` };
  // Others may be at a cable whom this host does not know.
  const isShared = isOpen && subnet !== testSubnet;
  const source = { ...port, host: [], inside: isShared ? [] : own.slice(0, 1), gateways };
  return { source, candidates: isShared ? own : [], target, address };
}

interface Choice {
  readonly family: Family;
  readonly taken: Set<bigint>;
}

interface Aim {
  readonly address: string;
  readonly target: Cable | undefined;
}

/** A stand-in of a guest, and its address. */
export interface Stand {
  readonly address: string;
  readonly target: Cable;
}

/** The address to send to; a guest whose own one is not known gets a stand-in. */
function aimOf(from: Endpoint, to: Endpoint, ground: Ground, { family, taken }: Choice): Aim | Untried {
  const [known] = to.addresses;
  if (to.kind === 'remote' && to.isAny) {
    const gateway = (ground.state.host?.routes ?? []).find(
      (route) => isDefaultRoute(route) && route.table === 'main' && route.gateway !== undefined,
    )?.gateway;
    return gateway === undefined
      ? { reason: 'the host has no default gateway to send packets to' }
      : { address: gateway, target: undefined };
  }
  if (known !== undefined) return { address: formatIp(known), target: undefined };
  if (to.kind === 'host') {
    const foothold = from.kind === 'guest' || from.kind === 'namespace' ? footholdOf(from, ground, family) : undefined;
    const address = from.kind === 'remote' ? outsideCable[family].host : foothold && formatIp(foothold.ip);
    return address === undefined ? { reason: 'the host has no address there' } : { address, target: undefined };
  }
  if (to.kind === 'remote') return { reason: 'its address is not known' };
  return standInFor(to, ground, { family, taken });
}

/** A namespace that replaces a guest; unknown devices behind a cable may have the addresses of its subnet. */
export function standInFor(to: Station, ground: Ground, { family, taken }: Choice): Stand | Untried {
  const foothold = hasCable(to, ground) ? undefined : footholdOf(to, ground, family);
  const port = portLike(to, ground);
  const [inside] = freeAddresses(foothold?.subnet ?? testSubnet, taken, 1);
  if (port === undefined || inside === undefined) return { reason: `no namespace can take the place of ${to.name}` };
  const gateways = foothold === undefined ? [] : [formatIp(foothold.ip)];
  const [address = ''] = inside.split('/');
  taken.add(parseIp(address, 'address').value);
  return { address, target: { ...port, host: [], inside: [inside], gateways } };
}

/** A port like a station's; undefined for a device that is neither a bridge port nor a macvlan. */
function portLike({ device }: Station, ground: Ground): Omit<Cable, 'host' | 'inside' | 'gateways'> | undefined {
  const { macvlan, parent, master, port, vlans } = device ?? {};
  if (macvlan !== undefined && parent !== undefined) return { macvlan: { parent, mode: macvlan.mode } };
  const bridge = ground.wiring.links.get(master ?? '');
  if (bridge?.kind !== 'bridge') return undefined;
  const vlan = bridge.bridge?.vlanFiltering === true ? vlans?.find(({ pvid }) => pvid)?.id : undefined;
  const { stp = false, forwardDelay = 0 } = bridge.bridge ?? {};
  return {
    ...{ bridge: bridge.name, isolated: port?.isolated === true, stpDelay: stp ? 2 * forwardDelay : 0 },
    ...(vlan === undefined || vlan === 1 ? {} : { vlan }),
  };
}

/** The last free addresses of a subnet, in CIDR form. */
function freeAddresses(subnet: Subnet, taken: ReadonlySet<bigint>, count: number): readonly string[] {
  const { start, end } = usable(subnet);
  const found: string[] = [];
  for (let { value } = end; value >= start.value && found.length < count; value -= 1n) {
    if (!taken.has(value)) found.push(`${formatIp({ family: subnet.family, value })}/${String(subnet.prefix)}`);
  }
  return found;
}
