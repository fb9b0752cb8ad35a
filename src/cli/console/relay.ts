/** A terminal and a console: keys go to the guest, and what the guest writes comes to the terminal, as it is. */
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { ConsoleEvent } from '../../libvirt/records.ts';
import { rawTerminal } from '../../libvirt/ffi/terminal.ts';
import { write, type Streams } from '../output/streams.ts';

/** `left`: by the escape character, or because the output is closed. `closed`: by the guest's side. */
export type ConsoleEnd = 'left' | 'closed';

/** Bytes of input that may wait for the guest, before no more is read. */
const maxBytes = 64 * 1024;

/**
 * Relays until one side ends. A terminal is in raw mode meanwhile, and gets its settings back on every way out.
 * @param escape the byte that leaves, typed at a terminal; other input has none
 * @param subscribe hands events of the console to its argument, earlier events first
 * @throws INTERRUPTED when `signal` is aborted or the terminal is gone; the error that ended the console
 */
export async function relay(
  streams: Streams,
  connection: Connection,
  escape: number,
  signal: AbortSignal,
  subscribe: (listen: (event: ConsoleEvent) => void) => void,
): Promise<ConsoleEnd> {
  const { stdin, stdout } = streams;
  const isTyped = stdin.isTTY === true;
  const restore = isTyped ? rawTerminal((stdin as { readonly fd?: number }).fd ?? 0) : undefined;
  const ended = new AbortController();
  const quit = (): void => {
    ended.abort();
  };
  // A core that is dumped, or an error of ours, restores nothing.
  process.on('SIGQUIT', quit);
  if (restore) process.on('exit', restore);
  let detach: () => void = () => undefined;
  try {
    return await new Promise<ConsoleEnd>((resolve, reject) => {
      const stop = (): void => {
        reject(new KvmnetError('INTERRUPTED', 'the console was left'));
        restore?.();
      };
      if (signal.aborted) stop();
      AbortSignal.any([signal, ended.signal]).addEventListener('abort', stop);
      const input = readInput(stdin, connection, isTyped ? escape : undefined, {
        left: () => resolve('left'),
        stop,
        fail: reject,
      });
      detach = input.detach;
      subscribe((event) => {
        switch (event.kind) {
          case 'sent':
            input.sent(event.bytes);
            break;
          case 'output':
            show(stdout, connection, event.bytes, () => resolve('left'));
            break;
          case 'end':
            if (event.error) reject(event.error);
            else resolve('closed');
        }
      });
    });
  } finally {
    restore?.();
    detach();
    process.off('SIGQUIT', quit);
    if (restore) process.off('exit', restore);
    await write(stdout, '');
  }
}

/** Shows what the guest wrote, and then lets more come. */
function show(stdout: Streams['stdout'], connection: Connection, bytes: Uint8Array, onLost: () => void): void {
  stdout.write(bytes, (error?: Error | null) => {
    if (error) onLost();
    // The connection may be closed by now.
    else connection.call('consoleTake', { bytes: bytes.length }).catch(() => undefined);
  });
}

interface Input {
  readonly sent: (bytes: number) => void;
  readonly detach: () => void;
}

function readInput(
  stdin: Streams['stdin'],
  connection: Connection,
  escape: number | undefined,
  on: { readonly left: () => void; readonly stop: () => void; readonly fail: (error: unknown) => void },
): Input {
  let unsent = 0;
  const onData = (chunk: Buffer | string): void => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const end = escape === undefined ? -1 : bytes.indexOf(escape);
    const typed = end < 0 ? bytes : bytes.subarray(0, end);
    if (typed.length > 0) connection.call('consoleSend', { bytes: typed }).catch(on.fail);
    unsent += typed.length;
    if (unsent > maxBytes) stdin.pause();
    if (end >= 0) on.left();
  };
  // Other input may end before the guest has answered.
  const onEnd = (): void => {
    if (escape !== undefined) on.stop();
  };
  stdin.on('data', onData).on('end', onEnd).on('error', onEnd);
  stdin.resume();
  return {
    sent: (bytes) => {
      unsent -= bytes;
      if (unsent <= maxBytes) stdin.resume();
    },
    detach: () => {
      stdin.off('data', onData).off('end', onEnd).off('error', onEnd);
      stdin.pause();
    },
  };
}
