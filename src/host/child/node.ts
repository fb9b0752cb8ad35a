/** Starts programs by node:child_process. @see child.ts */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Ending, StartChild } from './child.ts';

export const startChild: StartChild = (program, args, { env, input, timeout, onOutput }) => {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const limit = { ...(timeout === undefined ? {} : { timeout }), killSignal: 'SIGKILL' } as const;
  // Without free descriptors the process has no streams.
  const child: ChildProcess = spawn(program, args, { env, ...limit, detached: true });
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      onOutput(name, text);
    });
  }
  child.stdin?.on('error', () => undefined); // a program that has ended does not read
  if (input !== undefined) child.stdin?.end(input);
  const closed = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      resolve({ status, signal, killed: child.killed });
    });
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  return {
    closed,
    ended,
    status: () => child.exitCode,
    write: (text) => child.stdin?.write(text),
    end: () => child.stdin?.end(),
    kill: (signal) => child.kill(signal),
    leave: () => {
      child.unref();
      for (const stream of child.stdio) (stream as Socket | null | undefined)?.unref();
    },
  };
};
