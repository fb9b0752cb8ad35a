/** The parts of a State that one network or one domain is connected to. Questions to a part take no longer on a host with many others. */
import type { Neighbor } from '../records/guest-address.ts';
import type { DomainState, NetworkState, State } from '../state/state.ts';
import { groupBy } from '../values/group-by.ts';

export interface Nearby {
  /** The network alone, with its bridge. */
  readonly ofNetwork: (network: NetworkState) => State;
  /** The networks and taps of the domain's NICs, and what the kernel knows of these NICs. */
  readonly ofDomain: (domain: DomainState) => Surroundings;
}

interface Surroundings {
  readonly state: State;
  readonly neighbors: readonly Neighbor[] | undefined;
}

/** Divides a State; the addresses that the kernel knows are undefined where it is out of sight. */
export function nearby(state: State, neighbors: readonly Neighbor[] | undefined): Nearby {
  const links = byName(state.host?.links ?? []);
  const networks = byName(state.networks);
  const networksOfBridge = groupBy(state.networks, ({ bridge }) => bridge);
  const ofMac = groupBy(neighbors ?? [], ({ mac }) => mac.toLowerCase());
  const hostWith = (names: Names): State['host'] => state.host && { ...state.host, links: found(links, names) };
  return {
    ofNetwork: (network) => ({ ...state, domains: [], networks: [network], host: hostWith([network.bridge]) }),
    ofDomain: (domain) => {
      const nics = [domain.domain, domain.inactive].flatMap((definition) => definition?.interfaces ?? []);
      const macs = new Set(nics.map(({ mac }) => mac?.address?.toLowerCase()));
      const own = [...macs].flatMap((mac) => ofMac.get(mac ?? '') ?? []);
      const around = [
        ...found(
          networks,
          nics.map(({ source }) => source?.network),
        ),
        // An address that was learned on the bridge of another network is an old one.
        ...own.flatMap(({ dev }) => networksOfBridge.get(dev) ?? []),
      ];
      const host = hostWith(nics.map(({ target }) => target?.dev));
      return {
        state: { ...state, domains: [domain], networks: [...new Set(around)], host },
        neighbors: neighbors && own,
      };
    },
  };
}

type Names = readonly (string | undefined)[];

/** The first of each name. */
function byName<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name, item] as const).toReversed());
}

function found<T>(items: ReadonlyMap<string, T>, names: Names): readonly T[] {
  return [...new Set(names)].flatMap((name) => items.get(name ?? '') ?? []);
}
