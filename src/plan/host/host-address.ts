/** An address that the host is to have on one of its links. */
import { KvmnetError } from '../../errors.ts';
import type { State } from '../../state/state.ts';
import type { Address, Route } from '../../records/link.ts';
import { holders } from '../../state/subnet-holder.ts';
import { formatIp, parseIp, sameIp, type Ip } from '../../values/address.ts';
import { invalid } from '../../values/invalid.ts';
import { contains, formatSubnet, overlap, subnetOf, type Cidr } from '../../values/subnet.ts';
import { requireGateway } from '../../values/usable-subnet.ts';
import type { WantedRoutes } from '../../records/desired-link.ts';
import { hostOf } from './find-link.ts';
import { cidr } from './wanted.ts';

/**
 * Refuses an address that is in use, or whose subnet belongs to another link or network.
 * @param dev the link that is to have it
 * @returns warnings: routes that the address overrides in part
 */
export function requireFreeAddress(address: Address, dev: string, state: State): readonly string[] {
  const host = hostOf(state);
  const { ip, subnet } = cidrOf(address);
  const taken = host.links.find(
    ({ name, addresses }) => name !== dev && addresses.some((other) => other.address === address.address),
  );
  if (taken)
    throw new KvmnetError('CONFLICT', `--address ${cidr(address)}: ${taken.name} has this address`, {
      hint: 'name another one',
    });
  const found = holders({ networks: state.networks, host, ownBridge: dev }).filter((holder) =>
    overlap(holder.subnet, subnet),
  );
  // A route to a larger subnet, such as a VPN's, keeps the rest.
  const isWider = ({ name, subnet: other }: (typeof found)[number]): boolean =>
    name.startsWith('the route ') && other.prefix < subnet.prefix;
  const holder = found.find((each) => !isWider(each));
  if (holder) {
    throw new KvmnetError('CONFLICT', `--address ${cidr(address)}: ${formatSubnet(subnet)} overlaps ${holder.name}`, {
      hint: `${formatIp(ip)} would be reached by one of the two only: name an address of another subnet`,
    });
  }
  return found.map(({ name }) => `${formatSubnet(subnet)} overrides part of ${name}`);
}

/**
 * Returns the default route through a gateway.
 * @param addresses the desired addresses of the link: the gateway must be in the subnet of one of them
 * @throws INPUT if it is not; CONFLICT if the host has a default route over another link
 */
export function defaultRoute(
  ip: Ip,
  dev: string,
  addresses: readonly Address[],
  routes: readonly Route[],
): WantedRoutes[number] {
  const gateway = formatIp(ip);
  const own = addresses.map(cidrOf).find(({ subnet }) => contains(subnet, ip));
  if (!own) {
    throw invalid(
      '--gateway',
      gateway,
      `no address of ${dev} is in its subnet`,
      'the address of the router, and --address with an address in the same subnet',
    );
  }
  requireGateway(ip, own.subnet, '--gateway');
  if (sameIp(ip, own.ip))
    throw invalid('--gateway', gateway, `this is ${dev}'s own address`, 'the address of the router');
  const destination = ip.family === 'ipv4' ? '0.0.0.0/0' : '::/0';
  const other = routes.find(
    (route) => route.destination === destination && route.table === 'main' && route.dev !== dev,
  );
  if (other) {
    throw new KvmnetError('CONFLICT', `--gateway ${gateway}: the host has a default route already${via(other)}`, {
      hint: 'leave out --gateway, or take the other route away first: ip route show default',
    });
  }
  return { destination, gateway, table: 'main' };
}

function via({ gateway, dev }: Route): string {
  return [gateway === undefined ? '' : ` via ${gateway}`, dev === undefined ? '' : ` over ${dev}`].join('');
}

function cidrOf({ address, prefix }: Address): Cidr {
  const ip: Ip = parseIp(address, '--address');
  return { ip, subnet: subnetOf(ip, prefix) };
}
