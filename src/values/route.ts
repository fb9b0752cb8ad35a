/** Routes. */
import type { Route } from '../records/link.ts';

/** A route to everywhere, of either family. */
export function isDefaultRoute({ destination }: Pick<Route, 'destination'>): boolean {
  return destination === '0.0.0.0/0' || destination === '::/0';
}
