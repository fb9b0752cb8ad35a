/** A connection with which the console of a domain can be opened; the session's own has no event loop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Connection } from '../../libvirt/connection.ts';
import type { ProcedureArguments } from '../../libvirt/procedures.ts';
import type { ConsoleEvent } from '../../libvirt/records.ts';
import type { Context } from '../context.ts';
import { relay, type ConsoleEnd } from './relay.ts';

export interface ConsoleConnection {
  readonly connection: Connection;
  /**
   * Opens a console and connects it to this process's streams, until the guest's side is closed or the user leaves.
   * @param escape the byte that leaves it at a terminal
   * @param onOpen runs before the first output is shown
   * @throws INTERRUPTED by a signal and where the terminal is gone, and what libvirt refuses
   */
  readonly run: (
    console: ProcedureArguments<'consoleOpen'>[0],
    escape: number,
    onOpen?: () => void,
  ) => Promise<ConsoleEnd>;
}

/** Milliseconds for a daemon to hear that a console is left; a process that ends does not wait longer. */
const graceMs = 2_000;

export async function withConsole<T>(context: Context, task: (console: ConsoleConnection) => Promise<T>): Promise<T> {
  const { options, session } = context;
  const waiting: ConsoleEvent[] = [];
  let listener = (event: ConsoleEvent): void => void waiting.push(event);
  const trace = (name: string, milliseconds: number): void => {
    context.trace(`${name}  ${milliseconds.toFixed(1)} ms`);
  };
  const { parseUri } = await import('../../observe/uri.ts');
  parseUri(options.uri);
  const connection = await connect(options.uri, {
    readOnly: options.readOnly,
    timeout: options.timeout,
    ...(options.verbose ? { onCall: trace } : {}),
    onConsole: (event) => {
      listener(event);
    },
  }).catch((error: unknown) => {
    session.hasFailedToOpen = true;
    throw error;
  });
  try {
    return await task({
      connection,
      run: async (console, escape, onOpen) => {
        context.progress.stop();
        await connection.call('consoleOpen', console);
        onOpen?.();
        return session.interruptible(
          (signal) =>
            relay(context.streams, connection, escape, signal, (listen) => {
              listener = listen;
              waiting.splice(0).forEach(listen);
            }),
          { rollsBack: false },
        );
      },
    });
  } finally {
    await leave(connection);
  }
}

async function leave(connection: Connection): Promise<void> {
  const closed = connection
    .call('consoleClose')
    .then(() => connection.close())
    .catch(() => undefined)
    .then(() => true);
  if (await Promise.race([closed, sleep(graceMs, false, { ref: false })])) return;
  const { exitNow } = await import('../../libvirt/ffi/exit.ts');
  process.once('exit', (status) => exitNow(status));
}
