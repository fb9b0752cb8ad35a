/** The C functions on host interfaces that change something, or find one by its MAC. Source: libvirt-interface.h */
import { declare, type Pointer } from './ffi.ts';

export const virInterfaceLookupByMACString = declare<(connection: Pointer, mac: string) => Pointer>(
  'void *virInterfaceLookupByMACString(void *connection, const char *mac)',
);
export const virInterfaceDefineXML = declare<(connection: Pointer, xml: string, flags: number) => Pointer>(
  'void *virInterfaceDefineXML(void *connection, const char *xml, uint flags)',
);
export const virInterfaceUndefine = declare<(interface_: Pointer) => number>(
  'int virInterfaceUndefine(void *interface)',
);
export const virInterfaceCreate = declare<(interface_: Pointer, flags: number) => number>(
  'int virInterfaceCreate(void *interface, uint flags)',
);
export const virInterfaceDestroy = declare<(interface_: Pointer, flags: number) => number>(
  'int virInterfaceDestroy(void *interface, uint flags)',
);
export const virInterfaceChangeBegin = declare<(connection: Pointer, flags: number) => number>(
  'int virInterfaceChangeBegin(void *connection, uint flags)',
);
export const virInterfaceChangeCommit = declare<(connection: Pointer, flags: number) => number>(
  'int virInterfaceChangeCommit(void *connection, uint flags)',
);
export const virInterfaceChangeRollback = declare<(connection: Pointer, flags: number) => number>(
  'int virInterfaceChangeRollback(void *connection, uint flags)',
);
