/** Reads the host of a connection without libvirt: links, addresses and routes, local or by ssh. */
import { readLinks, readRoutes } from '../host/links/links.ts';
import { readBridgeVlans } from '../host/links/port-vlans.ts';
import type { RunOptions } from '../host/run.ts';
import type { HostState } from '../state/state.ts';
import type { Link } from '../records/link.ts';

/** How much of the host to look at; all of it by default. */
export interface HostObserveOptions extends Pick<RunOptions, 'on' | 'onRun'> {
  /** False for readers that use no routes: they are undefined then. */
  readonly routes?: boolean;
  /** The names of the namespaces that cables lead to, which are left out unless they are asked for. */
  readonly namespaces?: boolean;
  /** The VLANs of bridges and their ports, which are left out unless they are asked for. */
  readonly vlans?: boolean;
}

export async function observeHost(request: HostObserveOptions): Promise<HostState> {
  const { routes = true, vlans = false, namespaces = false, on, onRun } = request;
  const options = { on, onRun };
  const [linkRecords, routeRecords] = await Promise.all([
    readLinks({ ...options, namespaces }),
    routes ? readRoutes(options) : undefined,
  ]);
  return { links: vlans ? await withVlans(linkRecords, options) : linkRecords, routes: routeRecords };
}

/** Asked only where a bridge filters them, or will have to once it does. */
async function withVlans(
  links: readonly Link[],
  options: Pick<HostObserveOptions, 'on' | 'onRun'>,
): Promise<readonly Link[]> {
  const bridges = new Set(links.filter(({ bridge }) => bridge !== undefined).map(({ name }) => name));
  const isAsked = links.some(
    ({ bridge, vlan, parent }) => bridge?.vlanFiltering === true || (vlan !== undefined && bridges.has(parent ?? '')),
  );
  if (!isAsked) return links;
  const vlansOf = await readBridgeVlans(options);
  return links.map((link) => {
    const vlans = vlansOf.get(link.name);
    return vlans === undefined ? link : { ...link, vlans };
  });
}
