/** A resident kvmnet for command lines where the process is not the point: starting one costs more than most commands do. */
import childProcess, { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { record } from '../profile.ts';

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

/** A user other than the one who runs the tests: the command line that becomes that user and runs a program. */
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

const code = fileURLToPath(new URL('process.js', import.meta.url));

const shared: { idleKvmnet?: Map<string, ChildProcess[]> } = childProcess as object;

/**
 * The idle ones of each user. Command lines that run at the same time are in processes of their own. jest loads this module again for each file; the
 * processes serve all files of its worker, as the objects of node's modules do, and end with it.
 */
const idle = (shared.idleKvmnet ??= new Map<string, ChildProcess[]>());

/** Runs a command line in an idle resident process of a user, and starts one if none is idle. */
export async function runInResident(
  args: readonly string[],
  { stdin = '', cwd, seconds, ...who }: Line,
): Promise<Said> {
  const user = who.as?.user ?? '';
  const own = (idle.get(user) ?? []).filter(({ connected }) => connected);
  const resident = own.pop() ?? start(who);
  idle.set(user, own);
  let next: ChildProcess | undefined;
  const started = performance.now();
  try {
    return await new Promise<Said>((resolve, reject) => {
      // Of the process itself: the message of a deadline that ended it, or of a crash.
      let stderr = '';
      const hear = (text: string): void => {
        stderr += text;
      };
      resident.stderr?.on('data', hear);
      const deadline = setTimeout(() => {
        resident.kill('SIGKILL');
        reject(new Error(`kvmnet ${args.join(' ')} did not end within ${seconds} s\nstderr: ${stderr}`));
      }, seconds * 1000);
      const end = (said: Said): void => {
        clearTimeout(deadline);
        resident.removeAllListeners();
        resident.stderr?.off('data', hear);
        resolve({ ...said, stderr: stderr + said.stderr });
      };
      resident.once('message', ({ cpu, ends, ...said }: Answer) => {
        record({ program: 'kvmnet (resident)', milliseconds: performance.now() - started, cpu });
        if (!ends) next = resident;
        end(said);
      });
      // A deadline that passes in the middle of a libvirt call ends the process, as it ends kvmnet.
      resident.once('close', (status: number | null) => {
        end({ stdout: '', stderr: '', status: status ?? 137 });
      });
      resident.send({ args, stdin, cwd });
    });
  } finally {
    if (next) idle.get(user)?.push(next);
  }
}

function start({ env, as }: Who): ChildProcess {
  const [execPath, ...execArgv] = as ? [...as.become, process.execPath] : [process.execPath];
  const options = { env, execPath, execArgv, ...(as && { cwd: '/' }) };
  const resident = fork(code, { ...options, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  resident.stderr?.setEncoding('utf8');
  return resident;
}
