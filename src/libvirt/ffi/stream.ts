/** Streams of bytes, and the consoles of domains that they carry, as C declares them. Source: libvirt-stream.h, libvirt-domain.h */
import { declare, type Pointer } from './ffi.ts';

export const virStreamNew = declare<(connection: Pointer, flags: number) => Pointer>(
  'void *virStreamNew(void *connection, uint flags)',
);
export const virStreamFree = declare<(stream: Pointer) => number>('int virStreamFree(void *stream)');
export const virStreamRecv = declare<(stream: Pointer, data: Buffer, size: number) => number>(
  'int virStreamRecv(void *stream, void *data, size_t size)',
);
export const virStreamSend = declare<(stream: Pointer, data: Uint8Array, size: number) => number>(
  'int virStreamSend(void *stream, const void *data, size_t size)',
);
export const virStreamFinish = declare<(stream: Pointer) => number>('int virStreamFinish(void *stream)');
export const virStreamAbort = declare<(stream: Pointer) => number>('int virStreamAbort(void *stream)');
export const virStreamEventAddCallback = declare<
  (stream: Pointer, events: number, callback: Pointer, opaque: null, free: null) => number
>('int virStreamEventAddCallback(void *stream, int events, void *callback, void *opaque, void *free)');
export const virStreamEventUpdateCallback = declare<(stream: Pointer, events: number) => number>(
  'int virStreamEventUpdateCallback(void *stream, int events)',
);
export const virStreamEventRemoveCallback = declare<(stream: Pointer) => number>(
  'int virStreamEventRemoveCallback(void *stream)',
);
export const virDomainOpenConsole = declare<
  (domain: Pointer, device: string | null, stream: Pointer, flags: number) => number
>('int virDomainOpenConsole(void *domain, const char *device, void *stream, uint flags)');
export const virConnectRegisterCloseCallback = declare<
  (connection: Pointer, callback: Pointer, opaque: null, free: null) => number
>('int virConnectRegisterCloseCallback(void *connection, void *callback, void *opaque, void *free)');
export const virConnectUnregisterCloseCallback = declare<(connection: Pointer, callback: Pointer) => number>(
  'int virConnectUnregisterCloseCallback(void *connection, void *callback)',
);
export const virConnectSetKeepAlive = declare<(connection: Pointer, interval: number, count: number) => number>(
  'int virConnectSetKeepAlive(void *connection, int interval, uint count)',
);
