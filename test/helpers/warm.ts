/** A kvmnet that stays, for command lines of which the process is not the point: a start costs more than most of them. */
import { afterAll } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { record } from './profile.ts';

interface Said {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

interface Answer extends Said {
  /** Milliseconds of processor time. */
  readonly cpu: number;
  /** True where a thread hangs in libvirt: the process ends after this. */
  readonly ends: boolean;
}

interface Kept {
  readonly process: ChildProcess;
  /** What it wrote past the streams of its command line: the last words of a deadline, or of a crash. */
  stderr: string;
}

const code = fileURLToPath(new URL('warm.js', import.meta.url));

let idle: Kept | undefined;
let isBusy = false;

// Each file starts from a process that nothing happened in.
afterAll(() => {
  idle?.process.kill('SIGKILL');
  idle = undefined;
});

/**
 * Runs a command line in the kvmnet that stays, which is started where there is none.
 * @returns undefined while that runs another one: what runs at the same time has to be processes
 */
export async function inWarm(
  args: readonly string[],
  {
    stdin = '',
    seconds,
    env,
  }: { readonly stdin?: string | undefined; readonly seconds: number; env: NodeJS.ProcessEnv },
): Promise<Said | undefined> {
  if (isBusy) return undefined;
  isBusy = true;
  const kept = idle ?? start(env);
  idle = undefined;
  const started = performance.now();
  try {
    return await new Promise<Said>((resolve, reject) => {
      const { process } = kept;
      const deadline = setTimeout(() => {
        process.kill('SIGKILL');
        reject(new Error(`kvmnet ${args.join(' ')} did not end within ${seconds} s\nstderr: ${kept.stderr}`));
      }, seconds * 1000);
      const end = (said: Said): void => {
        clearTimeout(deadline);
        process.removeAllListeners();
        resolve({ ...said, stderr: kept.stderr + said.stderr });
        kept.stderr = '';
      };
      process.once('message', ({ cpu, ends, ...said }: Answer) => {
        record({ program: 'kvmnet (kept)', milliseconds: performance.now() - started, cpu });
        if (!ends) idle = kept;
        end(said);
      });
      // A deadline that passes in the middle of a call ends the process, as it ends a program of its own.
      process.once('close', (status: number | null) => {
        end({ stdout: '', stderr: '', status: status ?? 137 });
      });
      process.send({ args, stdin });
    });
  } finally {
    isBusy = false;
  }
}

function start(env: NodeJS.ProcessEnv): Kept {
  const kept: Kept = {
    process: fork(code, { env, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
    stderr: '',
  };
  kept.process.stderr?.setEncoding('utf8').on('data', (text: string) => (kept.stderr += text));
  return kept;
}
