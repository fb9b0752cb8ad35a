/** Starts programs: the only place that does. Always an argument list, an environment of our own, a deadline and bounded output. */
import type { spawn as Spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { KvmnetError } from '../errors.ts';
import { startChild } from './child/node.ts';
import { runError, type RunFailure } from './run-error.ts';
import { sharing } from './ssh/share.ts';
import { overSsh, sshFailure, type SshTarget } from './ssh/ssh.ts';

export interface RunOptions {
  /** Milliseconds; 30,000 by default. */
  readonly timeout?: number;
  /** Called after each program, with its command line and its time in milliseconds. */
  readonly onRun?: ((command: string, milliseconds: number) => void) | undefined;
  /** The host to run it on, by the system's own ssh; this one when left out. */
  readonly on?: SshTarget | undefined;
  /** Its standard input. */
  readonly input?: string;
}

/** Loaded at use: most commands start programs by `startChild`, or none. */
const spawn = ((...args: Parameters<typeof Spawn>) =>
  process.getBuiltinModule('node:child_process').spawn(...args)) as typeof Spawn;

/** 64 MiB: a host with thousands of links prints more than Node's default of 1 MiB. */
const maxBuffer = 64 * 1024 * 1024;

/** Characters of a helper's standard error that are kept. */
const longestReason = 10_000;

/** Where programs are looked for: the directories of root's on Debian and Fedora, whatever the caller's are. */
export const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Only what a program needs to be found and to speak English; LIBVIRT_DEBUG and the like stay outside. */
function environment(): NodeJS.ProcessEnv {
  return {
    PATH: searchPath,
    LC_ALL: 'C',
    HOME: process.env.HOME,
    ...(process.env.SSH_AUTH_SOCK === undefined ? {} : { SSH_AUTH_SOCK: process.env.SSH_AUTH_SOCK }),
  };
}

/**
 * Runs a program and returns what it printed on standard output.
 * Throws DEPENDENCY where it is not installed, TIMEOUT, or BACKEND with its standard error.
 */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { timeout = 30_000, onRun, on, input } = options;
  const started = performance.now();
  const shared = on && (await sharing(on, starters, timeout));
  const leave = await shared?.enter();
  const left = Math.max(1, Math.ceil(timeout - (performance.now() - started)));
  const [file, ...words] = on ? overSsh(on, remotely(program, args), shared?.options) : [program, ...args];
  return new Promise((resolve, reject) => {
    runDetached(file, words, left, input ?? '', (error, stdout, printed) => {
      onRun?.([program, ...args].join(' '), performance.now() - started);
      const stderr = shared ? shared.withoutRefusal(printed) : printed;
      leave?.();
      const failure = error && on ? ofSsh(on, error, stderr) : error;
      if (failure instanceof KvmnetError) reject(failure);
      else if (failure) reject(runError(program, args, failure, stderr, { timeout, on }));
      else resolve(stdout);
    });
  });
}

const starters = { output: run, helper: spawnHelper };

/** The program that libvirt runs instead of ssh to join the connection to a host; undefined where that is ssh itself. */
export async function sshProgram(on: SshTarget, timeout?: number): Promise<string | undefined> {
  return (await sharing(on, starters, timeout)).program;
}

/** The other host's login may have any environment. */
export function remotely(program: string, args: readonly string[]): readonly string[] {
  return ['env', 'LC_ALL=C', `PATH=${searchPath}`, program, ...args];
}

/**
 * As node:child_process's execFile, but in a session of its own: a Ctrl-C or a closed terminal is meant for us, and would otherwise end
 * ip(8) in the middle of a step or of its undo.
 */
function runDetached(
  file: string,
  args: readonly string[],
  timeout: number,
  input: string,
  done: (error: RunFailure | undefined, stdout: string, stderr: string) => void,
): void {
  const printed = { stdout: '', stderr: '' };
  let error: RunFailure | undefined;
  const child = startChild(file, args, {
    env: environment(),
    timeout,
    input,
    onOutput: (stream, text) => {
      printed[stream] += text;
      if (printed[stream].length <= maxBuffer) return;
      error = new Error(`${stream} is longer than ${String(maxBuffer)} characters`);
      child.kill('SIGKILL');
    },
  });
  child.closed.then(
    ({ status, signal, killed }) => {
      if (status !== 0) error ??= Object.assign(new Error(signal ?? 'it failed'), { code: status, killed });
      done(error, printed.stdout, printed.stderr);
    },
    (cause: unknown) => {
      done(cause as RunFailure, printed.stdout, printed.stderr);
    },
  );
}

/** ssh's own failures have status 255; every other status is the program's, or env(1)'s where it does not exist. */
function ofSsh(on: SshTarget, error: RunFailure, stderr: string): RunFailure | KvmnetError {
  if (error.code === 127) return Object.assign(error, { code: 'ENOENT' });
  return error.code === 255 ? sshFailure(on, stderr.trim() || error.message, error) : error;
}

/**
 * Runs a program of the user, such as an editor, on this terminal and with this environment, and waits for its end.
 * @throws DEPENDENCY if it does not exist, BACKEND if it ends with a status other than 0
 */
export function interact(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.once('error', (error) => {
      reject(runError(program, args, error, ''));
    });
    child.once('exit', (status, signal) => {
      if (status === 0) resolve();
      else reject(new KvmnetError('BACKEND', `${program} ended with ${signal ?? `status ${String(status)}`}`));
    });
  });
}

/** Where a program that runs in our place reads and writes; what is left out is this process's own. */
export interface HandedStreams {
  readonly stdin?: NodeJS.ReadableStream | 'empty';
  readonly stdout?: NodeJS.WritableStream;
  readonly stderr?: NodeJS.WritableStream;
}

/**
 * Runs a program instead of kvmnet, with the user's own environment, and waits for its end.
 * @param variables added to the environment
 * @param onStart gets a function that sends the program a signal
 * @returns its exit status, or 128 + n after signal n, as a shell reports it
 * @throws DEPENDENCY where the program does not exist
 */
export function handOver(
  program: string,
  args: readonly string[],
  { stdin, stdout, stderr }: HandedStreams,
  variables: Readonly<Record<string, string>>,
  onStart: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const input = stdin === undefined ? 'inherit' : stdin === 'empty' ? 'ignore' : 'pipe';
    const child = spawn(program, args, {
      stdio: [input, stdout ? 'pipe' : 'inherit', stderr ? 'pipe' : 'inherit'],
      env: { ...process.env, ...variables },
    });
    if (stdout) child.stdout?.on('data', (chunk: Buffer) => stdout.write(chunk));
    if (stderr) child.stderr?.on('data', (chunk: Buffer) => stderr.write(chunk));
    child.stdin?.on('error', () => undefined); // one that has ended does not read
    if (child.stdin && stdin !== undefined && stdin !== 'empty') stdin.pipe(child.stdin);
    child.once('error', (error) => {
      reject(runError(program, args, error, ''));
    });
    child.once('close', (status, signal) => {
      resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
    onStart((signal) => child.kill(signal));
  });
}

/**
 * Shows a text in a pager on this terminal, and waits until the user leaves it. Like in git, a pager that reads LESS exits immediately if the text is
 * short, shows colors, and leaves the text on the screen.
 * @returns false if the program does not exist
 */
export function page([program = '', ...args]: readonly string[], text: string): Promise<boolean> {
  return new Promise((resolve) => {
    const env = { ...process.env, LESS: process.env.LESS ?? 'FRX', LV: process.env.LV ?? '-c' };
    const child = spawn(program, args, { stdio: ['pipe', 'inherit', 'inherit'], env });
    child.once('error', () => {
      resolve(false);
    });
    child.once('exit', () => {
      resolve(true);
    });
    child.stdin.on('error', () => undefined).end(text); // the user may leave before the end
  });
}

/** Starts a program in a session of its own, with all three streams; `running.ts` reads them, and ends it. */
export function spawnPiped(program: string, args: readonly string[]) {
  return spawn(program, args, { env: environment(), stdio: 'pipe', detached: true });
}

/** A program that runs alongside kvmnet until it is asked to end, or until kvmnet has ended. */
export interface HelperProcess {
  /** Becomes true when it has answered, false when it ended before that. */
  readonly ready: Promise<boolean>;
  /** Settles at its end. */
  readonly ended: Promise<void>;
  /** Its exit status once it has ended. */
  readonly status: () => number | null;
  /** Its standard error so far. */
  readonly printed: () => string;
  /** Closes its standard input, and so ends it. */
  readonly end: () => void;
  /** Ends one that does not read its input yet. */
  readonly kill: () => void;
}

/**
 * Starts a program that copies its standard input (cat, or something that becomes it): it is ready when a first line has come back.
 * It ends when its input closes, so even kill -9 of this process takes it along; the terminal's Ctrl-C does not reach it.
 */
export function spawnHelper(program: string, args: readonly string[]): HelperProcess {
  let printed = '';
  let answer: (() => void) | undefined;
  const child = startChild(program, args, {
    env: environment(),
    onOutput: (stream, text) => {
      if (stream === 'stdout') answer?.();
      else printed = (printed + text).slice(-longestReason);
    },
  });
  const ready = new Promise<boolean>((resolve, reject) => {
    answer = (): void => {
      // A process with nothing else to do ends, and the program with it.
      child.leave();
      resolve(true);
    };
    child.closed.then(
      () => {
        resolve(false);
      },
      (error: unknown) => {
        reject(runError(program, args, error as RunFailure, ''));
      },
    );
  });
  child.write('\n');
  const { ended, status, end } = child;
  return {
    ready,
    ended,
    status,
    printed: () => printed,
    end,
    kill: () => {
      child.kill();
    },
  };
}

/**
 * Starts an ssh that passes connections on to an address that its host reaches, as HelperProcess describes it. It has a connection of its own: over a
 * shared one the port would stay open.
 * @param forward as ssh's option -L has it
 */
export function spawnTunnel(on: SshTarget, forward: string): HelperProcess {
  const options = ['-S', 'none', '-o', 'ExitOnForwardFailure=yes', '-L', forward];
  const [ssh, ...args] = overSsh(on, remotely('cat', []), options);
  return spawnHelper(ssh, args);
}

/**
 * Starts a program that outlives kvmnet, its terminal and its login, and returns immediately: the caller checks whether it has come up. Under
 * systemd it is a separate service, since a logout may end all processes of a login (KillUserProcesses of logind.conf(5)); without systemd,
 * or if systemd does not answer, it is a process in its own session.
 * @param unit the service's name
 * @param variables added to its environment
 */
export async function startDetached(
  unit: string,
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (existsSync('/run/systemd/system')) {
    const settings = Object.entries(variables).map(([name, value]) => `--setenv=${name}=${value}`);
    const options = ['--quiet', '--collect', `--unit=${unit}.service`, '--property=OOMScoreAdjust=-900', ...settings];
    const isService = await run('systemd-run', [...options, '--', program, ...args], { timeout: 5_000 }).then(
      () => true,
      () => false,
    );
    if (isService) return;
  }
  const env = { ...environment(), ...variables };
  const child = spawn(program, args, { cwd: '/', detached: true, stdio: 'ignore', env });
  child.on('error', () => undefined); // it does not come up
  child.unref();
}
