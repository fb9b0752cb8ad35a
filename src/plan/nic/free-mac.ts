import { KvmnetError } from '../../errors.ts';

/**
 * Returns the first unused one of some random MAC addresses.
 * @param users who has which MAC
 * @throws CONFLICT if all are in use
 */
export function chooseFreeMac(macs: readonly string[], users: ReadonlyMap<string, string>): string {
  const free = macs.find((mac) => !users.has(mac));
  if (free !== undefined) return free;
  throw new KvmnetError('CONFLICT', 'could not find an unused random MAC address', {
    hint: 'try again, or name one with --mac',
  });
}
