/** The C functions on network filters and their bindings. Source: libvirt-nwfilter.h */
import { declare, type Pointer } from './ffi.ts';

type Out<T> = [T | null];

export const virConnectListAllNWFilters = declare<(connection: Pointer, list: Out<bigint>, flags: number) => number>(
  'int virConnectListAllNWFilters(void *connection, _Out_ void **list, uint flags)',
);
export const virNWFilterLookupByName = declare<(connection: Pointer, name: string) => Pointer>(
  'void *virNWFilterLookupByName(void *connection, const char *name)',
);
export const virNWFilterLookupByUUIDString = declare<(connection: Pointer, uuid: string) => Pointer>(
  'void *virNWFilterLookupByUUIDString(void *connection, const char *uuid)',
);
export const virNWFilterFree = declare<(filter: Pointer) => number>('int virNWFilterFree(void *filter)');
export const virNWFilterGetName = declare<(filter: Pointer) => string | null>(
  'const char *virNWFilterGetName(void *filter)',
);
export const virNWFilterGetUUIDString = declare<(filter: Pointer, buffer: Buffer) => number>(
  'int virNWFilterGetUUIDString(void *filter, void *buffer)',
);
export const virNWFilterGetXMLDesc = declare<(filter: Pointer, flags: number) => string | null>(
  'str! virNWFilterGetXMLDesc(void *filter, uint flags)',
);
export const virNWFilterDefineXML = declare<(connection: Pointer, xml: string) => Pointer>(
  'void *virNWFilterDefineXML(void *connection, const char *xml)',
);
export const virNWFilterDefineXMLFlags = declare<(connection: Pointer, xml: string, flags: number) => Pointer>(
  'void *virNWFilterDefineXMLFlags(void *connection, const char *xml, uint flags)',
);
export const virNWFilterUndefine = declare<(filter: Pointer) => number>('int virNWFilterUndefine(void *filter)');

export const virConnectListAllNWFilterBindings = declare<
  (connection: Pointer, list: Out<bigint>, flags: number) => number
>('int virConnectListAllNWFilterBindings(void *connection, _Out_ void **list, uint flags)');
export const virNWFilterBindingLookupByPortDev = declare<(connection: Pointer, portDev: string) => Pointer>(
  'void *virNWFilterBindingLookupByPortDev(void *connection, const char *portDev)',
);
export const virNWFilterBindingFree = declare<(binding: Pointer) => number>(
  'int virNWFilterBindingFree(void *binding)',
);
export const virNWFilterBindingGetPortDev = declare<(binding: Pointer) => string | null>(
  'const char *virNWFilterBindingGetPortDev(void *binding)',
);
export const virNWFilterBindingGetFilterName = declare<(binding: Pointer) => string | null>(
  'const char *virNWFilterBindingGetFilterName(void *binding)',
);
export const virNWFilterBindingGetXMLDesc = declare<(binding: Pointer, flags: number) => string | null>(
  'str! virNWFilterBindingGetXMLDesc(void *binding, uint flags)',
);
export const virNWFilterBindingCreateXML = declare<(connection: Pointer, xml: string, flags: number) => Pointer>(
  'void *virNWFilterBindingCreateXML(void *connection, const char *xml, uint flags)',
);
export const virNWFilterBindingDelete = declare<(binding: Pointer) => number>(
  'int virNWFilterBindingDelete(void *binding)',
);
