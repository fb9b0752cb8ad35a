/** Where a program reads and writes. */
import { KvmnetError } from '../../errors.ts';
import { directOutput } from './direct.ts';
import { isTerminal } from './is-terminal.ts';

/** A test or the shell may hand in others than the process's own. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & {
    readonly isTTY?: boolean;
    readonly columns?: number;
    readonly rows?: number;
  };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

type Output = Streams['stderr'];

/** The first error of each stream that lost output. */
const failures = new WeakMap<NodeJS.WritableStream, NodeJS.ErrnoException>();

let stdin: Streams['stdin'] | undefined;
let stdout: Output | undefined;
let stderr: Output | undefined;

/**
 * This process's own streams, each opened when it is first used. Input that cannot be read concerns only the code that
 * waits for it. Output that cannot be written is dropped: a full disk, a closed terminal or a reader that has gone must not end a change.
 */
export const processStreams: Streams = {
  get stdin() {
    return (stdin ??= process.stdin.on('error', () => undefined));
  },
  get stdout() {
    return (stdout ??= dropping(output(1, () => process.stdout)));
  },
  get stderr() {
    return (stderr ??= dropping(output(2, () => process.stderr)));
  },
};

function dropping(stream: Output): Output {
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    note(stream, error);
  });
}

function note(stream: NodeJS.WritableStream, error: NodeJS.ErrnoException): void {
  if (!failures.has(stream)) failures.set(stream, error);
}

/** Writes text without waiting; the next `write` throws if it is lost. */
export function writeLater(stream: NodeJS.WritableStream, text: string): void {
  // Bun reports an error only to the callback, to no listener.
  stream.write(text, (error?: NodeJS.ErrnoException | null) => {
    if (error) note(stream, error);
  });
}

function output(fd: number, own: () => Output): Output {
  return (isTerminal(fd) ? undefined : directOutput(fd, own)) ?? own();
}

/**
 * Writes text, and waits until it and all text before it is out: a pipe would lose its end when the process ends.
 * @throws BACKEND where text is lost, but not where the reader has gone, as head(1) does
 */
export function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error?: NodeJS.ErrnoException | null) => {
      const failure = failures.get(stream) ?? error;
      if (!failure || failure.code === 'EPIPE') resolve();
      else reject(outputError(failure));
    });
  });
}

function outputError(cause: NodeJS.ErrnoException): KvmnetError {
  const [, reason] =
    process
      .getBuiltinModule('node:util')
      .getSystemErrorMap()
      .get(cause.errno ?? 0) ?? [];
  return new KvmnetError('BACKEND', `cannot write the output: ${reason ?? cause.message}`, { cause });
}
