/** The state of a host after links have changed: the base for planning further steps. */
import type { WholeHost } from '../../state/state.ts';
import type { Link, Route } from '../../records/link.ts';
import type { Plan } from '../step.ts';
import type { WantedLink, WantedLinks } from '../../records/desired-link.ts';

/** Returns the same host with these links created, changed and deleted, but without what the kernel adds, such as connected routes. */
export function hostAfter(wanted: WantedLinks, host: WholeHost): WholeHost {
  const gone = withVlansOn(
    Object.keys(wanted).filter((name) => wanted[name] === null),
    host,
  );
  const stay = host.links
    .filter(({ name }) => !gone.has(name))
    .map((link) => ({ ...link, master: gone.has(link.master ?? '') ? undefined : link.master }))
    .map((link) => changed(link, wanted[link.name] ?? {}));
  const highest = Math.max(0, ...host.links.map(({ index }) => index));
  const added = Object.entries(wanted)
    .filter(([name, link]) => link !== null && !host.links.some((each) => each.name === name))
    .map(([name, link], position) => changed(blank(name, highest + 1 + position), link ?? {}));
  const links = [...stay, ...added];
  return { links: links.map((link) => withParentsMac(link, links)), routes: routesAfter(wanted, gone, host) };
}

/** The links that a plan's steps lead to, the last word on each. */
export function wantedBy({ steps }: Pick<Plan, 'steps'>): WantedLinks {
  const all = steps.flatMap(({ verify }) => (verify.expect === 'links' ? [verify.links] : []));
  const names = [...new Set(all.flatMap((links) => Object.keys(links)))];
  return Object.fromEntries(
    names.map((name) => {
      const desired = all.flatMap((links) => (name in links ? [links[name] ?? null] : []));
      return [name, desired.at(-1) === null ? null : desired.reduce((link, next) => ({ ...link, ...next }), {})];
    }),
  );
}

/** With its parent a VLAN device goes too. */
function withVlansOn(names: readonly string[], { links }: Pick<WholeHost, 'links'>): ReadonlySet<string> {
  const above = links.filter(
    ({ name, kind, parent }) => kind === 'vlan' && names.includes(parent ?? '') && !names.includes(name),
  );
  return above.length === 0 ? new Set(names) : withVlansOn([...names, ...above.map(({ name }) => name)], { links });
}

function blank(name: string, index: number): Link {
  return {
    ...{ name, index, type: 'ether', kind: undefined, mac: undefined, mtu: 1500, up: false, master: undefined },
    ...{ wireless: false, addresses: [], operstate: 'DOWN', parent: undefined, permanentMac: undefined },
  };
}

/** A bridge that the kernel makes. Source: br_dev_setup of the kernel's net/bridge/br_device.c. */
const newBridge: NonNullable<Link['bridge']> = {
  ...{ stp: false, forwardDelay: 15, helloTime: 2, maxAge: 20, ageingTime: 300, priority: 32768, vlanFiltering: false },
  ...{ id: '', root: '', rootPathCost: 0, topologyChanges: false },
};

function changed(
  link: Link,
  { bridge, peer: _peer, peerNetns: _peerNetns, routes: _routes, master = link.master, ...wanted }: WantedLink,
): Link {
  const merged = { ...link, ...wanted, master: master ?? undefined };
  if (merged.kind !== 'bridge' && !bridge) return merged;
  return { ...merged, bridge: { ...newBridge, ...link.bridge, ...defined(bridge ?? {}) } };
}

/** A VLAN device without an explicit MAC has its parent's. */
function withParentsMac(link: Link, links: readonly Link[]): Link {
  if (link.mac !== undefined || link.kind !== 'vlan') return link;
  return { ...link, mac: links.find(({ name }) => name === link.parent)?.mac };
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>;
}

function routesAfter(wanted: WantedLinks, gone: ReadonlySet<string>, { routes }: WholeHost): readonly Route[] {
  const remaining = routes.filter(({ dev = '' }) => !gone.has(dev) && wanted[dev]?.routes === undefined);
  const set = Object.entries(wanted).flatMap(([dev, link]) => (link?.routes ?? []).map((route) => ({ ...route, dev })));
  return [...remaining, ...set];
}
