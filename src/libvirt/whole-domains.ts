/** Procedures on whole domains: their states, and what virsh reports of them. Each does one whole task, and returns plain data. */
import koffi from 'koffi';
import { KvmnetError } from '../errors.ts';
import * as VIR from './ffi/constants.ts';
import * as c from './ffi/ffi.ts';
import * as d from './ffi/domain.ts';
import * as s from './ffi/snapshot.ts';
import type { Pointer } from './ffi/ffi.ts';
import { withDomain, type DomainKey } from './domain-handle.ts';
import { isLibvirtError } from './error.ts';
import { check, decodeArray, decodePointers, present, using } from './native.ts';
import type { DomainInfoRecord, DomainKeptRecord, SecurityRecord } from './records.ts';

const infoStruct = koffi.struct('virDomainInfo', {
  state: 'uchar',
  maxMem: 'ulong',
  memory: 'ulong',
  nrVirtCpu: 'ushort',
  cpuTime: 'ulonglong',
});
const modelStruct = koffi.struct('virSecurityModel', {
  model: koffi.array('char', 257, 'String'),
  doi: koffi.array('char', 257, 'String'),
});
const labelStruct = koffi.struct('virSecurityLabel', {
  label: koffi.array('char', 4097, 'String'),
  enforcing: 'int',
});

const messageStruct = koffi.struct('kvmnetMessage', { text: 'str' });

/** Numbers of libvirt's flags (virDomainXMLFlags, virDomainShutdownFlagValues, …), as the caller has put them together. */
type Flagged = DomainKey & { readonly flags: number };

export function getDomainXml(connection: Pointer, { domain, flags }: Flagged): string {
  return withDomain(connection, domain, (handle) =>
    present('virDomainGetXMLDesc', c.virDomainGetXMLDesc(handle, flags)),
  );
}

/** State, and the number of the reason. */
export function getDomainState(connection: Pointer, { domain }: DomainKey): { state: string; reason: number } {
  return withDomain(connection, domain, (handle) => {
    const state: [number | null] = [null];
    const reason: [number | null] = [null];
    check('virDomainGetState', c.virDomainGetState(handle, state, reason, 0));
    return { state: VIR.domainStates[state[0] ?? 0] ?? 'no state', reason: reason[0] ?? 0 };
  });
}

/** Data of `virsh dominfo` in addition to every domain's record. */
export function getDomainInfo(connection: Pointer, { domain }: DomainKey): DomainInfoRecord {
  return withDomain(connection, domain, (handle) => {
    const buffer = Buffer.alloc(koffi.sizeof(infoStruct));
    check('virDomainGetInfo', d.virDomainGetInfo(handle, buffer));
    const info = koffi.decode(buffer, infoStruct) as Record<
      'state' | 'maxMem' | 'memory' | 'nrVirtCpu' | 'cpuTime',
      number | bigint
    >;
    return {
      osType: present('virDomainGetOSType', d.virDomainGetOSType(handle)),
      state: VIR.domainStates[Number(info.state)] ?? 'no state',
      cpus: Number(info.nrVirtCpu),
      cpuTimeNs: Number(info.cpuTime),
      maxMemoryKiB: Number(info.maxMem),
      memoryKiB: Number(info.memory),
      hasManagedSave: hasManagedSave(handle),
      security: securityOf(connection, handle),
    };
  });
}

/** Data of a domain that is lost with its definition. */
export function getDomainKept(connection: Pointer, { domain }: DomainKey): DomainKeptRecord {
  return withDomain(connection, domain, (handle) => ({
    managedSave: hasManagedSave(handle) ?? false,
    snapshots: countOf('virDomainListAllSnapshots', () => s.virDomainListAllSnapshots(handle, null, 0)),
    checkpoints: countOf('virDomainListAllCheckpoints', () => s.virDomainListAllCheckpoints(handle, null, 0)),
  }));
}

/** Undefined where the driver has no managed save. */
function hasManagedSave(domain: Pointer): boolean | undefined {
  try {
    return check('virDomainHasManagedSaveImage', d.virDomainHasManagedSaveImage(domain, 0)) === 1;
  } catch (error) {
    if (isLibvirtError(error, 'VIR_ERR_NO_SUPPORT')) return undefined;
    throw error;
  }
}

/** 0 where the driver has none of the kind. */
function countOf(function_: string, count: () => number): number {
  try {
    return check(function_, count());
  } catch (error) {
    if (isLibvirtError(error, 'VIR_ERR_NO_SUPPORT')) return 0;
    throw error;
  }
}

/** Returns libvirt's warnings: `tainted: …`, `deprecated configuration: …`. None if the library or the hypervisor lacks the call. */
export function getDomainMessages(connection: Pointer, { domain }: DomainKey): readonly string[] {
  return withDomain(connection, domain, (handle) => {
    const list: [Pointer] = [null];
    try {
      const count = check('virDomainGetMessages', d.virDomainGetMessages(handle, list, 0));
      const array = list[0];
      if (array === null) return [];
      const messages = decodeArray<{ readonly text: string }>(array, messageStruct, count);
      [...decodePointers(array, count), array].forEach((pointer) => koffi.free(pointer));
      return messages.map(({ text }) => text);
    } catch (error) {
      if (isLibvirtError(error, 'VIR_ERR_NO_SUPPORT')) return [];
      if (error instanceof KvmnetError && error.code === 'DEPENDENCY') return [];
      throw error;
    }
  });
}

/** Undefined where no security driver is active, or the hypervisor knows none. */
function securityOf(connection: Pointer, domain: Pointer): SecurityRecord | undefined {
  const modelBuffer = Buffer.alloc(koffi.sizeof(modelStruct));
  try {
    check('virNodeGetSecurityModel', d.virNodeGetSecurityModel(connection, modelBuffer));
  } catch (error) {
    if (isLibvirtError(error, 'VIR_ERR_NO_SUPPORT')) return undefined;
    throw error;
  }
  const { model, doi } = koffi.decode(modelBuffer, modelStruct) as { model: string; doi: string };
  if (model === '') return undefined;
  const labelBuffer = Buffer.alloc(koffi.sizeof(labelStruct));
  check('virDomainGetSecurityLabel', d.virDomainGetSecurityLabel(domain, labelBuffer));
  const { label, enforcing } = koffi.decode(labelBuffer, labelStruct) as { label: string; enforcing: number };
  return { model, doi, label, enforcing: enforcing !== 0 };
}

/** A domain, and what of libvirt's behavior the caller chooses. Without flags the older call is made, which all drivers have. */
type MaybeFlagged = DomainKey & { readonly flags?: number | undefined };

/** VIR_DOMAIN_DEFINE_VALIDATE */
const validateFlag = 1;

/**
 * Defines a domain, or gives an existing one a new configuration; `validate` checks it against libvirt's schema first.
 * @returns its name
 */
export function domainDefine(
  connection: Pointer,
  { xml, validate = false }: { readonly xml: string; readonly validate?: boolean | undefined },
): string {
  const name = (domain: Pointer): string => present('virDomainGetName', c.virDomainGetName(domain));
  return validate
    ? using('virDomainDefineXMLFlags', d.virDomainDefineXMLFlags(connection, xml, validateFlag), c.virDomainFree, name)
    : using('virDomainDefineXML', c.virDomainDefineXML(connection, xml), c.virDomainFree, name);
}

/** Removes a domain's definition; a running domain becomes transient. */
export function domainUndefine(connection: Pointer, { domain, flags = 0 }: MaybeFlagged): void {
  withDomain(connection, domain, (handle) =>
    flags === 0
      ? check('virDomainUndefine', c.virDomainUndefine(handle))
      : check('virDomainUndefineFlags', d.virDomainUndefineFlags(handle, flags)),
  );
}

/** Starts a defined domain: libvirt calls it virDomainCreate. */
export function domainStart(connection: Pointer, { domain, flags = 0 }: MaybeFlagged): void {
  withDomain(connection, domain, (handle) =>
    flags === 0
      ? check('virDomainCreate', c.virDomainCreate(handle))
      : check('virDomainCreateWithFlags', d.virDomainCreateWithFlags(handle, flags)),
  );
}

/** Powers it off. */
export function domainDestroy(connection: Pointer, { domain, flags = 0 }: MaybeFlagged): void {
  withDomain(connection, domain, (handle) =>
    flags === 0
      ? check('virDomainDestroy', c.virDomainDestroy(handle))
      : check('virDomainDestroyFlags', d.virDomainDestroyFlags(handle, flags)),
  );
}

/** Asks the guest to shut down, by the ways that the flags name; it may take its time, or never do it. */
export function domainShutdown(connection: Pointer, { domain, flags = 0 }: MaybeFlagged): void {
  withDomain(connection, domain, (handle) =>
    flags === 0
      ? check('virDomainShutdown', c.virDomainShutdown(handle))
      : check('virDomainShutdownFlags', d.virDomainShutdownFlags(handle, flags)),
  );
}

/** Asks the guest to restart, by the ways that the flags name. */
export function domainReboot(connection: Pointer, { domain, flags = 0 }: MaybeFlagged): void {
  withDomain(connection, domain, (handle) => check('virDomainReboot', d.virDomainReboot(handle, flags)));
}

/** Stops a running domain's processors; its memory stays. */
export function domainSuspend(connection: Pointer, { domain }: DomainKey): void {
  withDomain(connection, domain, (handle) => check('virDomainSuspend', d.virDomainSuspend(handle)));
}

export function domainResume(connection: Pointer, { domain }: DomainKey): void {
  withDomain(connection, domain, (handle) => check('virDomainResume', d.virDomainResume(handle)));
}

export function domainSetAutostart(
  connection: Pointer,
  { domain, autostart }: DomainKey & { readonly autostart: boolean },
): void {
  withDomain(connection, domain, (handle) =>
    check('virDomainSetAutostart', d.virDomainSetAutostart(handle, Number(autostart))),
  );
}

/** The name of the connection's host. libvirtd answers only when a name server has answered it. */
export function getHostname(connection: Pointer): string {
  return present('virConnectGetHostname', d.virConnectGetHostname(connection));
}

/** Returns the hypervisor's version in libvirt's form; 0 if unknown. */
export function getHypervisorVersion(connection: Pointer): number {
  const version: [number | null] = [null];
  check('virConnectGetVersion', d.virConnectGetVersion(connection, version));
  return Number(version[0]);
}
