/** The C functions on networks that came with newer libvirts: 7.8, and 9.7 for title, description and metadata. Source: libvirt-network.h */
import { declare, type Pointer } from './ffi.ts';

export const virNetworkCreateXMLFlags = declare<(connection: Pointer, xml: string, flags: number) => Pointer>(
  'void *virNetworkCreateXMLFlags(void *connection, const char *xml, uint flags)',
);
export const virNetworkGetMetadata = declare<
  (network: Pointer, type: number, uri: string | null, flags: number) => string | null
>('str! virNetworkGetMetadata(void *network, int type, const char *uri, uint flags)');
export const virNetworkSetMetadata = declare<
  (
    network: Pointer,
    type: number,
    metadata: string | null,
    key: string | null,
    uri: string | null,
    flags: number,
  ) => number
>(
  'int virNetworkSetMetadata(void *network, int type, const char *metadata, const char *key, const char *uri, uint flags)',
);
