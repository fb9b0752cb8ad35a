/**
 * A domain's console: what the guest writes is reported as it comes, and what is typed is sent. One for each connection, which must have
 * libvirt's event loop (`onConsole`): without it nothing reads the socket between two calls.
 * Source: https://libvirt.org/html/libvirt-libvirt-stream.html
 */
import koffi from 'koffi';
import { KvmnetError } from '../errors.ts';
import * as c from './ffi/ffi.ts';
import * as s from './ffi/stream.ts';
import type { Pointer } from './ffi/ffi.ts';
import { withDomain, type DomainKey } from './domain-handle.ts';
import { check, lastError, present } from './native.ts';
import type { ConsoleEvent } from './records.ts';

export interface ConsoleArguments extends DomainKey {
  /** The alias of a serial, console or channel device; the first console where it is left out. */
  readonly device?: string | undefined;
  /** Closes a console that is open elsewhere. */
  readonly force?: boolean;
  /** Only where the driver keeps two consoles of one device apart. */
  readonly safe?: boolean;
}

const VIR_STREAM_NONBLOCK = 1;
const VIR_STREAM_EVENT_READABLE = 1;
const VIR_STREAM_EVENT_WRITABLE = 2;
const VIR_DOMAIN_CONSOLE_FORCE = 1;
const VIR_DOMAIN_CONSOLE_SAFE = 2;
/** Returned by virStreamRecv and virStreamSend if they would block. */
const wouldBlock = -2;

/** Seconds between two keepalive messages, and how many may remain unanswered, as in virsh. */
const keepAlive = { interval: 5, count: 5 } as const;
/** Bytes that may be on their way to a terminal: a guest that writes faster than it can be shown waits. */
const window = 256 * 1024;

interface Console {
  readonly stream: Pointer;
  /** Bytes to send. */
  pending: Uint8Array[];
  /** Bytes that were reported and not yet taken. */
  unseen: number;
}

let report: (event: ConsoleEvent) => void = () => undefined;
let open: Console | undefined;
const buffer = Buffer.alloc(64 * 1024);

/** Receives this thread's console events. */
export function reportConsole(listener: (event: ConsoleEvent) => void): void {
  report = listener;
}

/**
 * Opens the console of a running domain.
 * @throws CONFLICT where this connection has one already, and what libvirt refuses: no such device, a console that is in use, …
 */
export function consoleOpen(connection: Pointer, { domain, device, force, safe }: ConsoleArguments): void {
  if (open) throw new Error('this connection has a console already');
  attendConnection(connection);
  const flags = (force === true ? VIR_DOMAIN_CONSOLE_FORCE : 0) | (safe === true ? VIR_DOMAIN_CONSOLE_SAFE : 0);
  const stream = present('virStreamNew', s.virStreamNew(connection, VIR_STREAM_NONBLOCK));
  try {
    withDomain(connection, domain, (handle) =>
      check('virDomainOpenConsole', s.virDomainOpenConsole(handle, device ?? null, stream, flags)),
    );
    open = { stream, pending: [], unseen: 0 };
    const add = s.virStreamEventAddCallback(stream, VIR_STREAM_EVENT_READABLE, registered().onStream, null, null);
    check('virStreamEventAddCallback', add);
  } catch (error) {
    open = undefined;
    s.virStreamFree(stream);
    throw error;
  }
}

/** Sends bytes to the guest as soon as possible; `sent` is reported then. */
export function consoleSend(_connection: Pointer, { bytes }: { readonly bytes: Uint8Array }): void {
  open?.pending.push(bytes);
  listen();
}

/** Acknowledges a number of shown bytes: as many more may arrive. */
export function consoleTake(_connection: Pointer, { bytes }: { readonly bytes: number }): void {
  if (!open) return;
  open.unseen -= bytes;
  listen();
}

/** Leaves the console; without one it does nothing. */
export function consoleClose(connection: Pointer): void {
  close(s.virStreamAbort);
  // Until then the connection is in use.
  if (callbacks && s.virConnectUnregisterCloseCallback(connection, callbacks.onClose) < 0) c.virResetLastError();
}

let callbacks: { readonly onStream: Pointer; readonly onClose: Pointer } | undefined;

/** Functions for libvirt to call, from the thread of its event loop: koffi runs them in this one. Made once. */
function registered(): NonNullable<typeof callbacks> {
  return (callbacks ??= {
    onStream: koffi.register(
      (_stream: Pointer, events: number) => {
        attend(events);
      },
      koffi.pointer(koffi.proto('void virStreamEventCallback(void *stream, int events, void *opaque)')),
    ),
    onClose: koffi.register(
      () => {
        fail(new KvmnetError('CONNECT', 'the connection to libvirt is lost'));
      },
      koffi.pointer(koffi.proto('void virConnectCloseFunc(void *connection, int reason, void *opaque)')),
    ),
  });
}

/** The end of the connection is not always an event of the stream. A driver without a socket supports neither call, and reports that. */
function attendConnection(connection: Pointer): void {
  const { interval, count } = keepAlive;
  if (s.virConnectSetKeepAlive(connection, interval, count) < 0) c.virResetLastError();
  if (s.virConnectRegisterCloseCallback(connection, registered().onClose, null, null) < 0) c.virResetLastError();
}

function fail(error: Error): void {
  if (!open) return;
  close(s.virStreamAbort);
  report({ kind: 'end', error });
}

/** An event of the stream, which may be one that was on its way when the console was closed. */
function attend(events: number): void {
  try {
    if (events & VIR_STREAM_EVENT_WRITABLE) send();
    // Errors and the end of the stream are read too.
    if (events & ~VIR_STREAM_EVENT_WRITABLE) receive();
    listen();
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
  }
}

function receive(): void {
  while (open && open.unseen < window) {
    const count = s.virStreamRecv(open.stream, buffer, buffer.length);
    if (count === wouldBlock) return;
    if (count < 0) throw lastError('virStreamRecv');
    if (count === 0) {
      close(s.virStreamFinish);
      report({ kind: 'end' });
      return;
    }
    open.unseen += count;
    report({ kind: 'output', bytes: new Uint8Array(buffer.subarray(0, count)) });
  }
}

function send(): void {
  while (open) {
    const [bytes] = open.pending;
    if (!bytes) return;
    const count = s.virStreamSend(open.stream, bytes, bytes.length);
    if (count === wouldBlock) return;
    if (count < 0) throw lastError('virStreamSend');
    open.pending = count < bytes.length ? [bytes.subarray(count), ...open.pending.slice(1)] : open.pending.slice(1);
    report({ kind: 'sent', bytes: count });
  }
}

/** Waits for possible work: output while the buffer has room, and room for bytes to send. */
function listen(): void {
  if (!open) return;
  const { stream, unseen, pending } = open;
  const events =
    (unseen < window ? VIR_STREAM_EVENT_READABLE : 0) | (pending.length > 0 ? VIR_STREAM_EVENT_WRITABLE : 0);
  check('virStreamEventUpdateCallback', s.virStreamEventUpdateCallback(stream, events));
}

function close(end: (stream: Pointer) => number): void {
  if (!open) return;
  const { stream } = open;
  open = undefined;
  s.virStreamEventRemoveCallback(stream);
  // The peer may be gone, and its end of the stream with it.
  if (end(stream) < 0) c.virResetLastError();
  s.virStreamFree(stream);
}
