/** libvirt's counters of a domain's interfaces, as C declares them. */
import { declare, type Pointer } from './ffi.ts';

export const virDomainInterfaceStats = declare<
  (domain: Pointer, device: string, stats: Buffer, size: number) => number
>('int virDomainInterfaceStats(void *domain, const char *device, void *stats, size_t size)');

/** Adds a parameter to a list that libvirt allocates, and makes longer. */
export const virTypedParamsAddUInt = declare<
  (list: [Pointer], count: [number], room: [number], name: string, value: number) => number
>(
  'int virTypedParamsAddUInt(_Inout_ void **params, _Inout_ int *nparams, _Inout_ int *maxparams, const char *name, uint value)',
);
export const virTypedParamsFree = declare<(list: Pointer, count: number) => void>(
  'void virTypedParamsFree(void *params, int nparams)',
);
export const virDomainSetInterfaceParameters = declare<
  (domain: Pointer, device: string, list: Pointer, count: number, flags: number) => number
>('int virDomainSetInterfaceParameters(void *domain, const char *device, void *params, int nparams, uint flags)');
