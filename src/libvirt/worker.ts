/**
 * The thread that owns one connection. It opens it, answers one request at a time with a procedure, and closes it.
 * Message 0 is the answer to opening.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { reportConsole } from './consoles.ts';
import { sendError } from './error.ts';
import { registerEventLoop, runEventLoop, watch } from './events.ts';
import * as c from './ffi/ffi.ts';
import { initialize, present } from './native.ts';
import { procedures } from './procedures.ts';
import type { OpenOptions, Reply, Request } from './protocol.ts';

const port = parentPort;
if (!port) throw new Error('libvirt/worker.ts runs only as a worker thread');
const reply = (message: Reply): void => {
  port.postMessage(message);
};

const options = workerData as OpenOptions;
let connection: c.Pointer = null;
reportConsole((event) => {
  if (event.kind !== 'end') reply({ console: event });
  else reply({ consoleEnd: event.error ? sendError(event.error) : 'closed' });
});
let stopWatching: (() => void) | undefined;
let stopLoop: (() => void) | undefined;

function answer(id: number, task: () => unknown): void {
  try {
    reply({ id, result: task() });
  } catch (error) {
    reply({ id, error: sendError(error) });
  }
}

answer(0, () => {
  if (options.trace) {
    c.traceCalls((called, milliseconds) => {
      reply({ called, milliseconds });
    });
  }
  initialize();
  if (options.events) registerEventLoop();
  connection = options.readOnly
    ? present('virConnectOpenReadOnly', c.virConnectOpenReadOnly(options.uri))
    : present('virConnectOpen', c.virConnectOpen(options.uri));
  if (options.events) stopLoop = runEventLoop();
});

port.on('message', (request: Request) => {
  answer(request.id, () => {
    if (request.procedure === 'watch') {
      stopWatching ??= watch(connection, (event) => {
        reply({ event });
      });
      return undefined;
    }
    if (request.procedure === 'close') {
      close();
      return;
    }
    const procedure = procedures[request.procedure] as (connection: c.Pointer, args: unknown) => unknown;
    return procedure(connection, request.args);
  });
});

function close(): void {
  stopWatching?.();
  if (connection !== null) c.virConnectClose(connection);
  connection = null;
  stopLoop?.();
  // After the answer is on its way.
  setImmediate(() => port?.close());
}
