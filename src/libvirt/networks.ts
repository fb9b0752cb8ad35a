/** Procedures on networks and their ports. Each does one whole task with its own handles, and returns plain data. */
import * as VIR from './ffi/constants.ts';
import { isLibvirtError } from './error.ts';
import * as c from './ffi/ffi.ts';
import * as n from './ffi/network.ts';
import type { Pointer } from './ffi/ffi.ts';
import { leasesOf, networkLeases } from './lease.ts';
import { check, mapExisting, mapList, orProblem, present, using, uuidString } from './native.ts';
import type { LeaseRecord, NetworkPortRecord, NetworkRecord } from './records.ts';

/** How to find one network: a UUID, or a name. */
export interface NetworkKey {
  readonly network: string;
}

/**
 * All networks with their definitions, in the order of their names.
 * Active, persistent and autostart come from three filtered listings: four round trips and one or two for each network's XML,
 * where asking each network costs three more for each.
 */
export function listNetworks(connection: Pointer, { leases = false }: { readonly leases?: boolean }): NetworkRecord[] {
  const active = networkUuids(connection, VIR.VIR_CONNECT_LIST_NETWORKS_ACTIVE);
  const persistent = networkUuids(connection, VIR.VIR_CONNECT_LIST_NETWORKS_PERSISTENT);
  const autostart = networkUuids(connection, VIR.VIR_CONNECT_LIST_NETWORKS_AUTOSTART);
  const records = mapExisting('virConnectListAllNetworks', list(connection, 0), c.virNetworkFree, (network) => {
    const uuid = networkUuid(network);
    const flags = { active: active.has(uuid), persistent: persistent.has(uuid), autostart: autostart.has(uuid) };
    return orProblem<NetworkRecord>(
      () => record(network, uuid, flags, leases),
      (problem) => {
        const name = present('virNetworkGetName', c.virNetworkGetName(network));
        return { name, uuid, ...flags, problem, xml: '', inactiveXml: undefined, leases: undefined };
      },
    );
  });
  return records.sort(byName);
}

/** One network without its leases, by UUID or name; `byName`: by name, whatever its form. Throws NOTFOUND. */
export function getNetwork(
  connection: Pointer,
  { network, byName: isName = false }: NetworkKey & { readonly byName?: boolean },
): NetworkRecord {
  const withFound = isName ? withNetworkName : withNetwork;
  return withFound(connection, network, (handle) => {
    const active = check('virNetworkIsActive', c.virNetworkIsActive(handle)) === 1;
    const persistent = check('virNetworkIsPersistent', c.virNetworkIsPersistent(handle)) === 1;
    // libvirt answers the question about a transient one with an error.
    const autostart = persistent && networkAutostart(handle);
    return record(handle, networkUuid(handle), { active, persistent, autostart }, false);
  });
}

/** The XML of one network, by UUID or name: of its next start where `inactive`, else as it is. Throws NOTFOUND. */
export function networkXml(
  connection: Pointer,
  { network, inactive }: NetworkKey & { readonly inactive: boolean },
): Pick<NetworkRecord, 'name' | 'uuid' | 'xml'> {
  return withNetwork(connection, network, (handle) => {
    const xml = (flag: number): string => present('virNetworkGetXMLDesc', c.virNetworkGetXMLDesc(handle, flag));
    const name = present('virNetworkGetName', c.virNetworkGetName(handle));
    return { name, uuid: networkUuid(handle), xml: inactive ? inactiveXml(xml) : xml(0) };
  });
}

/** Defines a network, or gives an existing one a new configuration; `validate` checks it against libvirt's schema first. */
export function networkDefine(
  connection: Pointer,
  { xml, validate = false }: { readonly xml: string; readonly validate?: boolean },
): void {
  const handle = validate
    ? c.virNetworkDefineXMLFlags(connection, xml, VIR.VIR_NETWORK_DEFINE_VALIDATE)
    : c.virNetworkDefineXML(connection, xml);
  using(validate ? 'virNetworkDefineXMLFlags' : 'virNetworkDefineXML', handle, c.virNetworkFree, () => undefined);
}

/** Creates and starts a transient network; `validate` checks it against libvirt's schema first, and needs libvirt 7.8. */
export function networkCreate(
  connection: Pointer,
  { xml, validate = false }: { readonly xml: string; readonly validate?: boolean },
): void {
  const handle = validate
    ? n.virNetworkCreateXMLFlags(connection, xml, VIR.VIR_NETWORK_CREATE_VALIDATE)
    : c.virNetworkCreateXML(connection, xml);
  using(validate ? 'virNetworkCreateXMLFlags' : 'virNetworkCreateXML', handle, c.virNetworkFree, () => undefined);
}

/** Starts a defined network: libvirt calls it virNetworkCreate. */
export function networkStart(connection: Pointer, { network }: NetworkKey): void {
  withNetwork(connection, network, (handle) => check('virNetworkCreate', c.virNetworkCreate(handle)));
}

/** Stops a network; a transient one vanishes. Guests stay running, with taps that have no bridge any more. */
export function networkDestroy(connection: Pointer, { network }: NetworkKey): void {
  withNetwork(connection, network, (handle) => check('virNetworkDestroy', c.virNetworkDestroy(handle)));
}

export function networkUndefine(connection: Pointer, { network }: NetworkKey): void {
  withNetwork(connection, network, (handle) => check('virNetworkUndefine', c.virNetworkUndefine(handle)));
}

/**
 * Undefines a network that is stopped, whose leases stay: libvirt removes the file of them with the definition, and finds it by the name of the
 * bridge. So the network first gets `xml`, its definition with another bridge.
 */
export function networkUndefineKeepingLeases(connection: Pointer, { xml }: { readonly xml: string }): void {
  using('virNetworkDefineXML', c.virNetworkDefineXML(connection, xml), c.virNetworkFree, (handle) =>
    check('virNetworkUndefine', c.virNetworkUndefine(handle)),
  );
}

export function networkSetAutostart(
  connection: Pointer,
  { network, autostart }: NetworkKey & { readonly autostart: boolean },
): void {
  withNetwork(connection, network, (handle) =>
    check('virNetworkSetAutostart', c.virNetworkSetAutostart(handle, Number(autostart))),
  );
}

/**
 * virNetworkUpdate: changes a section of a network without a restart.
 * `command`, `section` and `flags` are libvirt's numbers (virNetworkUpdateCommand, virNetworkUpdateSection, virNetworkUpdateFlags).
 */
export function networkUpdate(
  connection: Pointer,
  args: NetworkKey & {
    readonly command: number;
    readonly section: number;
    readonly parentIndex: number;
    readonly xml: string;
    readonly flags: number;
  },
): void {
  withNetwork(connection, args.network, (handle) =>
    check(
      'virNetworkUpdate',
      c.virNetworkUpdate(handle, args.command, args.section, args.parentIndex, args.xml, args.flags),
    ),
  );
}

/** The bridge that a network has made or uses; an error for macvtap and hostdev networks. */
export function networkBridge(connection: Pointer, { network }: NetworkKey): string {
  return withNetwork(connection, network, (handle) =>
    present('virNetworkGetBridgeName', c.virNetworkGetBridgeName(handle)),
  );
}

/** The leases of a network, or of one MAC address. */
export function listNetworkLeases(
  connection: Pointer,
  { network, mac }: NetworkKey & { readonly mac?: string | undefined },
): LeaseRecord[] {
  return withNetwork(connection, network, (handle) => leasesOf(handle, mac ?? null));
}

/** The ports of a network: one for each attached NIC. */
export function listNetworkPorts(connection: Pointer, { network }: NetworkKey): NetworkPortRecord[] {
  return withNetwork(connection, network, (handle) =>
    mapExisting(
      'virNetworkListAllPorts',
      (ports) => c.virNetworkListAllPorts(handle, ports, 0),
      c.virNetworkPortFree,
      portRecord,
    ),
  );
}

/** One port of a network, by its UUID. */
export function getNetworkPort(
  connection: Pointer,
  { network, port }: NetworkKey & { readonly port: string },
): NetworkPortRecord {
  return withPort(connection, network, port, portRecord);
}

/** Makes a port from its XML, and returns its UUID. */
export function networkPortCreate(
  connection: Pointer,
  { network, xml, validate = false }: NetworkKey & { readonly xml: string; readonly validate?: boolean },
): string {
  const flags = validate ? VIR.VIR_NETWORK_PORT_CREATE_VALIDATE : 0;
  return withNetwork(connection, network, (handle) =>
    using('virNetworkPortCreateXML', c.virNetworkPortCreateXML(handle, xml, flags), c.virNetworkPortFree, portUuid),
  );
}

export function networkPortDelete(
  connection: Pointer,
  { network, port }: NetworkKey & { readonly port: string },
): void {
  withPort(connection, network, port, (handle) => check('virNetworkPortDelete', c.virNetworkPortDelete(handle, 0)));
}

const list =
  (connection: Pointer, flags: number) =>
  (networks: [bigint | null]): number =>
    c.virConnectListAllNetworks(connection, networks, flags);

function networkUuids(connection: Pointer, flags: number): Set<string> {
  return new Set(mapList('virConnectListAllNetworks', list(connection, flags), c.virNetworkFree, networkUuid));
}

function networkUuid(network: Pointer): string {
  return uuidString('virNetworkGetUUIDString', (buffer) => c.virNetworkGetUUIDString(network, buffer));
}

function networkAutostart(network: Pointer): boolean {
  const autostart: [number | null] = [null];
  check('virNetworkGetAutostart', c.virNetworkGetAutostart(network, autostart));
  return autostart[0] === 1;
}

function record(
  network: Pointer,
  uuid: string,
  flags: Pick<NetworkRecord, 'active' | 'persistent' | 'autostart'>,
  leases: boolean,
): NetworkRecord {
  const xml = (flag: number): string => present('virNetworkGetXMLDesc', c.virNetworkGetXMLDesc(network, flag));
  const current = xml(0);
  const inactive = flags.active && flags.persistent ? inactiveXml(xml, current) : current;
  return {
    name: present('virNetworkGetName', c.virNetworkGetName(network)),
    uuid,
    ...flags,
    xml: current,
    inactiveXml: flags.persistent ? inactive : undefined,
    leases: leases ? networkLeases(network, flags.active) : undefined,
  };
}

/** The test driver has no second definition, and refuses the flag: what it has is both. */
function inactiveXml(xml: (flag: number) => string, current?: string): string {
  try {
    return xml(VIR.VIR_NETWORK_XML_INACTIVE);
  } catch (error) {
    if (isLibvirtError(error, 'VIR_ERR_INVALID_ARG')) return current ?? xml(0);
    throw error;
  }
}

const uuidPattern = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** By UUID where it has the form of one: a network may bear another's UUID as its name, and kvmnet always asks by UUID after the first look. */
function withNetwork<T>(connection: Pointer, key: string, use: (network: Pointer) => T): T {
  return uuidPattern.test(key)
    ? using('virNetworkLookupByUUIDString', c.virNetworkLookupByUUIDString(connection, key), c.virNetworkFree, use)
    : withNetworkName(connection, key, use);
}

function withNetworkName<T>(connection: Pointer, name: string, use: (network: Pointer) => T): T {
  return using('virNetworkLookupByName', c.virNetworkLookupByName(connection, name), c.virNetworkFree, use);
}

function withPort<T>(connection: Pointer, network: string, port: string, use: (port: Pointer) => T): T {
  return withNetwork(connection, network, (handle) =>
    using(
      'virNetworkPortLookupByUUIDString',
      c.virNetworkPortLookupByUUIDString(handle, port),
      c.virNetworkPortFree,
      use,
    ),
  );
}

function portRecord(port: Pointer): NetworkPortRecord {
  return { uuid: portUuid(port), xml: present('virNetworkPortGetXMLDesc', c.virNetworkPortGetXMLDesc(port, 0)) };
}

function portUuid(port: Pointer): string {
  return uuidString('virNetworkPortGetUUIDString', (buffer) => c.virNetworkPortGetUUIDString(port, buffer));
}

function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : Number(left.name > right.name);
}
