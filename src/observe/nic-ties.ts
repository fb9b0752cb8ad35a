/** Reads everything that depends on a NIC apart from its addresses: name servers, and settings that would stay behind when a bridge gets the addresses. */
import { nicTies } from '../host/links/nic-ties.ts';
import { readDnsScope } from '../host/links/resolved.ts';
import type { Link } from '../records/link.ts';
import { hostTarget } from './host-target.ts';

/** @param bridge that gets the addresses; `exists`: it may already have name servers */
export async function observeNicTies(uri: string, nic: Pick<Link, 'name' | 'index'>, bridge: string, exists: boolean) {
  const on = hostTarget(uri);
  const [scope, before, warnings] = await Promise.all([
    readDnsScope(nic.name, { on }),
    exists ? readDnsScope(bridge, { on }) : undefined,
    on ? [] : nicTies(nic.name, nic.index, bridge),
  ]);
  return { scope, before, warnings };
}
