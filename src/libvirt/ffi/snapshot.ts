/** The C functions on what is saved of domains. Source: libvirt-domain-snapshot.h, libvirt-domain.h */
import { declare, type Pointer } from './ffi.ts';

/** Without a list it only counts. */
export const virDomainListAllSnapshots = declare<
  (domain: Pointer, list: [bigint | null] | null, flags: number) => number
>('int virDomainListAllSnapshots(void *domain, _Out_ void **list, uint flags)');
export const virDomainSnapshotGetXMLDesc = declare<(snapshot: Pointer, flags: number) => string | null>(
  'str! virDomainSnapshotGetXMLDesc(void *snapshot, uint flags)',
);
export const virDomainSnapshotFree = declare<(snapshot: Pointer) => number>(
  'int virDomainSnapshotFree(void *snapshot)',
);
export const virDomainManagedSaveGetXMLDesc = declare<(domain: Pointer, flags: number) => string | null>(
  'str! virDomainManagedSaveGetXMLDesc(void *domain, uint flags)',
);
/** Without a list it only counts. */
export const virDomainListAllCheckpoints = declare<(domain: Pointer, list: null, flags: number) => number>(
  'int virDomainListAllCheckpoints(void *domain, void *list, uint flags)',
);
