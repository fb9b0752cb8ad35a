/** Routes through a link as they should be. Source: ip-route(8). */
import type { Route } from '../../state/state.ts';
import type { IpCommand, WantedRoutes } from './link.ts';

/** All routes through a device, but those that the kernel makes with its addresses. */
export function routesThrough(dev: string, routes: readonly Route[]): WantedRoutes {
  return routes.filter((route) => route.dev === dev && !isKernels(route)).map(({ dev: _dev, ...route }) => route);
}

/**
 * The commands that give a device exactly these routes.
 * @param now the routes that it keeps until then: none where its addresses have gone, for the kernel takes their routes along
 */
export function routeCommands(dev: string, wanted: WantedRoutes, now: readonly Route[]): readonly IpCommand[] {
  const there = routesThrough(dev, now);
  const thereKeys = new Set(there.map(key));
  const wantedKeys = new Set(wanted.map(key));
  return [
    ...there.filter((route) => !wantedKeys.has(key(route))).map((route) => command('delete', dev, route)),
    // A gateway must be reachable when a route names it: those without one come first.
    ...[...wanted]
      .sort((left, right) => Number(left.gateway !== undefined) - Number(right.gateway !== undefined))
      .filter((route) => !thereKeys.has(key(route)))
      .map((route) => command('replace', dev, route)),
  ];
}

function command(verb: 'replace' | 'delete', dev: string, route: WantedRoutes[number]): IpCommand {
  const { destination, gateway, table, type, metric, protocol, scope, source, onlink } = route;
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
  ];
}

function isKernels({ protocol, destination }: Route): boolean {
  return protocol === 'kernel' || destination.startsWith('fe80:') || destination.startsWith('ff00:');
}

function key({ destination, gateway, table, metric, type, source }: WantedRoutes[number]): string {
  return [destination, gateway, table, metric, type, source].map((part) => part ?? '').join(' ');
}
