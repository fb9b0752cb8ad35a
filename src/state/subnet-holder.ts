import { KvmnetError } from '../errors.ts';
import type { HostState, NetworkState, State } from './state.ts';
import { wholeHost } from './whole-host.ts';
import { addressesOf } from './network-address.ts';
import { formatSubnet, overlap, parseCidr, type Subnet } from '../values/subnet.ts';

/** Who has addresses of a subnet already. */
export interface Holder {
  /** As a message names it: `network other (192.168.0.0/16)`, `the route 10.0.0.0/8 dev eth0`. */
  readonly name: string;
  readonly subnet: Subnet;
  /** The network that holds it. */
  readonly network?: string;
}

/** Whose addresses count. */
export interface Holdings {
  readonly networks: readonly NetworkState[];
  readonly host: HostState | undefined;
  /** The network's own bridge, whose address and route do not conflict with the network. */
  readonly ownBridge?: string | undefined;
}

/**
 * All holders of addresses: networks, active or not, in both their definitions; addresses of the host, also of NICs that are down; and routes
 * of all tables. The host's own side of a network is not named a second time.
 */
export function holders({ networks, host, ownBridge }: Holdings): readonly Holder[] {
  const ofNetworks = networks.flatMap(holdingsOfNetwork);
  if (host === undefined) return ofNetworks;
  const bridges = new Set(networks.map(({ bridge, network }) => bridge ?? network.bridge?.name));
  const skipped = (dev: string | undefined, subnet: Subnet): boolean =>
    dev !== undefined &&
    (dev === ownBridge || (bridges.has(dev) && ofNetworks.some((holder) => overlap(holder.subnet, subnet))));
  const ofLinks = host.links.flatMap(({ name, up, addresses }) =>
    addresses.flatMap(({ address, prefix }): readonly (Holder & { dev: string })[] => {
      const subnet = tryParse(`${address}/${prefix}`);
      if (subnet === undefined || isLinkLocal(subnet) || skipped(name, subnet)) return [];
      return [{ name: `address ${address}/${prefix} of ${name}${up ? '' : ' (down)'}`, subnet, dev: name }];
    }),
  );
  const ofRoutes = wholeHost(host).routes.flatMap(({ destination, dev, table, gateway }): readonly Holder[] => {
    const subnet = tryParse(destination);
    if (subnet === undefined || isDefault(subnet) || isLinkLocal(subnet) || skipped(dev, subnet)) return [];
    if (ofLinks.some((link) => link.dev === dev && formatSubnet(link.subnet) === formatSubnet(subnet))) return [];
    const way = [dev === undefined ? '' : ` dev ${dev}`, gateway === undefined ? '' : ` via ${gateway}`].join('');
    return [{ name: `the route ${destination}${way}${table === 'main' ? '' : ` of table ${table}`}`, subnet }];
  });
  return [...ofNetworks, ...ofLinks, ...ofRoutes];
}

/** The holders whose addresses overlap a subnet. */
export function holdersOf(subnet: Subnet, holdings: Holdings): readonly Holder[] {
  return holders(holdings).filter((holder) => overlap(holder.subnet, subnet));
}

/** Everybody's addresses of a state. */
export function everyHolding({ networks, host }: State): Holdings {
  return { networks, host };
}

function holdingsOfNetwork({ name, network, inactive }: NetworkState): readonly Holder[] {
  const definitions = inactive === undefined ? [network] : [network, inactive];
  const subnets = definitions.flatMap(addressesOf).map(({ subnet }) => subnet);
  const distinct = new Map(subnets.map((subnet) => [formatSubnet(subnet), subnet]));
  return [...distinct].map(([text, subnet]) => ({ name: `network ${name} (${text})`, subnet, network: name }));
}

function tryParse(cidr: string): Subnet | undefined {
  try {
    return parseCidr(cidr, 'route').subnet;
  } catch (unreadable) {
    if (unreadable instanceof KvmnetError) return undefined;
    throw unreadable;
  }
}

/** The default route, or the two halves or 2000::/3 that VPNs and routers use instead of it: none of these claims a subnet. */
function isDefault({ family, prefix }: Subnet): boolean {
  return prefix <= (family === 'ipv4' ? 1 : 3);
}

function isLinkLocal(subnet: Subnet): boolean {
  return subnet.family === 'ipv6' && (subnet.first >> 118n === 0xfe80n >> 6n || subnet.first >> 120n === 0xffn);
}
