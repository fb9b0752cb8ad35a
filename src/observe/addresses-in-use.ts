/** The addresses that a new guest cannot have, although libvirt neither reserved nor leased them. */
import { definedAddresses } from '../state/free-address.ts';
import type { Seen } from '../state/state.ts';
import { parseIp, type Ip } from '../values/address.ts';
import { observeNeighbors, type UriReader } from './addresses.ts';
import { keptNat } from './nat.ts';

/**
 * The addresses of the host itself, of its neighbors (ARP and neighbor discovery), of definitions of NICs, and of targets of forwards. On another
 * host, only the addresses of NICs.
 */
export async function observeAddressesInUse(
  reader: UriReader,
  state: Seen<'domains' | 'host'>,
): Promise<readonly Ip[]> {
  const neighbors = (await observeNeighbors(reader)) ?? [];
  const targets = keptNat(reader.options.uri).forwards.map(({ target }) => target);
  const own = (state.host?.links ?? []).flatMap(({ addresses }) => addresses);
  return [
    ...[...own, ...neighbors, ...targets].map(({ address }) => parseIp(address, 'address')),
    ...definedAddresses(state),
  ];
}
