/** The default route through a gateway that a link is to have. */
import { KvmnetError } from '../../errors.ts';
import type { WantedRoutes } from '../../records/desired-link.ts';
import type { Address, Route } from '../../records/link.ts';
import { formatIp, sameIp, type Ip } from '../../values/address.ts';
import { invalid } from '../../values/invalid.ts';
import { contains } from '../../values/subnet.ts';
import { requireGateway } from '../../values/usable-subnet.ts';
import { cidrOf } from './host-address.ts';

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
