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

/** Another user than the one who runs the tests: the command line that becomes that user and goes on with a program. */
export interface As {
  readonly user: string;
  readonly become: readonly [string, ...string[]];
}

interface Who {
  readonly env: NodeJS.ProcessEnv;
  readonly as?: As;
}

interface Line extends Who {
  readonly stdin?: string | undefined;
  readonly cwd?: string | undefined;
  readonly seconds: number;
}

const code = fileURLToPath(new URL('resident-process.js', import.meta.url));

/** By user; undefined while it is busy. */
const residents = new Map<string, Resident | undefined>();

// Each test file starts with fresh processes.
afterAll(() => {
  for (const resident of residents.values()) resident?.process.kill('SIGKILL');
  residents.clear();
});

/**
 * Runs a command line in the resident process of a user, and starts that if necessary.
 * @returns undefined while it runs another command line: commands that run at the same time need processes of their own
 */
export async function runInResident(
  args: readonly string[],
  { stdin = '', cwd, seconds, ...who }: Line,
): Promise<Said | undefined> {
  const user = who.as?.user ?? '';
  const idle = residents.get(user);
  if (idle === undefined && residents.has(user)) return undefined;
  residents.set(user, undefined);
  const resident = idle?.process.connected === true ? idle : start(who);
  let next: Resident | undefined;
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
        if (!ends) next = resident;
        end(said);
      });
      // A deadline that passes in the middle of a libvirt call ends the process, as it ends kvmnet.
      process.once('close', (status: number | null) => {
        end({ stdout: '', stderr: '', status: status ?? 137 });
      });
      process.send({ args, stdin, cwd });
    });
  } finally {
    if (next) residents.set(user, next);
    else residents.delete(user);
  }
}

function start({ env, as }: Who): Resident {
  const [execPath, ...execArgv] = as ? [...as.become, process.execPath] : [process.execPath];
  const options = { env, execPath, execArgv, ...(as && { cwd: '/' }) };
  const resident: Resident = {
    process: fork(code, { ...options, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] }),
    stderr: '',
  };
  resident.process.stderr?.setEncoding('utf8').on('data', (text: string) => (resident.stderr += text));
  return resident;
}
