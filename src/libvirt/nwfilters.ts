/** Procedures on network filters, and on their bindings to taps. */
import type { Pointer } from './ffi/ffi.ts';
import * as f from './ffi/nwfilter.ts';
import { check, mapExisting, present, using, uuidString } from './native.ts';
import type { FilterBindingRecord, FilterRecord } from './records.ts';

const VIR_NWFILTER_DEFINE_VALIDATE = 1;
const VIR_NWFILTER_BINDING_CREATE_VALIDATE = 1;

/** How to find one filter: a UUID, or a name. */
export interface FilterKey {
  readonly filter: string;
}

/** A tap with a filter. */
export interface FilterBindingKey {
  readonly portDev: string;
}

export interface XmlArguments {
  readonly xml: string;
  /** Check it against libvirt's schema first. */
  readonly validate?: boolean;
}

export function listFilters(connection: Pointer): FilterRecord[] {
  return mapExisting(
    'virConnectListAllNWFilters',
    (filters) => f.virConnectListAllNWFilters(connection, filters, 0),
    f.virNWFilterFree,
    filterRecord,
  );
}

/** One filter, by UUID or name; `byName`: by name, whatever its form. Throws NOTFOUND. */
export function getFilter(
  connection: Pointer,
  { filter, byName = false }: FilterKey & { readonly byName?: boolean },
): FilterRecord & { readonly xml: string } {
  const withFound = byName ? withFilterName : withFilter;
  return withFound(connection, filter, (handle) => ({
    ...filterRecord(handle),
    xml: present('virNWFilterGetXMLDesc', f.virNWFilterGetXMLDesc(handle, 0)),
  }));
}

/** Defines or redefines a filter, immediately for all guests that use it; returns its name. */
export function filterDefine(connection: Pointer, { xml, validate = false }: XmlArguments): string {
  const handle = validate
    ? f.virNWFilterDefineXMLFlags(connection, xml, VIR_NWFILTER_DEFINE_VALIDATE)
    : f.virNWFilterDefineXML(connection, xml);
  return using(validate ? 'virNWFilterDefineXMLFlags' : 'virNWFilterDefineXML', handle, f.virNWFilterFree, filterName);
}

/** Removes a filter; libvirt refuses while one is in use. */
export function filterUndefine(connection: Pointer, { filter }: FilterKey): void {
  withFilter(connection, filter, (handle) => check('virNWFilterUndefine', f.virNWFilterUndefine(handle)));
}

export function listFilterBindings(connection: Pointer): FilterBindingRecord[] {
  return mapExisting(
    'virConnectListAllNWFilterBindings',
    (bindings) => f.virConnectListAllNWFilterBindings(connection, bindings, 0),
    f.virNWFilterBindingFree,
    bindingRecord,
  );
}

/** One binding. Throws NOTFOUND. */
export function getFilterBinding(
  connection: Pointer,
  { portDev }: FilterBindingKey,
): FilterBindingRecord & { readonly xml: string } {
  return withBinding(connection, portDev, (handle) => ({
    ...bindingRecord(handle),
    xml: present('virNWFilterBindingGetXMLDesc', f.virNWFilterBindingGetXMLDesc(handle, 0)),
  }));
}

/** Puts a filter before a tap, and returns the tap's name. */
export function filterBindingCreate(connection: Pointer, { xml, validate = false }: XmlArguments): string {
  const handle = f.virNWFilterBindingCreateXML(connection, xml, validate ? VIR_NWFILTER_BINDING_CREATE_VALIDATE : 0);
  return using('virNWFilterBindingCreateXML', handle, f.virNWFilterBindingFree, portDevOf);
}

export function filterBindingDelete(connection: Pointer, { portDev }: FilterBindingKey): void {
  withBinding(connection, portDev, (handle) => check('virNWFilterBindingDelete', f.virNWFilterBindingDelete(handle)));
}

function filterRecord(filter: Pointer): FilterRecord {
  return {
    name: filterName(filter),
    uuid: uuidString('virNWFilterGetUUIDString', (buffer) => f.virNWFilterGetUUIDString(filter, buffer)),
  };
}

function filterName(filter: Pointer): string {
  return present('virNWFilterGetName', f.virNWFilterGetName(filter));
}

function bindingRecord(binding: Pointer): FilterBindingRecord {
  return {
    portDev: portDevOf(binding),
    filter: present('virNWFilterBindingGetFilterName', f.virNWFilterBindingGetFilterName(binding)),
  };
}

function portDevOf(binding: Pointer): string {
  return present('virNWFilterBindingGetPortDev', f.virNWFilterBindingGetPortDev(binding));
}

const uuidPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

function withFilter<T>(connection: Pointer, key: string, use: (filter: Pointer) => T): T {
  return uuidPattern.test(key)
    ? using('virNWFilterLookupByUUIDString', f.virNWFilterLookupByUUIDString(connection, key), f.virNWFilterFree, use)
    : withFilterName(connection, key, use);
}

function withFilterName<T>(connection: Pointer, name: string, use: (filter: Pointer) => T): T {
  return using('virNWFilterLookupByName', f.virNWFilterLookupByName(connection, name), f.virNWFilterFree, use);
}

function withBinding<T>(connection: Pointer, portDev: string, use: (binding: Pointer) => T): T {
  const handle = f.virNWFilterBindingLookupByPortDev(connection, portDev);
  return using('virNWFilterBindingLookupByPortDev', handle, f.virNWFilterBindingFree, use);
}
