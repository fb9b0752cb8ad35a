import type { HostState, WholeHost } from './state.ts';

/**
 * Returns a host with its routes.
 * @throws Error where its caller has not read them: no routes is another answer than routes that are not known
 */
export function wholeHost({ links, routes }: HostState): WholeHost {
  if (routes === undefined) throw new Error('the routes of the host were not read');
  return { links, routes };
}
