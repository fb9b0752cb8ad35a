/**
 * Procedures on the host's interfaces, as far as libvirt's interface driver goes: netcf's does all of this, udev's (Debian, Fedora)
 * only looks, and answers the rest with "not supported".
 */
import type { Pointer } from './ffi/ffi.ts';
import * as c from './ffi/ffi.ts';
import * as i from './ffi/interface.ts';
import { check, mapExisting, present, using } from './native.ts';
import type { InterfaceRecord } from './records.ts';

const VIR_INTERFACE_XML_INACTIVE = 1;
const VIR_INTERFACE_DEFINE_VALIDATE = 1;

/** How to find one interface: its name, or its MAC address. */
export interface InterfaceKey {
  readonly name: string;
}

/** The host's interfaces, as far as libvirt's interface driver sees them. */
export function listInterfaces(connection: Pointer): InterfaceRecord[] {
  return mapExisting(
    'virConnectListAllInterfaces',
    (interfaces) => c.virConnectListAllInterfaces(connection, interfaces, 0),
    c.virInterfaceFree,
    record,
  );
}

/** One interface. Throws NOTFOUND. */
export function getInterface(connection: Pointer, { name }: InterfaceKey): InterfaceRecord {
  return withInterface(connection, name, record);
}

export function interfaceXml(
  connection: Pointer,
  { name, inactive = false }: InterfaceKey & { readonly inactive?: boolean },
): string {
  return withInterface(connection, name, (handle) =>
    present('virInterfaceGetXMLDesc', c.virInterfaceGetXMLDesc(handle, inactive ? VIR_INTERFACE_XML_INACTIVE : 0)),
  );
}

/** Defines an interface, or gives one a new configuration; returns its name. */
export function interfaceDefine(
  connection: Pointer,
  { xml, validate = false }: { readonly xml: string; readonly validate?: boolean },
): string {
  const handle = i.virInterfaceDefineXML(connection, xml, validate ? VIR_INTERFACE_DEFINE_VALIDATE : 0);
  return using('virInterfaceDefineXML', handle, c.virInterfaceFree, nameOf);
}

export function interfaceUndefine(connection: Pointer, { name }: InterfaceKey): void {
  withInterface(connection, name, (handle) => check('virInterfaceUndefine', i.virInterfaceUndefine(handle)));
}

/** Brings an interface up: libvirt calls it virInterfaceCreate. */
export function interfaceStart(connection: Pointer, { name }: InterfaceKey): void {
  withInterface(connection, name, (handle) => check('virInterfaceCreate', i.virInterfaceCreate(handle, 0)));
}

/** Takes an interface down. */
export function interfaceDestroy(connection: Pointer, { name }: InterfaceKey): void {
  withInterface(connection, name, (handle) => check('virInterfaceDestroy', i.virInterfaceDestroy(handle, 0)));
}

/** Remembers the configuration of all interfaces, to commit or to roll back to; or does the one or the other. */
export function interfaceTransaction(
  connection: Pointer,
  { phase }: { readonly phase: 'begin' | 'commit' | 'rollback' },
): void {
  switch (phase) {
    case 'begin':
      check('virInterfaceChangeBegin', i.virInterfaceChangeBegin(connection, 0));
      return;
    case 'commit':
      check('virInterfaceChangeCommit', i.virInterfaceChangeCommit(connection, 0));
      return;
    case 'rollback':
      check('virInterfaceChangeRollback', i.virInterfaceChangeRollback(connection, 0));
  }
}

function record(handle: Pointer): InterfaceRecord {
  return {
    name: nameOf(handle),
    mac: c.virInterfaceGetMACString(handle) ?? undefined,
    active: check('virInterfaceIsActive', c.virInterfaceIsActive(handle)) === 1,
  };
}

function nameOf(handle: Pointer): string {
  return present('virInterfaceGetName', c.virInterfaceGetName(handle));
}

const mac = /^[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}$/i;

function withInterface<T>(connection: Pointer, key: string, use: (handle: Pointer) => T): T {
  return mac.test(key)
    ? using('virInterfaceLookupByMACString', i.virInterfaceLookupByMACString(connection, key), c.virInterfaceFree, use)
    : using('virInterfaceLookupByName', c.virInterfaceLookupByName(connection, key), c.virInterfaceFree, use);
}
