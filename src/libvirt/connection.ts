/** A connection to libvirt, from the main thread: a worker owns it, and every call has a deadline. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { KvmnetError } from '../errors.ts';
import { receiveError } from './error.ts';
import { explainOpenError, explainTimeout } from './explain.ts';
import type { ProcedureArguments, ProcedureName, ProcedureResult } from './procedures.ts';
import { readTimeout, timeoutOf, type OpenOptions, type Reply, type Request } from './protocol.ts';
import { startPool } from './ffi/pool.ts';
import type { ConsoleEvent, EventRecord } from './records.ts';
import { withSsh } from './ssh.ts';
import { workerFile } from './worker-file.ts';

export interface ConnectOptions {
  /** For looking only: libvirt itself then refuses every change, and fewer rights are needed. */
  readonly readOnly?: boolean;
  /** A program that libvirt runs instead of ssh, with ssh's arguments. */
  readonly ssh?: string | undefined;
  /** Deadline of every call in milliseconds; by default 30,000 to read and 120,000 to change. */
  readonly timeout?: number | undefined;
  /** Called after each C function, with its name and its time in milliseconds. */
  readonly onCall?: ((name: string, milliseconds: number) => void) | undefined;
  /** Called at each event of networks, domains and devices; costs a second thread. */
  readonly onEvent?: ((event: EventRecord) => void) | undefined;
  /** Called at each event of a console that `consoleOpen` opens; costs a second thread too. */
  readonly onConsole?: ((event: ConsoleEvent) => void) | undefined;
}

export interface Connection {
  /** The URI that was asked for. */
  readonly uri: string;
  /** Runs one procedure in the connection's thread. Calls are answered in order. */
  call<P extends ProcedureName>(procedure: P, ...args: ProcedureArguments<P>): Promise<ProcedureResult<P>>;
  /** True when a call passed its deadline: its thread may hang until the process ends, which it does not hold up. */
  readonly hung: boolean;
  close(): Promise<void>;
}

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Opens a connection. `uri` is a libvirt URI (https://libvirt.org/uri.html), for example `qemu:///system` or `test:///default`.
 * @throws CONNECT (no daemon answers), PERMISSION, TIMEOUT, DEPENDENCY (no libvirt.so.0, no such driver) or INPUT (not a URI)
 */
export async function connect(uri: string, options: ConnectOptions = {}): Promise<Connection> {
  const connection = new WorkerConnection(uri, options);
  try {
    await connection.opened;
    if (options.onEvent) await connection.watch();
  } catch (error) {
    connection.leave();
    throw explainOpenError(uri, error);
  }
  return connection;
}

/** A connection that is being opened: each call waits for that. */
export function whileOpening(uri: string, opened: Promise<Connection>): Connection {
  let connection: Connection | undefined;
  void opened.then(
    (open) => (connection = open),
    () => undefined,
  );
  return {
    uri,
    call: async (procedure, ...args) => (await opened).call(procedure, ...args),
    get hung() {
      return connection?.hung ?? false;
    },
    close: async () => (await opened).close(),
  };
}

/** A thread, and the connection that it has now. */
interface Thread {
  readonly worker: Worker;
  /** Until it has loaded libvirt, or has ended: terminated before that, koffi would abort the process. */
  readonly loaded: Promise<void>;
  owner: { receive(reply: Reply): void; lose(error?: Error): void } | undefined;
}

/** The thread that no connection has now. */
let spare: Thread | undefined;

/** Starts a thread for a connection that most likely comes: it loads libvirt in the meantime. */
export function startThreadAhead(): void {
  startPool();
  keepThread(startThread());
}

/** Waits until the process may end. */
export async function spareLoaded(): Promise<void> {
  spare?.worker.ref();
  await spare?.loaded;
}

function takeThread(): Thread {
  const thread = spare ?? startThread();
  spare = undefined;
  thread.worker.ref();
  return thread;
}

/** Keeps a thread for the next connection; it does not keep the process alive. False where another one waits already. */
function keepThread(thread: Thread): boolean {
  if (spare !== undefined) return false;
  thread.owner = undefined;
  thread.worker.unref();
  spare = thread;
  return true;
}

function startThread(): Thread {
  // Without the options of the caller's node: --input-type or --require are about the caller's program.
  const worker = new Worker(workerFile, { execArgv: [] });
  const loaded = new Promise<void>((resolve) => worker.once('message', resolve).once('exit', resolve));
  const thread: Thread = { worker, loaded, owner: undefined };
  const lose = (error?: Error): void => {
    if (spare === thread) spare = undefined;
    thread.owner?.lose(error);
  };
  worker.on('message', (reply: Reply) => thread.owner?.receive(reply));
  worker.on('error', lose);
  worker.on('exit', () => {
    lose();
  });
  return thread;
}

class WorkerConnection implements Connection {
  readonly uri: string;
  readonly opened: Promise<unknown>;
  hung = false;
  readonly #thread: Thread;
  readonly #options: ConnectOptions;
  /** Neither libvirt's event loop nor a trace is left in the thread: it can have another connection. */
  readonly #isReusable: boolean;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #closing: Promise<unknown> | undefined;
  #isOver = false;

  constructor(uri: string, options: ConnectOptions) {
    this.uri = uri;
    this.#options = options;
    const readOnly = options.readOnly ?? false;
    const events = options.onEvent !== undefined || options.onConsole !== undefined;
    const trace = options.onCall !== undefined;
    this.#isReusable = !events && !trace;
    this.#thread = takeThread();
    this.#thread.owner = this;
    const opened = withSsh(uri, options.ssh);
    const opening = this.#post('open', { uri: opened, readOnly, events, trace } satisfies OpenOptions);
    this.opened = this.#wait(opening, 'open', options.timeout ?? readTimeout);
  }

  call<P extends ProcedureName>(procedure: P, ...args: ProcedureArguments<P>): Promise<ProcedureResult<P>> {
    return this.#request(procedure, args[0] ?? {}) as Promise<ProcedureResult<P>>;
  }

  async watch(): Promise<void> {
    await this.#request('watch');
  }

  async close(): Promise<void> {
    if (!this.hung) await (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    await this.#request('close');
    if (this.#leaveThread()) return;
    this.#post('end');
    await once(this.#thread.worker, 'exit');
  }

  /** Leaves the thread to the next connection, if it is fit and none is waiting; returns whether it has. */
  #leaveThread(): boolean {
    if (!this.#isReusable || !keepThread(this.#thread)) return false;
    this.#isOver = true;
    return true;
  }

  /** Ends it without waiting where it was not opened: a worker that hangs ends when libvirt returns. Terminated while it loads, koffi would abort the process. */
  leave(): void {
    if (!this.hung && this.#leaveThread()) return;
    this.#thread.worker.unref();
    this.#post('close');
    this.#post('end');
  }

  #request(procedure: Request['procedure'], args?: unknown): Promise<unknown> {
    if (this.#isOver || this.#closing !== undefined) return Promise.reject(this.#closedError());
    return this.#wait(this.#post(procedure, args), procedure, this.#options.timeout ?? timeoutOf(procedure));
  }

  /** Sends a request, and returns the number that its answer will have. */
  #post(procedure: Request['procedure'], args: unknown = {}): number {
    const id = this.#nextId++;
    this.#thread.worker.postMessage({ id, procedure, args } satisfies Request);
    return id;
  }

  #wait(id: number, what: Request['procedure'], timeout: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.hung = true;
        this.#thread.worker.unref();
        this.#pending.delete(id);
        void endAtExit().finally(() => {
          reject(explainTimeout(this.uri, what, timeout));
        });
      }, timeout);
      this.#pending.set(id, { resolve, reject, timer });
    });
  }

  receive(reply: Reply): void {
    if ('loaded' in reply) return;
    if ('event' in reply) {
      this.#options.onEvent?.(reply.event);
    } else if ('console' in reply) {
      this.#options.onConsole?.(reply.console);
    } else if ('consoleEnd' in reply) {
      const { consoleEnd } = reply;
      this.#options.onConsole?.({ kind: 'end', error: consoleEnd === 'closed' ? undefined : receiveError(consoleEnd) });
    } else if ('called' in reply) {
      this.#options.onCall?.(reply.called, reply.milliseconds);
    } else {
      const pending = this.#pending.get(reply.id);
      if (!pending) return;
      this.#pending.delete(reply.id);
      clearTimeout(pending.timer);
      if ('error' in reply) pending.reject(receiveError(reply.error));
      else pending.resolve(reply.result);
    }
  }

  #closedError(): KvmnetError {
    return new KvmnetError('CONNECT', `the connection to ${this.uri} is closed`);
  }

  /** The thread has failed, or has ended. */
  lose(error: Error = this.#closedError()): void {
    this.#isOver = true;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#pending.clear();
  }
}

let endsAtExit: Promise<unknown> | undefined;

/** Node.js waits for all threads when the process ends: for ever, where one hangs in libvirt. */
function endAtExit(): Promise<unknown> {
  return (endsAtExit ??= import('./ffi/exit.ts').then(({ exitNow }) => process.on('exit', (code) => exitNow(code))));
}
