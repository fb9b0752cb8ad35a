/** Effects of deleting links of the host. */
import { KvmnetError } from '../../errors.ts';
import type { WholeHost, State } from '../../state/state.ts';
import { wholeHost } from '../../state/whole-host.ts';
import type { Link } from '../../records/link.ts';
import type { Step } from '../step.ts';
import { reachabilityRisk } from './reachability.ts';
import { linkUses, type LinkUser } from './link-users.ts';
import { routesThrough } from './routes.ts';
import { isDefaultRoute } from '../../values/route.ts';
import { cidr, listed } from './wanted.ts';

/** @throws CONFLICT if other devices are on top of these: the kernel would delete them too */
export function requireNothingOn(links: readonly Link[], host: WholeHost, remedy: (above: Link) => string): void {
  const going = new Set(links.map(({ name }) => name));
  const above = host.links.find(
    ({ name, kind, parent }) =>
      kind !== 'veth' && kind !== 'macvtap' && parent !== undefined && going.has(parent) && !going.has(name),
  );
  if (!above) return;
  throw new KvmnetError('CONFLICT', `${above.parent ?? ''} carries ${above.name}, which would be gone with it`, {
    hint: remedy(above),
  });
}

/** Who and what uses links that go: a sentence each, to be accepted. */
export function lossesOf(
  links: readonly Link[],
  steps: readonly Step[],
  state: State,
  ssh: string | undefined,
): readonly string[] {
  if (!state.host) return [];
  const host = wholeHost(state.host);
  const usesOf = linkUses(state);
  return [
    ...links.flatMap(({ name }) => usesOf(name).nics.flatMap((nic) => userLoss(name, nic))),
    ...links.flatMap(({ name }) =>
      usesOf(name).networks.map(
        (network) => `network ${network} is a name for ${name}: its guests will have no bridge`,
      ),
    ),
    ...links.flatMap(({ name }) => usesOf(name).outbound.map((network) => outboundLoss(network, name))),
    ...links.flatMap((link) => hostLosses(link, host)),
    ...reachabilityRisk({ steps }, host, ssh).because,
  ];
}

function outboundLoss(network: string, link: string): string {
  return `network ${network} sends its guests' packets out by ${link} alone: they no longer leave the host`;
}

/** The sentences of a plan that the user must accept, and the warnings, which are only printed. */
export interface Losses {
  readonly consent: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Who and what uses links that become ports of `master`, and cannot do so any more.
 * @param moved routes go over to the master
 */
export function lossesOfPorts(
  links: readonly Link[],
  master: string,
  state: State,
  { moved = false }: { readonly moved?: boolean } = {},
): Losses {
  const joining = links.filter((link) => link.master !== master);
  if (joining.length === 0) return { consent: [], warnings: [] };
  const usesOf = linkUses(state);
  const port = `a port of ${master} then`;
  return {
    consent: joining.flatMap(({ name }) => {
      const { nics, networks, outbound } = usesOf(name);
      return [
        ...nics.flatMap(({ domain, mac, nic, config }) =>
          config
            ? [`${domain} cannot start any more: its NIC ${mac ?? String(nic)} sits on ${name}, which is ${port}`]
            : [],
        ),
        ...networks.map((network) => `network ${network} cannot give its guests ${name}, which is ${port}`),
        ...outbound.map((network) => outboundLoss(network, name)),
        ...(moved ? [] : routeLoss(name, state.host && wholeHost(state.host))),
      ];
    }),
    warnings: joining.flatMap(({ name }) => [
      ...usesOf(name).functions.map(
        (network) => `network ${network} gives its guests virtual functions of ${name}, which is ${port}`,
      ),
      ...(state.host?.links ?? [])
        .filter(({ vlan, parent }) => vlan !== undefined && parent === name)
        .map(
          (above) =>
            `${above.name} stays on ${name}: frames of VLAN ${String(above.vlan?.id)} go there, and not to ${master}`,
        ),
    ]),
  };
}

function routeLoss(name: string, host: Pick<WholeHost, 'routes'> | undefined): readonly string[] {
  const routes = routesThrough(name, host?.routes ?? []).map(
    ({ destination, gateway }) => `${destination}${gateway === undefined ? '' : ` via ${gateway}`}`,
  );
  return routes.length === 0 ? [] : [`routes over ${name} go: ${routes.join(', ')}`];
}

function userLoss(link: string, { domain, mac, nic, interface: tap, live, config }: LinkUser): readonly string[] {
  const its = `its NIC ${mac ?? String(nic)}`;
  return [
    ...(live ? [`${domain} is cut off: ${its}${tap === undefined ? '' : ` (${tap})`} is attached to ${link}`] : []),
    ...(config ? [`${domain} cannot start any more: ${its} names ${link}`] : []),
  ];
}

/** Default routes are named by what hangs on them: see reachabilityRisk. */
function hostLosses({ name, addresses }: Link, host: WholeHost): readonly string[] {
  const own = listed(addresses).map(cidr);
  const others = { routes: host.routes.filter((route) => !isDefaultRoute(route)) };
  return [...(own.length === 0 ? [] : [`the host loses ${own.join(', ')} on ${name}`]), ...routeLoss(name, others)];
}
