/**
 * Events in the worker's thread: libvirt's own event loop runs on a thread of koffi's, and its callbacks come back here.
 * Source: https://libvirt.org/html/libvirt-libvirt-event.html
 */
import koffi from 'koffi';
import * as VIR from './ffi/constants.ts';
import * as c from './ffi/ffi.ts';
import type { Pointer } from './ffi/ffi.ts';
import { check, lastError, present, uuidString } from './native.ts';
import type { EventRecord } from './records.ts';

/** How long the loop may sleep: an exit waits for it, as for every native call. */
const tick = 100;

/** Must be called before the connection is opened: a connection opened without a loop never gets events. */
export function registerEventLoop(): void {
  check('virEventRegisterDefaultImpl', c.virEventRegisterDefaultImpl());
  // A timer that wakes the loop. Its callback gets an int, in the loop's thread: libc's abs is a native function that does nothing.
  const callback = koffi.load(null).symbol('abs') as Pointer;
  check('virEventAddTimeout', c.virEventAddTimeout(tick, callback, null, null));
}

/** Runs libvirt's event loop until the function that it returns is called. */
export function runEventLoop(): () => void {
  let running = true;
  const next = (): void => {
    c.virEventRunDefaultImpl((result) => {
      if (running && result >= 0) next();
    });
  };
  next();
  return () => {
    running = false;
  };
}

const networkLifecycle = koffi.proto(
  'void virNetworkLifecycle(void *connection, void *network, int event, int detail, void *opaque)',
);
const domainLifecycle = koffi.proto(
  'int virDomainLifecycle(void *connection, void *domain, int event, int detail, void *opaque)',
);
const connectionClosed = koffi.proto('void virConnectionClosed(void *connection, int reason, void *opaque)');
const deviceChange = koffi.proto(
  'void virDeviceChange(void *connection, void *domain, const char *alias, void *opaque)',
);

const deviceEvents = [
  [VIR.VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, 'added'],
  [VIR.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, 'removed'],
  [VIR.VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, 'removal failed'],
] as const;

/** Reports the life of networks, domains and their devices, and the loss of the connection, until the function that it returns is called. */
export function watch(connection: Pointer, report: (event: EventRecord) => void): () => void {
  const undo: (() => void)[] = [];
  watchNetworks(connection, report, undo);
  watchDomains(connection, report, undo);
  watchConnection(connection, report, undo);
  for (const [id, event] of deviceEvents) {
    const callback = koffi.register((_connection: Pointer, domain: Pointer, alias: string) => {
      report({ object: 'device', ...nameOf(domain), event, alias });
    }, koffi.pointer(deviceChange));
    onDomain(connection, id, callback, undo);
  }
  return () => {
    undo.forEach((step) => {
      step();
    });
  };
}

function watchNetworks(connection: Pointer, report: (event: EventRecord) => void, undo: (() => void)[]): void {
  const callback = koffi.register((_connection: Pointer, network: Pointer, event: number) => {
    const name = present('virNetworkGetName', c.virNetworkGetName(network));
    const uuid = uuidString('virNetworkGetUUIDString', (buffer) => c.virNetworkGetUUIDString(network, buffer));
    report({ object: 'network', name, uuid, event: VIR.networkEvents[event] ?? String(event) });
  }, koffi.pointer(networkLifecycle));
  const id = c.virConnectNetworkEventRegisterAny(
    connection,
    null,
    VIR.VIR_NETWORK_EVENT_ID_LIFECYCLE,
    callback,
    null,
    null,
  );
  if (id < 0) throw lastError('virConnectNetworkEventRegisterAny');
  undo.push(() => c.virConnectNetworkEventDeregisterAny(connection, id));
}

function watchDomains(connection: Pointer, report: (event: EventRecord) => void, undo: (() => void)[]): void {
  const callback = koffi.register((_connection: Pointer, domain: Pointer, event: number, detail: number) => {
    const name = VIR.domainEvents[event] ?? String(event);
    const why = VIR.domainEventDetails[name]?.[detail];
    report({ object: 'domain', ...nameOf(domain), event: name, ...(why === undefined ? {} : { detail: why }) });
    return 0;
  }, koffi.pointer(domainLifecycle));
  onDomain(connection, VIR.VIR_DOMAIN_EVENT_ID_LIFECYCLE, callback, undo);
}

function watchConnection(connection: Pointer, report: (event: EventRecord) => void, undo: (() => void)[]): void {
  const name = present('virConnectGetURI', c.virConnectGetURI(connection));
  const callback = koffi.register((_connection: Pointer, reason: number) => {
    report({ object: 'connection', name, event: 'closed', detail: VIR.closeReasons[reason] ?? String(reason) });
  }, koffi.pointer(connectionClosed));
  if (c.virConnectRegisterCloseCallback(connection, callback, null, null) < 0)
    throw lastError('virConnectRegisterCloseCallback');
  undo.push(() => c.virConnectUnregisterCloseCallback(connection, callback));
}

function onDomain(connection: Pointer, event: number, callback: Pointer, undo: (() => void)[]): void {
  const id = c.virConnectDomainEventRegisterAny(connection, null, event, callback, null, null);
  if (id < 0) throw lastError('virConnectDomainEventRegisterAny');
  undo.push(() => c.virConnectDomainEventDeregisterAny(connection, id));
}

function nameOf(domain: Pointer): { name: string; uuid: string } {
  return {
    name: present('virDomainGetName', c.virDomainGetName(domain)),
    uuid: uuidString('virDomainGetUUIDString', (buffer) => c.virDomainGetUUIDString(domain, buffer)),
  };
}
