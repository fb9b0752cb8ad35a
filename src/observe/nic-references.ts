/** Reads all references to a NIC by name: name servers, and settings that stay when its addresses move to a bridge. */
import { nicReferences } from '../host/links/nic-references.ts';
import { readDnsScope } from '../host/links/resolved.ts';
import type { Link } from '../records/link.ts';
import { hostTarget } from './host-target.ts';

/** @param bridge that gets the addresses; `exists`: it may already have name servers */
export async function observeNicReferences(
  uri: string,
  nic: Pick<Link, 'name' | 'index'>,
  bridge: string,
  exists: boolean,
) {
  const on = hostTarget(uri);
  const [scope, before, warnings] = await Promise.all([
    readDnsScope(nic.name, { on }),
    exists ? readDnsScope(bridge, { on }) : undefined,
    on ? [] : nicReferences(nic.name, nic.index, bridge),
  ]);
  return { scope, before, warnings };
}
