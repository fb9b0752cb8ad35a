/** A thread that owns one connection at a time. It opens it, answers one request after the other with a procedure, and closes it. */
import { parentPort } from 'node:worker_threads';
import { reportConsole } from './consoles.ts';
import { sendError } from './error.ts';
import { registerEventLoop, runEventLoop, watch } from './events.ts';
import * as c from './ffi/ffi.ts';
import { libvirt } from './ffi/library.ts';
import { initialize, present } from './native.ts';
import { procedures } from './procedures.ts';
import type { OpenOptions, Reply, Request } from './protocol.ts';

const port = parentPort;
if (!port) throw new Error('libvirt/worker.ts runs only as a worker thread');
const reply = (message: Reply): void => {
  port.postMessage(message);
};

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

port.on('message', ({ id, procedure, args }: Request) => {
  answer(id, () => {
    const own = requests[procedure as keyof typeof requests] as ((args: unknown) => void) | undefined;
    if (own) {
      own(args);
      return undefined;
    }
    const answering = procedures[procedure as keyof typeof procedures] as (
      connection: c.Pointer,
      args: unknown,
    ) => unknown;
    return answering(connection, args);
  });
});

/** The requests about the connection and the thread themselves. */
const requests = {
  open: (args: unknown): void => {
    const { uri, readOnly, events, trace } = args as OpenOptions;
    if (trace) {
      c.traceCalls((called, milliseconds) => {
        reply({ called, milliseconds });
      });
    }
    initialize();
    if (events) registerEventLoop();
    connection = readOnly
      ? present('virConnectOpenReadOnly', c.virConnectOpenReadOnly(uri))
      : present('virConnectOpen', c.virConnectOpen(uri));
    if (events) stopLoop = runEventLoop();
  },
  watch: (): void => {
    stopWatching ??= watch(connection, (event) => {
      reply({ event });
    });
  },
  close: (): void => {
    stopWatching?.();
    if (connection !== null) c.virConnectClose(connection);
    connection = null;
    stopLoop?.();
  },
  end: (): void => {
    // After the answer is on its way.
    setImmediate(() => port.close());
  },
};

try {
  libvirt();
} catch {
  // The answer to `open` reports it.
}
reply({ loaded: true });
