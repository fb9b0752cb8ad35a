/** How a domain is found, and its handle given back. */
import * as c from './ffi/ffi.ts';
import type { Pointer } from './ffi/ffi.ts';
import { using } from './native.ts';

/** How to find one domain: a UUID, or a name. */
export interface DomainKey {
  readonly domain: string;
}

const uuidPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** In virsh's order for names: a number is the id of a running domain before it is a name. */
export function withDomain<T>(connection: Pointer, key: string, use: (domain: Pointer) => T): T {
  if (uuidPattern.test(key)) {
    return using('virDomainLookupByUUIDString', c.virDomainLookupByUUIDString(connection, key), c.virDomainFree, use);
  }
  if (/^(0|[1-9]\d{0,8})$/.test(key)) {
    const domain = c.virDomainLookupByID(connection, Number(key));
    if (domain !== null) return using('virDomainLookupByID', domain, c.virDomainFree, use);
    c.virResetLastError();
  }
  return using('virDomainLookupByName', c.virDomainLookupByName(connection, key), c.virDomainFree, use);
}
