/** The host of a connection, by itself: links, addresses and routes, here or where ssh reaches. */
import { readLinks, readRoutes } from '../host/links.ts';
import type { RunOptions } from '../host/run.ts';
import type { HostState } from '../state/state.ts';

/** How much of the host to look at; all of it by default. */
export interface HostLook extends Pick<RunOptions, 'on' | 'onRun'> {
  readonly links?: boolean;
  readonly routes?: boolean;
}

export async function observeHost({ links = true, routes = true, on, onRun }: HostLook): Promise<HostState> {
  const options = { on, onRun };
  const [linkRecords, routeRecords] = await Promise.all([
    links ? readLinks(options) : [],
    routes ? readRoutes(options) : [],
  ]);
  return { links: linkRecords, routes: routeRecords };
}
