/** Detaches a device by its alias; since libvirt 4.4. @see libvirt-domain.h */
import { declare, type Pointer } from './ffi.ts';

export const virDomainDetachDeviceAlias = declare<(domain: Pointer, alias: string, flags: number) => number>(
  'int virDomainDetachDeviceAlias(void *domain, const char *alias, uint flags)',
);
