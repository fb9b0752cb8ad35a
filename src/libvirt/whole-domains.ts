/** Procedures on whole domains: their states, and what virsh reports of them. Each does one whole task, and returns plain data. */
import koffi from 'koffi';
import { KvmnetError } from '../errors.ts';
import * as VIR from './constants.ts';
import * as c from './ffi.ts';
import * as d from './ffi-domain.ts';
import type { Pointer } from './ffi.ts';
import { withDomain, type DomainKey } from './domain-handle.ts';
import { isLibvirtError } from './error.ts';
import { check, decodeArray, decodePointers, present, using } from './native.ts';
import type { DomainInfoRecord, SecurityRecord } from './records.ts';

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

/** What `virsh dominfo` reports beside what every domain's record has. */
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
      hasManagedSave: check('virDomainHasManagedSaveImage', d.virDomainHasManagedSaveImage(handle, 0)) === 1,
      security: securityOf(connection, handle),
    };
  });
}

/** What libvirt warns of: `tainted: …`, `deprecated configuration: …`. None where the library or the hypervisor knows no such call. */
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

/** Defines a domain, and returns its name. */
export function domainDefineFlags(
  connection: Pointer,
  { xml, flags }: { readonly xml: string; readonly flags: number },
): string {
  const name = (domain: Pointer): string => present('virDomainGetName', c.virDomainGetName(domain));
  if (flags === 0) return using('virDomainDefineXML', c.virDomainDefineXML(connection, xml), c.virDomainFree, name);
  const handle = d.virDomainDefineXMLFlags(connection, xml, flags);
  return using('virDomainDefineXMLFlags', handle, c.virDomainFree, name);
}

export function domainUndefineFlags(connection: Pointer, { domain, flags }: Flagged): void {
  withDomain(connection, domain, (handle) => check('virDomainUndefineFlags', d.virDomainUndefineFlags(handle, flags)));
}

export function domainStartFlags(connection: Pointer, { domain, flags }: Flagged): void {
  withDomain(connection, domain, (handle) =>
    check('virDomainCreateWithFlags', d.virDomainCreateWithFlags(handle, flags)),
  );
}

export function domainDestroyFlags(connection: Pointer, { domain, flags }: Flagged): void {
  withDomain(connection, domain, (handle) => check('virDomainDestroyFlags', d.virDomainDestroyFlags(handle, flags)));
}

/** Asks the guest to shut down, by the ways that the flags name. */
export function domainShutdownFlags(connection: Pointer, { domain, flags }: Flagged): void {
  withDomain(connection, domain, (handle) => check('virDomainShutdownFlags', d.virDomainShutdownFlags(handle, flags)));
}

/** Asks the guest to restart, by the ways that the flags name. */
export function domainReboot(connection: Pointer, { domain, flags }: Flagged): void {
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

/** The hypervisor's version in libvirt's form; 0 where it tells none. */
export function getHypervisorVersion(connection: Pointer): number {
  const version: [number | null] = [null];
  check('virConnectGetVersion', d.virConnectGetVersion(connection, version));
  return Number(version[0]);
}
