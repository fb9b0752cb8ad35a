/** The links that a host's reachability depends on: the links of its default routes, and the link of the user's own connection. */
import type { WholeHost } from '../../state/state.ts';
import type { Link, Route } from '../../records/link.ts';
import type { Gateway } from '../confirmation.ts';
import type { Action, Plan } from '../step.ts';
import { hostAfter, wantedBy } from './after.ts';
import type { IpCommand, WantedLinks } from '../../records/desired-link.ts';
import { isDefaultRoute } from '../../values/route.ts';

/** The risks of a plan: sentences, and the gateways that must answer after it. */
export interface ReachabilityRisk {
  readonly because: readonly string[];
  readonly gateways: readonly Gateway[];
  /** True where the user's own connection is one of them. */
  readonly isSsh: boolean;
}

/**
 * Returns the risks of a plan for the host's reachability.
 * @param ssh the value of SSH_CONNECTION: the addresses and ports of the client and of this host
 */
export function reachabilityRisk(
  { steps }: Pick<Plan, 'steps'>,
  host: WholeHost,
  ssh: string | undefined,
): ReachabilityRisk {
  const disturbed = new Set(steps.flatMap((step) => disturbedBy(step.do, host)));
  const isDisturbed = (dev: string): boolean =>
    [dev, ...supportersOf(dev, host.links)].some((name) => disturbed.has(name));
  const routes = host.routes.filter(
    (route) => route.dev !== undefined && isDefaultRoute(route) && isDisturbed(route.dev),
  );
  const local = localAddress(ssh);
  const entry = host.links.find(
    ({ name, addresses }) => addresses.some(({ address }) => address === local) && isDisturbed(name),
  );
  return {
    because: [
      ...routeTexts(routes),
      ...(entry ? [`your SSH connection comes in over ${entry.name} (${local ?? ''})`] : []),
    ],
    isSsh: entry !== undefined,
    gateways: unique(routes.flatMap((route) => expected(route, wantedBy({ steps }), host))),
  };
}

/** A sentence for each device: it may have several default routes, of both families and in several tables. */
function routeTexts(routes: readonly Route[]): readonly string[] {
  return [...new Set(routes.map(({ dev }) => dev ?? ''))].map((name) => {
    const via = routes.flatMap(({ dev, gateway }) => (dev === name && gateway !== undefined ? [gateway] : []));
    return `${name} carries the default route${via.length === 0 ? '' : ` via ${[...new Set(via)].join(' and ')}`}`;
  });
}

/** An IPv4 client of a socket for both families is shown as `::ffff:192.0.2.1` by some servers, and a link-local address with its device. */
function localAddress(ssh: string | undefined): string | undefined {
  return ssh
    ?.split(' ')[2]
    ?.replace(/^::ffff:(?=\d+\.)/, '')
    .replace(/%.*/, '');
}

/** Returns the links below a link: its ports, and the device below a VLAN or macvlan device, but no guests' taps. */
function supportersOf(name: string, links: readonly Link[], above: readonly string[] = []): readonly string[] {
  if (above.includes(name)) return [];
  const parent = links.find((link) => link.name === name && link.kind !== 'veth')?.parent;
  const ports = links.filter(({ master, kind }) => master === name && kind !== 'tun').map((port) => port.name);
  const next = parent === undefined ? ports : [parent, ...ports];
  return [...next, ...next.flatMap((each) => supportersOf(each, links, [...above, name]))];
}

/** The links to which an action does more than to add something. */
function disturbedBy(action: Action, { links }: WholeHost): readonly string[] {
  if (action.call === 'hostRestore') return Object.keys(action.links);
  if (action.call !== 'hostLinks' || action.netns !== undefined) return [];
  return action.commands.flatMap((command) => {
    const name = command[command.indexOf('dev') + 1] ?? '';
    return addsOnly(command) || command.at(-1) === links.find((link) => link.name === name)?.mac ? [] : [name];
  });
}

function addsOnly(command: IpCommand): boolean {
  const [object, verb] = command;
  return (
    verb === 'add' || (object === 'address' && verb !== 'delete') || (object === 'link' && command.at(-1) === 'up')
  );
}

/** The gateway of a route, and the device behind which the plan leaves it; none where the plan takes the route away. */
function expected({ dev = '', gateway }: Route, wanted: WantedLinks, host: WholeHost): readonly Gateway[] {
  if (gateway === undefined) return [];
  const { links, routes } = hostAfter(wanted, host);
  const after = routes.filter((route) => route.gateway === gateway).map((route) => route.dev);
  // Another table may lead to it by another device.
  const device = after.includes(dev) ? dev : after[0];
  if (device === undefined) return [];
  const { stp = false, forwardDelay = 0 } = links.find(({ name }) => name === device)?.bridge ?? {};
  return [{ address: gateway, before: dev, after: device, delay: stp ? 2 * forwardDelay : forwardDelay }];
}

function unique(gateways: readonly Gateway[]): readonly Gateway[] {
  const key = ({ address, before, after }: Gateway): string => [address, before, after].join(' ');
  return [...new Map(gateways.map((gateway) => [key(gateway), gateway])).values()];
}
