/**
 * The C functions of libvirt.so.0 that kvmnet calls, each declared once, under its C name. Only procedures.ts, events.ts and error.ts
 * use them, and pointers never leave the thread that made them.
 * Source: libvirt's public headers; the ABI is stable since 0.1.
 */
import type koffi from 'koffi';
import { KvmnetError } from '../../errors.ts';
import { missingSymbol, libvirt, type Pointer } from './library.ts';

export type { Pointer } from './library.ts';

type Out<T> = [T | null];

type KoffiFunction = ReturnType<ReturnType<typeof koffi.load>['func']>;

let listener: ((name: string, milliseconds: number) => void) | undefined;

/** The names of all declared C functions, so that a test can prove that each of them is called. */
export const declaredFunctions: string[] = [];

/** Reports each C function called in this thread to the listener, with its duration in milliseconds. */
export function traceCalls(onCall: ((name: string, milliseconds: number) => void) | undefined): void {
  listener = onCall;
}

/** Resolved at the first call: start-up pays only for what is used, and an old library lacks only what it lacks. */
export function declare<F extends (...args: never[]) => unknown>(prototype: string): F {
  const name = /(\w+)\(/.exec(prototype)?.[1] ?? prototype;
  declaredFunctions.push(name);
  let resolved: ((...args: unknown[]) => unknown) | undefined;
  const call = (...args: unknown[]): unknown => {
    resolved ??= resolve(name, prototype);
    if (!listener) return resolved(...args);
    const start = performance.now();
    try {
      return resolved(...args);
    } finally {
      listener(name, performance.now() - start);
    }
  };
  return call as unknown as F;
}

/** The same for a blocking function: it runs on a separate thread, and returns its result later. */
function declareAsync(prototype: string): (done: (result: number) => void) => void {
  const name = /(\w+)\(/.exec(prototype)?.[1] ?? prototype;
  declaredFunctions.push(name);
  return (done) => {
    listener?.(name, 0);
    resolve(name, prototype).async((_error: unknown, result: number) => {
      done(result);
    });
  };
}

function resolve(name: string, prototype: string): KoffiFunction {
  try {
    return libvirt().func(prototype);
  } catch (cause) {
    if (cause instanceof KvmnetError) throw cause;
    throw missingSymbol(name, cause);
  }
}

// Library
export const virInitialize = declare<() => number>('int virInitialize()');
export const virGetVersion = declare<(version: Out<number>, type: null, typeVersion: null) => number>(
  'int virGetVersion(_Out_ ulong *version, const char *type, ulong *typeVersion)',
);
export const virSetErrorFunc = declare<(userData: null, handler: Pointer) => void>(
  'void virSetErrorFunc(void *userData, void *handler)',
);
export const virGetLastError = declare<() => Pointer>('void *virGetLastError()');
export const virResetLastError = declare<() => void>('void virResetLastError()');

// Connection
export const virConnectOpen = declare<(uri: string) => Pointer>('void *virConnectOpen(const char *uri)');
export const virConnectOpenReadOnly = declare<(uri: string) => Pointer>(
  'void *virConnectOpenReadOnly(const char *uri)',
);
export const virConnectClose = declare<(connection: Pointer) => number>('int virConnectClose(void *connection)');
export const virConnectIsAlive = declare<(connection: Pointer) => number>('int virConnectIsAlive(void *connection)');
export const virConnectGetType = declare<(connection: Pointer) => string | null>(
  'const char *virConnectGetType(void *connection)',
);
export const virConnectGetURI = declare<(connection: Pointer) => string | null>(
  'str! virConnectGetURI(void *connection)',
);
export const virConnectGetLibVersion = declare<(connection: Pointer, version: Out<number>) => number>(
  'int virConnectGetLibVersion(void *connection, _Out_ ulong *version)',
);
export const virNodeGetInfo = declare<(connection: Pointer, info: object) => number>(
  'int virNodeGetInfo(void *connection, void *info)',
);

// Networks
export const virConnectListAllNetworks = declare<(connection: Pointer, list: Out<bigint>, flags: number) => number>(
  'int virConnectListAllNetworks(void *connection, _Out_ void **list, uint flags)',
);
export const virNetworkLookupByName = declare<(connection: Pointer, name: string) => Pointer>(
  'void *virNetworkLookupByName(void *connection, const char *name)',
);
export const virNetworkLookupByUUIDString = declare<(connection: Pointer, uuid: string) => Pointer>(
  'void *virNetworkLookupByUUIDString(void *connection, const char *uuid)',
);
export const virNetworkFree = declare<(network: Pointer) => number>('int virNetworkFree(void *network)');
export const virNetworkGetName = declare<(network: Pointer) => string | null>(
  'const char *virNetworkGetName(void *network)',
);
export const virNetworkGetUUIDString = declare<(network: Pointer, buffer: Buffer) => number>(
  'int virNetworkGetUUIDString(void *network, void *buffer)',
);
export const virNetworkGetXMLDesc = declare<(network: Pointer, flags: number) => string | null>(
  'str! virNetworkGetXMLDesc(void *network, uint flags)',
);
export const virNetworkGetBridgeName = declare<(network: Pointer) => string | null>(
  'str! virNetworkGetBridgeName(void *network)',
);
export const virNetworkIsActive = declare<(network: Pointer) => number>('int virNetworkIsActive(void *network)');
export const virNetworkIsPersistent = declare<(network: Pointer) => number>(
  'int virNetworkIsPersistent(void *network)',
);
export const virNetworkGetAutostart = declare<(network: Pointer, autostart: Out<number>) => number>(
  'int virNetworkGetAutostart(void *network, _Out_ int *autostart)',
);
export const virNetworkSetAutostart = declare<(network: Pointer, autostart: number) => number>(
  'int virNetworkSetAutostart(void *network, int autostart)',
);
export const virNetworkDefineXML = declare<(connection: Pointer, xml: string) => Pointer>(
  'void *virNetworkDefineXML(void *connection, const char *xml)',
);
export const virNetworkDefineXMLFlags = declare<(connection: Pointer, xml: string, flags: number) => Pointer>(
  'void *virNetworkDefineXMLFlags(void *connection, const char *xml, uint flags)',
);
export const virNetworkCreateXML = declare<(connection: Pointer, xml: string) => Pointer>(
  'void *virNetworkCreateXML(void *connection, const char *xml)',
);
export const virNetworkCreate = declare<(network: Pointer) => number>('int virNetworkCreate(void *network)');
export const virNetworkDestroy = declare<(network: Pointer) => number>('int virNetworkDestroy(void *network)');
export const virNetworkUndefine = declare<(network: Pointer) => number>('int virNetworkUndefine(void *network)');
export const virNetworkUpdate = declare<
  (network: Pointer, command: number, section: number, parentIndex: number, xml: string, flags: number) => number
>('int virNetworkUpdate(void *network, uint command, uint section, int parentIndex, const char *xml, uint flags)');
export const virNetworkGetDHCPLeases = declare<
  (network: Pointer, mac: string | null, leases: Out<bigint>, flags: number) => number
>('int virNetworkGetDHCPLeases(void *network, const char *mac, _Out_ void **leases, uint flags)');
export const virNetworkDHCPLeaseFree = declare<(lease: Pointer) => void>('void virNetworkDHCPLeaseFree(void *lease)');

// Network ports
export const virNetworkListAllPorts = declare<(network: Pointer, list: Out<bigint>, flags: number) => number>(
  'int virNetworkListAllPorts(void *network, _Out_ void **list, uint flags)',
);
export const virNetworkPortLookupByUUIDString = declare<(network: Pointer, uuid: string) => Pointer>(
  'void *virNetworkPortLookupByUUIDString(void *network, const char *uuid)',
);
export const virNetworkPortCreateXML = declare<(network: Pointer, xml: string, flags: number) => Pointer>(
  'void *virNetworkPortCreateXML(void *network, const char *xml, uint flags)',
);
export const virNetworkPortGetUUIDString = declare<(port: Pointer, buffer: Buffer) => number>(
  'int virNetworkPortGetUUIDString(void *port, void *buffer)',
);
export const virNetworkPortGetXMLDesc = declare<(port: Pointer, flags: number) => string | null>(
  'str! virNetworkPortGetXMLDesc(void *port, uint flags)',
);
export const virNetworkPortDelete = declare<(port: Pointer, flags: number) => number>(
  'int virNetworkPortDelete(void *port, uint flags)',
);
export const virNetworkPortFree = declare<(port: Pointer) => number>('int virNetworkPortFree(void *port)');

// Domains
export const virConnectListAllDomains = declare<(connection: Pointer, list: Out<bigint>, flags: number) => number>(
  'int virConnectListAllDomains(void *connection, _Out_ void **list, uint flags)',
);
export const virDomainLookupByName = declare<(connection: Pointer, name: string) => Pointer>(
  'void *virDomainLookupByName(void *connection, const char *name)',
);
export const virDomainLookupByUUIDString = declare<(connection: Pointer, uuid: string) => Pointer>(
  'void *virDomainLookupByUUIDString(void *connection, const char *uuid)',
);
export const virDomainLookupByID = declare<(connection: Pointer, id: number) => Pointer>(
  'void *virDomainLookupByID(void *connection, int id)',
);
export const virDomainFree = declare<(domain: Pointer) => number>('int virDomainFree(void *domain)');
export const virDomainGetName = declare<(domain: Pointer) => string | null>(
  'const char *virDomainGetName(void *domain)',
);
export const virDomainGetUUIDString = declare<(domain: Pointer, buffer: Buffer) => number>(
  'int virDomainGetUUIDString(void *domain, void *buffer)',
);
export const virDomainGetID = declare<(domain: Pointer) => number>('uint virDomainGetID(void *domain)');
export const virDomainGetXMLDesc = declare<(domain: Pointer, flags: number) => string | null>(
  'str! virDomainGetXMLDesc(void *domain, uint flags)',
);
export const virDomainGetState = declare<
  (domain: Pointer, state: Out<number>, reason: Out<number>, flags: number) => number
>('int virDomainGetState(void *domain, _Out_ int *state, _Out_ int *reason, uint flags)');
export const virDomainIsPersistent = declare<(domain: Pointer) => number>('int virDomainIsPersistent(void *domain)');
export const virDomainGetAutostart = declare<(domain: Pointer, autostart: Out<number>) => number>(
  'int virDomainGetAutostart(void *domain, _Out_ int *autostart)',
);
export const virDomainDefineXML = declare<(connection: Pointer, xml: string) => Pointer>(
  'void *virDomainDefineXML(void *connection, const char *xml)',
);
export const virDomainUndefine = declare<(domain: Pointer) => number>('int virDomainUndefine(void *domain)');
export const virDomainCreate = declare<(domain: Pointer) => number>('int virDomainCreate(void *domain)');
export const virDomainShutdown = declare<(domain: Pointer) => number>('int virDomainShutdown(void *domain)');
export const virDomainDestroy = declare<(domain: Pointer) => number>('int virDomainDestroy(void *domain)');
export const virDomainAttachDeviceFlags = declare<(domain: Pointer, xml: string, flags: number) => number>(
  'int virDomainAttachDeviceFlags(void *domain, const char *xml, uint flags)',
);
export const virDomainUpdateDeviceFlags = declare<(domain: Pointer, xml: string, flags: number) => number>(
  'int virDomainUpdateDeviceFlags(void *domain, const char *xml, uint flags)',
);
export const virDomainDetachDeviceFlags = declare<(domain: Pointer, xml: string, flags: number) => number>(
  'int virDomainDetachDeviceFlags(void *domain, const char *xml, uint flags)',
);
export const virDomainInterfaceAddresses = declare<
  (domain: Pointer, list: Out<bigint>, source: number, flags: number) => number
>('int virDomainInterfaceAddresses(void *domain, _Out_ void **list, uint source, uint flags)');
export const virDomainInterfaceFree = declare<(interface_: Pointer) => void>(
  'void virDomainInterfaceFree(void *interface)',
);

// Host interfaces
export const virConnectListAllInterfaces = declare<(connection: Pointer, list: Out<bigint>, flags: number) => number>(
  'int virConnectListAllInterfaces(void *connection, _Out_ void **list, uint flags)',
);
export const virInterfaceLookupByName = declare<(connection: Pointer, name: string) => Pointer>(
  'void *virInterfaceLookupByName(void *connection, const char *name)',
);
export const virInterfaceGetName = declare<(interface_: Pointer) => string | null>(
  'const char *virInterfaceGetName(void *interface)',
);
export const virInterfaceGetMACString = declare<(interface_: Pointer) => string | null>(
  'const char *virInterfaceGetMACString(void *interface)',
);
export const virInterfaceIsActive = declare<(interface_: Pointer) => number>(
  'int virInterfaceIsActive(void *interface)',
);
export const virInterfaceGetXMLDesc = declare<(interface_: Pointer, flags: number) => string | null>(
  'str! virInterfaceGetXMLDesc(void *interface, uint flags)',
);
export const virInterfaceFree = declare<(interface_: Pointer) => number>('int virInterfaceFree(void *interface)');

// Events
export const virEventRegisterDefaultImpl = declare<() => number>('int virEventRegisterDefaultImpl()');
export const virEventAddTimeout = declare<
  (milliseconds: number, callback: Pointer, opaque: null, free: null) => number
>('int virEventAddTimeout(int milliseconds, void *callback, void *opaque, void *free)');
/** Waits for events on a thread of koffi, and then reports the result. */
export const virEventRunDefaultImpl = declareAsync('int virEventRunDefaultImpl()');
export const virConnectNetworkEventRegisterAny = declare<
  (connection: Pointer, network: Pointer, id: number, callback: Pointer, opaque: null, free: null) => number
>(
  'int virConnectNetworkEventRegisterAny(void *connection, void *network, int id, void *callback, void *opaque, void *free)',
);
export const virConnectNetworkEventDeregisterAny = declare<(connection: Pointer, callback: number) => number>(
  'int virConnectNetworkEventDeregisterAny(void *connection, int callback)',
);
export const virConnectRegisterCloseCallback = declare<
  (connection: Pointer, callback: Pointer, opaque: null, free: null) => number
>('int virConnectRegisterCloseCallback(void *connection, void *callback, void *opaque, void *free)');
export const virConnectUnregisterCloseCallback = declare<(connection: Pointer, callback: Pointer) => number>(
  'int virConnectUnregisterCloseCallback(void *connection, void *callback)',
);
export const virConnectDomainEventRegisterAny = declare<
  (connection: Pointer, domain: Pointer, id: number, callback: Pointer, opaque: null, free: null) => number
>(
  'int virConnectDomainEventRegisterAny(void *connection, void *domain, int id, void *callback, void *opaque, void *free)',
);
export const virConnectDomainEventDeregisterAny = declare<(connection: Pointer, callback: number) => number>(
  'int virConnectDomainEventDeregisterAny(void *connection, int callback)',
);
