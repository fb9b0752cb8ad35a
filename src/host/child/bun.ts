/** Starts programs by Bun's own function, which takes 5 ms and 3 MiB less than node:child_process there. @see child.ts and https://bun.sh/docs/api/spawn */
import type { Child, Ending, StartChild } from './child.ts';

interface BunChild {
  readonly stdin: { write(text: string): unknown; flush(): unknown; end(): unknown } | undefined;
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  readonly exited: Promise<unknown>;
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  kill(signal?: NodeJS.Signals): void;
  unref(): void;
}

declare const Bun: { spawn(command: readonly string[], options: Readonly<Record<string, unknown>>): BunChild };

export const startChild: StartChild = (program, args, { env, input, timeout, onOutput }) => {
  const stdin = input === undefined ? 'pipe' : Buffer.from(input);
  let child: BunChild;
  try {
    const pipes = { stdin, stdout: 'pipe', stderr: 'pipe' };
    child = Bun.spawn([program, ...args], { env, ...pipes, detached: true });
  } catch (error) {
    return neverStarted(error as Error);
  }
  let killed = false;
  const kill = (signal?: NodeJS.Signals): void => {
    killed ||= child.exitCode === null && child.signalCode === null;
    child.kill(signal);
  };
  const timer = timeout === undefined ? undefined : setTimeout(kill, timeout, 'SIGKILL');
  const read = async (name: 'stdout' | 'stderr'): Promise<void> => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    for await (const bytes of child[name]) onOutput(name, decoder.decode(bytes, { stream: true }));
  };
  const closed = Promise.all([read('stdout'), read('stderr'), child.exited]).then((): Ending => {
    clearTimeout(timer);
    return { status: child.exitCode, signal: child.signalCode, killed };
  });
  return {
    closed,
    ended: child.exited.then(() => undefined),
    status: () => child.exitCode,
    write: (text) => {
      child.stdin?.write(text);
      quietly(child.stdin?.flush());
    },
    end: () => {
      quietly(child.stdin?.end());
    },
    kill,
    leave: () => {
      child.unref();
    },
  };
};

function neverStarted(error: Error): Child {
  const nothing = (): void => undefined;
  const never = new Promise<never>(nothing);
  const calls = { status: () => null, write: nothing, end: nothing, kill: nothing, leave: nothing };
  return { closed: Promise.reject(error), ended: never, ...calls };
}

/** Ignores the error of a program that has ended and does not read. */
function quietly(result: unknown): void {
  Promise.resolve(result).catch(() => undefined);
}
