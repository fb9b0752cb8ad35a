/** A resident kvmnet for command lines where the process is not the point: starting one costs more than most commands do. */
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

interface Resident {
  readonly process: ChildProcess;
  /** What the process itself wrote: the message of a deadline that ended it, or of a crash. */
  stderr: string;
}

const code = fileURLToPath(new URL('resident-process.js', import.meta.url));

let idle: Resident | undefined;
let isBusy = false;

// Each test file starts with a fresh process.
afterAll(() => {
  idle?.process.kill('SIGKILL');
  idle = undefined;
});

/**
 * Runs a command line in the resident process, and starts that if necessary.
 * @returns undefined while it runs another command line: commands that run at the same time need processes of their own
 */
export async function runInResident(
  args: readonly string[],
  {
    stdin = '',
    seconds,
    env,
  }: { readonly stdin?: string | undefined; readonly seconds: number; env: NodeJS.ProcessEnv },
): Promise<Said | undefined> {
  if (isBusy) return undefined;
  isBusy = true;
  const resident = idle?.process.connected === true ? idle : start(env);
  idle = undefined;
  const started = performance.now();
  try {
    return await new Promise<Said>((resolve, reject) => {
      const { process } = resident;
      const deadline = setTimeout(() => {
        process.kill('SIGKILL');
        reject(new Error(`kvmnet ${args.join(' ')} did not end within ${seconds} s\nstderr: ${resident.stderr}`));
      }, seconds * 1000);
      const end = (said: Said): void => {
        clearTimeout(deadline);
        process.removeAllListeners();
        resolve({ ...said, stderr: resident.stderr + said.stderr });
        resident.stderr = '';
      };
      process.once('message', ({ cpu, ends, ...said }: Answer) => {
        record({ program: 'kvmnet (resident)', milliseconds: performance.now() - started, cpu });
        if (!ends) idle = resident;
        end(said);
      });
      // A deadline that passes in the middle of a libvirt call ends the process, as it ends kvmnet.
      process.once('close', (status: number | null) => {
        end({ stdout: '', stderr: '', status: status ?? 137 });
      });
      process.send({ args, stdin });
    });
  } finally {
    isBusy = false;
  }
}

function start(env: NodeJS.ProcessEnv): Resident {
  const resident: Resident = {
    process: fork(code, { env, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
    stderr: '',
  };
  resident.process.stderr?.setEncoding('utf8').on('data', (text: string) => (resident.stderr += text));
  return resident;
}
