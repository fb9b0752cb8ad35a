/** Programs whose output is read while they run, and that end with kvmnet, however kvmnet ends. */
import { KvmnetError } from '../errors.ts';
import { isInstalled } from './programs.ts';
import { remotely, spawnPiped, type RunOptions } from './run.ts';
import { overSsh } from './ssh/ssh.ts';

export interface ProgramEvents {
  /** Gets standard output as it comes. */
  readonly onOutput: (bytes: Buffer) => void;
  /** Gets standard error, a chunk at a time. */
  readonly onError: (text: string) => void;
}

export interface RunningProgram {
  /** Its exit status at its end; null after a signal. */
  readonly ended: Promise<number | null>;
  /** Asks it to end by SIGINT, and ends it by SIGKILL if it does not within two seconds. Resolves at its end. */
  readonly stop: () => Promise<void>;
}

/**
 * bash becomes the program, and a second process ends it when standard input closes: even kill -9 of kvmnet takes it along. An idle program
 * would not notice that its output has no reader.
 */
const script = 'exec 3<&0; { read -r -u 3 || kill -KILL $$; } >/dev/null 2>&1 & exec 3<&-; exec "$@" </dev/null';

/** Milliseconds that a program has to end after SIGINT. */
const grace = 2_000;

/**
 * Starts a program.
 * @param options `on`: another host, whose bash ends the program there when ssh closes its input; `meanwhile`: lines of bash that run at the
 * same time; `$$` is the process ID of the program
 * @throws DEPENDENCY where it is not installed; on another host bash reports that, and ends with status 127
 */
export function startProgram(
  program: string,
  args: readonly string[],
  { onOutput, onError }: ProgramEvents,
  { on, meanwhile }: Pick<RunOptions, 'on'> & { readonly meanwhile?: string } = {},
): Promise<RunningProgram> {
  if (on === undefined && !isInstalled(program))
    return Promise.reject(new KvmnetError('DEPENDENCY', `the program ${program} is not installed`));
  const words = [
    '-c',
    meanwhile === undefined ? script : `{ ${meanwhile}\n} </dev/null &\n${script}`,
    'bash',
    program,
    ...args,
  ];
  const [file, ...rest] = on ? overSsh(on, remotely('bash', words)) : ['bash', ...words];
  const child = spawnPiped(file, rest);
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new KvmnetError('DEPENDENCY', `cannot start ${program}: ${cause.message}`, { cause }));
    });
    child.once('spawn', () => {
      child.stdin.on('error', () => undefined);
      child.stdout.on('data', onOutput);
      child.stderr.setEncoding('utf8').on('data', onError);
      const ended = new Promise<number | null>((settle) => {
        // A line ends the second process, and has it end nothing.
        child.once('exit', () => child.stdin.end('\n'));
        child.once('close', settle);
      });
      const stop = async (): Promise<void> => {
        child.kill('SIGINT');
        const timer = setTimeout(() => child.kill('SIGKILL'), grace);
        await ended;
        clearTimeout(timer);
      };
      resolve({ ended, stop });
    });
  });
}
