/** Procedures on domains and their devices. Each does one whole task with its own handles, and returns plain data. */
import koffi from 'koffi';
import * as VIR from './ffi/constants.ts';
import * as c from './ffi/ffi.ts';
import { virDomainDetachDeviceAlias } from './ffi/alias.ts';
import type { Pointer } from './ffi/ffi.ts';
import { withDomain, type DomainKey } from './domain-handle.ts';
import { check, decode, decodeArray, mapExisting, mapList, orProblem, present, uuidString } from './native.ts';
import type { DomainAddressRecord, DomainRecord } from './records.ts';

const addressStruct = koffi.struct('virDomainIPAddress', { type: 'int', addr: 'str', prefix: 'uint' });
const interfaceStruct = koffi.struct('virDomainInterface', {
  name: 'str',
  hwaddr: 'str',
  naddrs: 'uint',
  addrs: 'void *',
});

interface InterfaceStruct {
  readonly name: string;
  readonly hwaddr: string | null;
  readonly naddrs: number;
  readonly addrs: Pointer;
}

/** A device's XML, and which of the domain's scopes it goes into. */
export interface DeviceArguments extends DomainKey {
  readonly xml: string;
  readonly live: boolean;
  readonly config: boolean;
}

/** A device's alias, and which of the domain's scopes it goes out of. */
export interface AliasArguments extends DomainKey {
  readonly alias: string;
  readonly live: boolean;
  readonly config: boolean;
}

/** All domains with their definitions, in the order of their names. */
export function listDomains(connection: Pointer): DomainRecord[] {
  const persistent = domainUuids(connection, VIR.VIR_CONNECT_LIST_DOMAINS_PERSISTENT);
  const autostart = domainUuids(connection, VIR.VIR_CONNECT_LIST_DOMAINS_AUTOSTART);
  const records = mapExisting('virConnectListAllDomains', list(connection, 0), c.virDomainFree, (domain) => {
    const uuid = domainUuid(domain);
    const flags = { persistent: persistent.has(uuid), autostart: autostart.has(uuid) };
    return orProblem<DomainRecord>(
      () => record(domain, uuid, flags),
      (problem) => ({
        ...identity(domain),
        uuid,
        ...flags,
        state: 'no state',
        problem,
        xml: '',
        inactiveXml: undefined,
      }),
    );
  });
  return records.sort((left, right) => (left.name < right.name ? -1 : Number(left.name > right.name)));
}

/** One domain, by UUID, name or the number of a running one. Throws NOTFOUND. */
export function getDomain(connection: Pointer, { domain }: DomainKey): DomainRecord {
  return withDomain(connection, domain, (handle) => {
    const persistent = check('virDomainIsPersistent', c.virDomainIsPersistent(handle)) === 1;
    const autostart: [number | null] = [0];
    if (persistent) check('virDomainGetAutostart', c.virDomainGetAutostart(handle, autostart));
    return record(handle, domainUuid(handle), { persistent, autostart: autostart[0] === 1 });
  });
}

/** Only the definition of one domain: what domiflist needs, in two round trips. */
export function domainXml(
  connection: Pointer,
  { domain, inactive }: DomainKey & { readonly inactive: boolean },
): string {
  return withDomain(connection, domain, (handle) => xmlOf(handle, inactive ? VIR.VIR_DOMAIN_XML_INACTIVE : 0));
}

/** The configuration with its secrets: the only XML that may be edited and defined again without erasing a password. */
export function domainSecureXml(connection: Pointer, { domain }: DomainKey): string {
  return withDomain(connection, domain, (handle) =>
    xmlOf(handle, VIR.VIR_DOMAIN_XML_INACTIVE | VIR.VIR_DOMAIN_XML_SECURE),
  );
}

export function domainAttachDevice(connection: Pointer, args: DeviceArguments): void {
  withDomain(connection, args.domain, (handle) =>
    check('virDomainAttachDeviceFlags', c.virDomainAttachDeviceFlags(handle, args.xml, affect(args))),
  );
}

export function domainUpdateDevice(connection: Pointer, args: DeviceArguments): void {
  withDomain(connection, args.domain, (handle) =>
    check('virDomainUpdateDeviceFlags', c.virDomainUpdateDeviceFlags(handle, args.xml, affect(args))),
  );
}

/** Requests that a device be detached. On a running domain the guest must release it: success only means that it was asked. */
export function domainDetachDevice(connection: Pointer, args: DeviceArguments): void {
  withDomain(connection, args.domain, (handle) =>
    check('virDomainDetachDeviceFlags', c.virDomainDetachDeviceFlags(handle, args.xml, affect(args))),
  );
}

/** The same by the device's alias: it returns once the guest was asked, where the other waits for some seconds. */
export function domainDetachDeviceAlias(connection: Pointer, args: AliasArguments): void {
  withDomain(connection, args.domain, (handle) =>
    check('virDomainDetachDeviceAlias', virDomainDetachDeviceAlias(handle, args.alias, affect(args))),
  );
}

/** The addresses that one source knows of a running domain's interfaces. */
export function domainAddresses(
  connection: Pointer,
  { domain, source }: DomainKey & { readonly source: keyof typeof VIR.addressSources },
): DomainAddressRecord[] {
  return withDomain(connection, domain, (handle) =>
    mapList(
      'virDomainInterfaceAddresses',
      (interfaces) => c.virDomainInterfaceAddresses(handle, interfaces, VIR.addressSources[source], 0),
      c.virDomainInterfaceFree,
      addressRecord,
    ),
  );
}

const list =
  (connection: Pointer, flags: number) =>
  (domains: [bigint | null]): number =>
    c.virConnectListAllDomains(connection, domains, flags);

function domainUuids(connection: Pointer, flags: number): Set<string> {
  return new Set(mapList('virConnectListAllDomains', list(connection, flags), c.virDomainFree, domainUuid));
}

function domainUuid(domain: Pointer): string {
  return uuidString('virDomainGetUUIDString', (buffer) => c.virDomainGetUUIDString(domain, buffer));
}

function xmlOf(domain: Pointer, flags: number): string {
  return present('virDomainGetXMLDesc', c.virDomainGetXMLDesc(domain, flags));
}

const noId = 0xffffffff; // (unsigned int) -1

/** Data of the handle itself. */
function identity(domain: Pointer): Pick<DomainRecord, 'name' | 'id' | 'active'> {
  const id = c.virDomainGetID(domain);
  const active = id !== noId;
  return { name: present('virDomainGetName', c.virDomainGetName(domain)), id: active ? id : undefined, active };
}

function record(domain: Pointer, uuid: string, flags: Pick<DomainRecord, 'persistent' | 'autostart'>): DomainRecord {
  const identified = identity(domain);
  const { active } = identified;
  const state: [number | null] = [null];
  check('virDomainGetState', c.virDomainGetState(domain, state, [null], 0));
  const current = xmlOf(domain, 0);
  const inactive = active && flags.persistent ? xmlOf(domain, VIR.VIR_DOMAIN_XML_INACTIVE) : current;
  return {
    ...identified,
    uuid,
    ...flags,
    state: VIR.domainStates[state[0] ?? 0] ?? 'no state',
    xml: current,
    inactiveXml: flags.persistent ? inactive : undefined,
  };
}

function affect({ live, config }: Pick<DeviceArguments, 'live' | 'config'>): number {
  return (live ? VIR.VIR_DOMAIN_AFFECT_LIVE : 0) | (config ? VIR.VIR_DOMAIN_AFFECT_CONFIG : 0);
}

function addressRecord(pointer: Pointer): DomainAddressRecord {
  const { name, hwaddr, naddrs, addrs } = decode<InterfaceStruct>(pointer, interfaceStruct);
  const addresses = naddrs
    ? decodeArray<{ type: number; addr: string; prefix: number }>(addrs, addressStruct, naddrs)
    : [];
  return {
    interface: name,
    mac: hwaddr ?? undefined,
    addresses: addresses.map(({ type, addr, prefix }) => ({
      family: type === VIR.VIR_IP_ADDR_TYPE_IPV4 ? 'ipv4' : 'ipv6',
      address: addr,
      prefix,
    })),
  };
}
