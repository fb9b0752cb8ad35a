/** Threads that own connections, one after the other. To start a thread takes longer than to open a connection. */
import { Worker } from 'node:worker_threads';
import { startPool } from './pool.ts';
import type { Reply } from '../protocol.ts';
import { workerFile } from '../worker-file.ts';

/** A thread, and the connection that it has now. */
export interface Thread {
  readonly worker: Worker;
  /** Until it has loaded libvirt, or has ended: terminated before that, koffi would abort the process. */
  readonly loaded: Promise<void>;
  owner: { receive(reply: Reply): void; lose(error?: Error): void } | undefined;
}

/** The thread that no connection has now. */
let spare: Thread | undefined;

/** Starts a thread for a connection that is certain to come: it loads libvirt in the meantime. */
export function startThreadAhead(): void {
  startPool();
  keepThread(startThread());
}

/** Waits until the process may end. */
export async function spareLoaded(): Promise<void> {
  spare?.worker.ref();
  await spare?.loaded;
}

export function takeThread(): Thread {
  const thread = spare ?? startThread();
  spare = undefined;
  thread.worker.ref();
  return thread;
}

/** Keeps a thread for the next connection; it does not keep the process alive. False where another one waits already. */
export function keepThread(thread: Thread): boolean {
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
