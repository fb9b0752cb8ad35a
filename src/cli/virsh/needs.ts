/** Calls that came with newer libvirts. */
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { hasRelease, needs, type Release } from '../../state/libvirt-version.ts';

/** Refuses titles, descriptions and metadata of networks before libvirt 9.7. Throws DEPENDENCY. */
export function requireMetadata(connection: Connection): Promise<void> {
  return requireRelease(connection, [9, 7], 'a title, description or metadata of a network');
}

/**
 * Refuses what the client library or the daemon is too old for.
 * @throws DEPENDENCY with both versions
 */
async function requireRelease(connection: Connection, release: Release, what: string): Promise<void> {
  const [daemon, clientVersion] = await Promise.all([connection.call('describe'), connection.call('getClientVersion')]);
  const older = { connection: { ...daemon, libvirtVersion: Math.min(clientVersion, daemon.libvirtVersion) } };
  if (hasRelease(older, release)) return;
  const where = clientVersion < daemon.libvirtVersion ? 'this machine' : `the host of ${daemon.uri}`;
  throw new KvmnetError('DEPENDENCY', needs(what, release, older), { hint: `update libvirt on ${where}` });
}
