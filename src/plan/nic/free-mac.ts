import { KvmnetError } from '../../errors.ts';
import { macHolder } from '../../state/mac-holder.ts';
import type { Seen } from '../../state/state.ts';

/**
 * Returns the first unused one of some random MAC addresses.
 * @throws CONFLICT if all are in use
 */
export function chooseFreeMac(macs: readonly string[], state: Seen<'domains'>): string {
  const free = macs.find((mac) => macHolder(mac, state) === undefined);
  if (free !== undefined) return free;
  throw new KvmnetError('CONFLICT', 'could not find an unused random MAC address', {
    hint: 'try again, or name one with --mac',
  });
}
