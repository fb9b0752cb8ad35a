/** Calls that came with newer libvirts. */
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import { hasRelease, needs, type Release } from '../../plan/version.ts';

/**
 * Refuses what the client library or the daemon is too old for.
 * @throws DEPENDENCY with both versions
 */
export async function requireRelease(connection: Connection, release: Release, what: string): Promise<void> {
  const { clientVersion, ...daemon } = await connection.call('describe');
  const older = { connection: { ...daemon, libvirtVersion: Math.min(clientVersion, daemon.libvirtVersion) } };
  if (hasRelease(older, release)) return;
  const where = clientVersion < daemon.libvirtVersion ? 'this machine' : `the host ${daemon.hostname}`;
  throw new KvmnetError('DEPENDENCY', needs(what, release, older), { hint: `update libvirt on ${where}` });
}
