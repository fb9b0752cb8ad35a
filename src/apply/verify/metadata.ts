/** Reads a network's metadata, which libvirt has since 9.7. */
import { unlessMissing } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { MetadataPlace } from '../../plan/step.ts';
import type { MetadataValue } from '../../plan/virsh/network-object.ts';

/** Reads a piece of metadata in each of its scopes; its value is undefined if it is not set. */
export function readMetadata(
  connection: Connection,
  { network, type, uri, live, config }: MetadataPlace,
): Promise<readonly MetadataValue[]> {
  // libvirt reads one scope at a time.
  const scopes =
    live && config
      ? [
          { live, config: false },
          { live: false, config },
        ]
      : [{ live, config }];
  return Promise.all(
    scopes.map(async (scope) => ({
      ...scope,
      value: await unlessMissing(connection.call('getNetworkMetadata', { network, type, uri, ...scope })),
    })),
  );
}
