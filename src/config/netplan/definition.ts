/** A device -> its definition in netplan's words. Source: netplan-yaml(5). */
import { isDefaultRoute } from '../../values/route.ts';
import { addressesOf, bridgeDefaults, type PersistDevice, type PersistRoute } from '../persist-device.ts';
import type { Resolver } from '../file-change.ts';

export type Definition = Record<string, unknown>;

/** Returns netplan's definition of a device; `idOf` returns netplan's names of other devices. */
export function definitionOf(
  device: PersistDevice,
  { servers, domains }: Resolver,
  idOf: (name: string) => string,
): Definition {
  const { master, vlan, bridge, bond, mac, mtu, dhcp4, dhcp6, acceptRa, linkLocal, routes } = device;
  const addresses = [...addressesOf(device, 4), ...addressesOf(device, 6)];
  return {
    ...(vlan ? { id: vlan.id, link: idOf(vlan.parent) } : {}),
    ...(bridge ? { interfaces: bridge.ports.map(idOf), parameters: bridgeParameters(bridge) } : {}),
    ...(bond ? { interfaces: bond.ports.map(idOf), parameters: bondParameters(bond, idOf) } : {}),
    ...(mac === undefined ? {} : { macaddress: mac }),
    ...(mtu === undefined ? {} : { mtu }),
    dhcp4,
    dhcp6,
    ...(master ? {} : { 'accept-ra': acceptRa, 'link-local': linkLocal || acceptRa ? ['ipv6'] : [] }),
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(routes.length === 0 ? {} : { routes: routes.map(routeOf) }),
    ...(servers.length + domains.length === 0 ? {} : { nameservers: nameserversOf(servers, domains) }),
  };
}

function nameserversOf(servers: readonly string[], domains: readonly string[]): Definition {
  return {
    ...(servers.length === 0 ? {} : { addresses: servers }),
    ...(domains.length === 0 ? {} : { search: domains }),
  };
}

function bridgeParameters(bridge: NonNullable<PersistDevice['bridge']>): Definition {
  const unless = (key: string, value: number, usual: number): Definition => (value === usual ? {} : { [key]: value });
  return {
    stp: bridge.stp,
    'forward-delay': bridge.forwardDelay,
    ...unless('hello-time', bridge.helloTime, bridgeDefaults.helloTime),
    ...unless('max-age', bridge.maxAge, bridgeDefaults.maxAge),
    ...unless('ageing-time', bridge.ageingTime, bridgeDefaults.ageingTime),
    ...unless('priority', bridge.priority, bridgeDefaults.priority),
  };
}

function bondParameters(
  { mode, miimon, primary }: NonNullable<PersistDevice['bond']>,
  idOf: (name: string) => string,
): Definition {
  return { mode, 'mii-monitor-interval': miimon, ...(primary === undefined ? {} : { primary: idOf(primary) }) };
}

function routeOf(route: PersistRoute): Definition {
  const { destination, gateway, metric, source, onlink } = route;
  const defaultRoute = destination.includes(':') ? '::/0' : 'default';
  return {
    to: isDefaultRoute(route) ? defaultRoute : destination,
    ...(gateway === undefined ? { scope: 'link' } : { via: gateway }),
    ...(metric === undefined ? {} : { metric }),
    ...(source === undefined ? {} : { from: source }),
    ...(onlink ? { 'on-link': true } : {}),
  };
}
