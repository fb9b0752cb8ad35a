/** Procedures on domains and their devices. Each does one whole task with its own handles, and returns plain data. */
import koffi from 'koffi';
import * as VIR from './ffi/constants.ts';
import * as d from './ffi/domain.ts';
import * as c from './ffi/ffi.ts';
import { virDomainDetachDeviceAlias } from './ffi/alias.ts';
import type { Pointer } from './ffi/ffi.ts';
import { withDomain, type DomainKey } from './domain-handle.ts';
import { check, decode, decodeArray, mapExisting, mapList, orProblem, present, uuidString } from './native.ts';
import type { DomainAddressRecord, DomainRecord, DomainStateRecord } from './records.ts';

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
  return listEach(connection, (domain, found) =>
    orProblem<DomainRecord>(
      () => ({ ...found, ...definitions(domain, found) }),
      (problem) => ({ ...found, state: 'no state', problem, xml: '', inactiveXml: undefined }),
    ),
  );
}

export interface Search {
  readonly texts: readonly string[];
  /**
   * UUIDs of domains whose definition, or whose running state, is known to have none of the texts. `isFree`: the
   * lists have all domains of their source, so libvirt has no others if the numbers are equal.
   */
  readonly without: {
    readonly defined: readonly string[];
    readonly running: readonly string[];
    readonly isFree: boolean;
  };
}

/** The domains with one of these texts in a definition, in any case: they are searched here, and the others are not handed over. */
export function listDomainsWith(connection: Pointer, { texts, without }: Search): readonly DomainRecord[] {
  const wanted = texts.map((text) => text.toLowerCase());
  const [defined, running] = [new Set(without.defined), new Set(without.running)];
  const transient = uuids(connection, VIR.VIR_CONNECT_LIST_DOMAINS_TRANSIENT);
  if (without.isFree && isAll(connection, { defined, running, transient })) return [];
  return mapExisting('virConnectListAllDomains', list(connection, 0), c.virDomainFree, (domain) => {
    const uuid = domainUuid(domain);
    const scopes = { active: identity(domain).active, persistent: !transient.has(uuid) };
    const isKnown = (!scopes.persistent || defined.has(uuid)) && (!scopes.active || running.has(uuid));
    if (isKnown) return undefined;
    const { xml, inactiveXml = '' } = orProblem(
      () => definitions(domain, scopes),
      () => ({ xml: '', inactiveXml: undefined }),
    );
    const searched = `${xml}${inactiveXml === xml ? '' : inactiveXml}`.toLowerCase();
    return wanted.some((text) => searched.includes(text)) ? recordOf(domain) : undefined;
  });
}

/** Whether libvirt has as many domains. To count them takes two calls, and to list them some more for each. */
function isAll(
  connection: Pointer,
  known: Readonly<Record<'defined' | 'running' | 'transient', ReadonlySet<string>>>,
): boolean {
  const active = check('virConnectNumOfDomains', d.virConnectNumOfDomains(connection));
  if (active !== known.running.size) return false;
  const inactive = check('virConnectNumOfDefinedDomains', d.virConnectNumOfDefinedDomains(connection));
  return inactive + active - known.transient.size === known.defined.size;
}

/** All domains without their definitions, in the order of their names: the number of calls does not grow with the number of domains. */
export function listDomainStates(connection: Pointer): DomainStateRecord[] {
  return listEach(connection, (_, found) => found);
}

/**
 * The facts that domains share are lists of libvirt, of the exceptions: most domains are persistent, and run or are shut off. Only the others
 * are asked for their state.
 */
function listEach<T extends DomainStateRecord>(
  connection: Pointer,
  record: (domain: Pointer, found: DomainStateRecord) => T,
): T[] {
  const transient = uuids(connection, VIR.VIR_CONNECT_LIST_DOMAINS_TRANSIENT);
  const autostart = uuids(connection, VIR.VIR_CONNECT_LIST_DOMAINS_AUTOSTART);
  const paused = uuids(connection, VIR.VIR_CONNECT_LIST_DOMAINS_PAUSED);
  const others = uuids(connection, VIR.VIR_CONNECT_LIST_DOMAINS_OTHER);
  const records = mapExisting('virConnectListAllDomains', list(connection, 0), c.virDomainFree, (domain) => {
    const uuid = domainUuid(domain);
    const identified = identity(domain);
    const usual = paused.has(uuid) ? 'paused' : identified.active ? 'running' : 'shut off';
    const state = others.has(uuid) ? stateOf(domain) : usual;
    return record(domain, {
      ...identified,
      uuid,
      persistent: !transient.has(uuid),
      autostart: autostart.has(uuid),
      state,
    });
  });
  return records.sort((left, right) => (left.name < right.name ? -1 : Number(left.name > right.name)));
}

function uuids(connection: Pointer, flag: number): ReadonlySet<string> {
  return new Set(mapList('virConnectListAllDomains', list(connection, flag), c.virDomainFree, domainUuid));
}

/** One domain, by UUID, name or the number of a running one. Throws NOTFOUND. */
export function getDomain(connection: Pointer, { domain }: DomainKey): DomainRecord {
  return withDomain(connection, domain, recordOf);
}

function recordOf(domain: Pointer): DomainRecord {
  const persistent = check('virDomainIsPersistent', c.virDomainIsPersistent(domain)) === 1;
  const autostart: [number | null] = [0];
  if (persistent) check('virDomainGetAutostart', c.virDomainGetAutostart(domain, autostart));
  const found = { ...identity(domain), uuid: domainUuid(domain), persistent, autostart: autostart[0] === 1 };
  return { ...found, state: stateOf(domain), ...definitions(domain, found) };
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

function stateOf(domain: Pointer): string {
  const state: [number | null] = [null];
  check('virDomainGetState', c.virDomainGetState(domain, state, [null], 0));
  return VIR.domainStates[state[0] ?? 0] ?? 'no state';
}

function definitions(
  domain: Pointer,
  { active, persistent }: Pick<DomainRecord, 'active' | 'persistent'>,
): Pick<DomainRecord, 'xml' | 'inactiveXml'> {
  const xml = xmlOf(domain, 0);
  const inactive = active && persistent ? xmlOf(domain, VIR.VIR_DOMAIN_XML_INACTIVE) : xml;
  return { xml, inactiveXml: persistent ? inactive : undefined };
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
