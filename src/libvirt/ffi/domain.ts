/** C functions on whole domains and their host. @see libvirt-domain.h, libvirt-host.h */
import { declare, type Pointer } from './ffi.ts';

type Out<T> = [T | null];

export const virConnectNumOfDomains = declare<(connection: Pointer) => number>(
  'int virConnectNumOfDomains(void *connection)',
);
export const virConnectNumOfDefinedDomains = declare<(connection: Pointer) => number>(
  'int virConnectNumOfDefinedDomains(void *connection)',
);
export const virDomainSuspend = declare<(domain: Pointer) => number>('int virDomainSuspend(void *domain)');
export const virDomainResume = declare<(domain: Pointer) => number>('int virDomainResume(void *domain)');
export const virDomainReboot = declare<(domain: Pointer, flags: number) => number>(
  'int virDomainReboot(void *domain, uint flags)',
);
export const virDomainSetAutostart = declare<(domain: Pointer, autostart: number) => number>(
  'int virDomainSetAutostart(void *domain, int autostart)',
);
export const virDomainDefineXMLFlags = declare<(connection: Pointer, xml: string, flags: number) => Pointer>(
  'void *virDomainDefineXMLFlags(void *connection, const char *xml, uint flags)',
);
export const virDomainUndefineFlags = declare<(domain: Pointer, flags: number) => number>(
  'int virDomainUndefineFlags(void *domain, uint flags)',
);
export const virDomainCreateWithFlags = declare<(domain: Pointer, flags: number) => number>(
  'int virDomainCreateWithFlags(void *domain, uint flags)',
);
export const virDomainDestroyFlags = declare<(domain: Pointer, flags: number) => number>(
  'int virDomainDestroyFlags(void *domain, uint flags)',
);
export const virDomainShutdownFlags = declare<(domain: Pointer, flags: number) => number>(
  'int virDomainShutdownFlags(void *domain, uint flags)',
);
export const virDomainGetInfo = declare<(domain: Pointer, info: Buffer) => number>(
  'int virDomainGetInfo(void *domain, void *info)',
);
export const virDomainGetOSType = declare<(domain: Pointer) => string | null>('str! virDomainGetOSType(void *domain)');
export const virDomainHasManagedSaveImage = declare<(domain: Pointer, flags: number) => number>(
  'int virDomainHasManagedSaveImage(void *domain, uint flags)',
);
export const virDomainGetSecurityLabel = declare<(domain: Pointer, label: Buffer) => number>(
  'int virDomainGetSecurityLabel(void *domain, void *label)',
);
export const virNodeGetSecurityModel = declare<(connection: Pointer, model: Buffer) => number>(
  'int virNodeGetSecurityModel(void *connection, void *model)',
);
export const virConnectGetHostname = declare<(connection: Pointer) => string | null>(
  'str! virConnectGetHostname(void *connection)',
);
export const virConnectGetVersion = declare<(connection: Pointer, version: Out<number>) => number>(
  'int virConnectGetVersion(void *connection, _Out_ ulong *version)',
);
/** Since libvirt 7.1. */
export const virDomainGetMessages = declare<(domain: Pointer, list: [Pointer], flags: number) => number>(
  'int virDomainGetMessages(void *domain, _Out_ void **messages, uint flags)',
);
