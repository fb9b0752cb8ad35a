/** The C functions on what is saved of domains. Source: libvirt-domain-snapshot.h, libvirt-domain.h */
import { declare, type Pointer } from './ffi.ts';

export const virDomainListAllSnapshots = declare<(domain: Pointer, list: [bigint | null], flags: number) => number>(
  'int virDomainListAllSnapshots(void *domain, _Out_ void **list, uint flags)',
);
export const virDomainSnapshotGetXMLDesc = declare<(snapshot: Pointer, flags: number) => string | null>(
  'str! virDomainSnapshotGetXMLDesc(void *snapshot, uint flags)',
);
export const virDomainSnapshotFree = declare<(snapshot: Pointer) => number>(
  'int virDomainSnapshotFree(void *snapshot)',
);
export const virDomainManagedSaveGetXMLDesc = declare<(domain: Pointer, flags: number) => string | null>(
  'str! virDomainManagedSaveGetXMLDesc(void *domain, uint flags)',
);
