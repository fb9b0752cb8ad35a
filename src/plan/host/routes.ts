/** Routes through a link as they should be. Source: ip-route(8). */
import type { Route } from '../../records/link.ts';
import type { IpCommand, WantedRoutes } from '../../records/desired-link.ts';

/** All routes through a device, except the routes that the kernel creates with its addresses. */
export function routesThrough(dev: string, routes: readonly Route[]): WantedRoutes {
  return routes.filter((route) => route.dev === dev && !isKernels(route)).map(({ dev: _dev, ...route }) => route);
}

/** The commands that take from a device the routes that it should not have. IPv6's outlive their addresses, IPv4's do not: these go before. */
export function routeDeletions(dev: string, wanted: WantedRoutes, now: readonly Route[]): readonly IpCommand[] {
  const wantedKeys = new Set(wanted.map(key));
  return routesThrough(dev, now)
    .filter((route) => !wantedKeys.has(key(route)))
    .map((route) => command('delete', dev, route));
}

/**
 * Returns the commands that give a device its desired routes.
 * @param kept its routes at that moment: none if its addresses are gone, since the kernel removes their routes as well
 */
export function routeAdditions(dev: string, wanted: WantedRoutes, kept: readonly Route[]): readonly IpCommand[] {
  const thereKeys = new Set(routesThrough(dev, kept).map(key));
  // A gateway must be reachable when a route names it: those without one come first.
  return [...wanted]
    .sort((left, right) => Number(left.gateway !== undefined) - Number(right.gateway !== undefined))
    .filter((route) => !thereKeys.has(key(route)))
    .map((route) => command('replace', dev, route));
}

function command(verb: 'replace' | 'delete', dev: string, route: WantedRoutes[number]): IpCommand {
  const {
    destination,
    gateway,
    table,
    type,
    metric,
    protocol,
    scope,
    source,
    onlink,
    metrics = {},
    preference,
  } = route;
  return [
    ...['route', verb],
    ...(type === undefined ? [] : [type]),
    destination,
    ...(gateway === undefined ? [] : ['via', gateway]),
    ...['dev', dev],
    ...(table === 'main' ? [] : ['table', table]),
    ...(metric === undefined ? [] : ['metric', String(metric)]),
    ...(protocol === undefined ? [] : ['proto', protocol]),
    ...(scope === undefined || destination.includes(':') ? [] : ['scope', scope]),
    ...(source === undefined ? [] : ['src', source]),
    ...(onlink ? ['onlink'] : []),
    ...Object.entries(metrics).flatMap(([name, value]) => [name, String(value)]),
    ...(preference === undefined ? [] : ['pref', preference]),
  ];
}

function isKernels({ protocol, destination }: Route): boolean {
  return protocol === 'kernel' || destination.startsWith('fe80:') || destination.startsWith('ff00:');
}

function key({ destination, gateway, table, metric, type, source, metrics = {} }: WantedRoutes[number]): string {
  const told = Object.entries(metrics).flat().join(' ');
  return [destination, gateway, table, metric, type, source, told].map((part) => part ?? '').join(' ');
}
