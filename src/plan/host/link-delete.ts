/** What goes with links of the host that are deleted. */
import { KvmnetError } from '../../errors.ts';
import type { HostState, Link, State } from '../../state/state.ts';
import type { Step } from '../step.ts';
import { lifelineOf } from './lifeline.ts';
import { linkUses, type LinkUser } from './link-users.ts';
import { routesThrough } from './routes.ts';
import { cidr, listed } from './wanted.ts';

/** @throws CONFLICT where other devices stand on these: the kernel would delete them too */
export function requireNothingOn(links: readonly Link[], host: HostState, remedy: (above: Link) => string): void {
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
  const { host } = state;
  if (!host) return [];
  const usesOf = linkUses(state);
  return [
    ...links.flatMap(({ name }) => usesOf(name).nics.flatMap((nic) => userLoss(name, nic))),
    ...links.flatMap(({ name }) =>
      usesOf(name).networks.map(
        (network) => `network ${network} is a name for ${name}: its guests have nothing to be plugged into`,
      ),
    ),
    ...links.flatMap((link) => hostLosses(link, host)),
    ...lifelineOf({ steps }, host, ssh).because,
  ];
}

function userLoss(link: string, { domain, mac, nic, interface: tap, live, config }: LinkUser): readonly string[] {
  const its = `its NIC ${mac ?? String(nic)}`;
  return [
    ...(live ? [`${domain} is cut off: ${its}${tap === undefined ? '' : ` (${tap})`} is plugged into ${link}`] : []),
    ...(config ? [`${domain} cannot start any more: ${its} names ${link}`] : []),
  ];
}

function hostLosses({ name, addresses }: Link, host: HostState): readonly string[] {
  const own = listed(addresses).map(cidr);
  const routes = routesThrough(name, host.routes).map(
    ({ destination, gateway }) => `${destination}${gateway === undefined ? '' : ` via ${gateway}`}`,
  );
  return [
    ...(own.length === 0 ? [] : [`the host loses ${own.join(', ')} on ${name}`]),
    ...(routes.length === 0 ? [] : [`routes over ${name} go: ${routes.join(', ')}`]),
  ];
}
