/** Procedures on a network's own data: its XML in either form; and title, description and metadata, since libvirt 9.7. */
import * as VIR from './ffi/constants.ts';
import * as c from './ffi/ffi.ts';
import type { Pointer } from './ffi/ffi.ts';
import * as n from './ffi/network.ts';
import { check, present, using } from './native.ts';

/** virNetworkMetadataType, by name. */
const metadataTypes = { description: 0, title: 1, element: 2 } as const;
const VIR_NETWORK_UPDATE_AFFECT_LIVE = 1;
const VIR_NETWORK_UPDATE_AFFECT_CONFIG = 2;

/** The piece of metadata, and the scope of the network: with neither, the one in use. */
export interface MetadataKey {
  /** The network's UUID. */
  readonly network: string;
  readonly type: keyof typeof metadataTypes;
  /** The namespace of an `element`. */
  readonly uri?: string | undefined;
  readonly live: boolean;
  readonly config: boolean;
}

/** A network's definition in use, or the one at its next start, just as libvirt prints it. */
export function getNetworkXml(
  connection: Pointer,
  { network, inactive }: { readonly network: string; readonly inactive: boolean },
): string {
  return withNetwork(connection, network, (handle) =>
    present('virNetworkGetXMLDesc', c.virNetworkGetXMLDesc(handle, inactive ? VIR.VIR_NETWORK_XML_INACTIVE : 0)),
  );
}

/** @throws NOTFOUND if it does not exist, DEPENDENCY before libvirt 9.7 */
export function getNetworkMetadata(connection: Pointer, key: MetadataKey): string {
  return withNetwork(connection, key.network, (handle) =>
    present(
      'virNetworkGetMetadata',
      n.virNetworkGetMetadata(handle, metadataTypes[key.type], key.uri ?? null, flags(key)),
    ),
  );
}

/** Sets a piece of metadata, or removes it without `value`. An `element` needs `prefix`, by which its namespace is known in the XML. */
export function networkSetMetadata(
  connection: Pointer,
  args: MetadataKey & { readonly value?: string | undefined; readonly prefix?: string | undefined },
): void {
  const { type, value = null, prefix = null, uri = null } = args;
  withNetwork(connection, args.network, (handle) =>
    check(
      'virNetworkSetMetadata',
      n.virNetworkSetMetadata(handle, metadataTypes[type], value, prefix, uri, flags(args)),
    ),
  );
}

function flags({ live, config }: MetadataKey): number {
  return (live ? VIR_NETWORK_UPDATE_AFFECT_LIVE : 0) | (config ? VIR_NETWORK_UPDATE_AFFECT_CONFIG : 0);
}

function withNetwork<T>(connection: Pointer, uuid: string, use: (network: Pointer) => T): T {
  const handle = c.virNetworkLookupByUUIDString(connection, uuid);
  return using('virNetworkLookupByUUIDString', handle, c.virNetworkFree, use);
}
