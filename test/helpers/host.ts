/** Runs programs, kvmnet and virsh among them, and returns their output. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { childrenCpu, record } from './profile.ts';
import { lookInResident, virshOptions } from './resident/virsh.ts';
import { runInResident, type As } from './resident/resident.ts';

/** The top of the project, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  readonly bin: { readonly kvmnet: string };
};

/** The built command line: what package.json installs as `kvmnet`. */
export const main = root + manifest.bin.kvmnet;

/** `npm`, the npm build, or a one-file executable: runs each command line of the tests. */
const named = process.env['KVMNET_PROGRAM'];

/** Where none is named, the command lines that need a process of their own have one of the level: see .ci/jest.config.js. */
const { kvmnetProcess = 'npm' } = globalThis as { readonly kvmnetProcess?: string };

const program = named ?? kvmnetProcess;

export const isExecutable = program !== 'npm';

/** The command line under test, as a process of its own. */
export const command: readonly [program: string, ...args: string[]] = isExecutable
  ? [resolve(root, program)]
  : [process.execPath, main];

/** The same as words of a shell. */
export const commandText = command.map((word) => `'${word}'`).join(' ');

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit status; 128 + n after signal n, as in a shell. */
  readonly status: number;
}

export interface RunOptions {
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string;
  readonly cwd?: string;
  /** After this the program is killed, and the promise fails with its output so far. */
  readonly seconds?: number;
}

export interface Running {
  readonly process: ChildProcess;
  readonly outcome: Promise<Outcome>;
}

/** Seconds that a program has by default: after that it hangs, or the machine does. */
const limit = 300;

/** Variables of the caller's environment that must not affect a test. */
const neutral = {
  NODE_OPTIONS: undefined,
  BUN_OPTIONS: undefined,
  KVMNET_URI: undefined,
  LIBVIRT_DEFAULT_URI: undefined,
  LIBVIRT_DEBUG: undefined,
  NO_COLOR: undefined,
  FORCE_COLOR: undefined,
  LC_ALL: 'C.UTF-8',
};

const signals: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGPIPE: 13, SIGTERM: 15 };

/** The environment by which the command line, as a process of its own, loads a script before its own code: a fault. */
export function preloading(script: string): Readonly<Record<string, string>> {
  return isExecutable ? { BUN_OPTIONS: `--preload ${script}` } : { NODE_OPTIONS: `--import ${script}` };
}

/** Starts a program and returns at once: for tests that send it signals. No shell is involved. */
export function start(program: string, args: readonly string[], options: RunOptions = {}): Running {
  const { seconds = limit } = options;
  const started = performance.now();
  const before = childrenCpu();
  const child = spawn(program, args, { env: { ...process.env, ...neutral, ...options.env }, cwd: options.cwd });
  const outcome = new Promise<Outcome>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, seconds * 1000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    // A program that ends before it has read its input is not an error of the test.
    child.stdin.on('error', () => undefined).end(options.stdin ?? '');
    child.once('error', (error) => {
      clearTimeout(deadline);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(deadline);
      record({
        program: command.every((word, index) => word === [program, ...args][index]) ? 'kvmnet' : basename(program),
        milliseconds: performance.now() - started,
        cpu: childrenCpu() - before,
      });
      const said = `stdout: ${stdout}\nstderr: ${stderr}`;
      if (late) reject(new Error(`${program} ${args.join(' ')} did not end within ${seconds} s\n${said}`));
      else resolve({ stdout, stderr, status: code ?? 128 + (signals[signal ?? ''] ?? 0) });
    });
  });
  return { process: child, outcome };
}

/** Runs a program to its end; a status other than 0 is an outcome like any other. */
export function run(program: string, args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return start(program, args, options).outcome;
}

/** Runs a program that has to succeed, and returns its standard output. */
export async function must(program: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const { stdout, stderr, status } = await run(program, args, options);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with status ${status}: ${stderr}${stdout}`);
  return stdout;
}

/**
 * Runs the built command line: in one resident process per test file, or in a process of its own where an
 * environment is given or another command line is running. `processes.test.ts` compares the two for every command.
 */
export async function kvmnet(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return (await kvmnetResident(args, options)) ?? startKvmnet(args, options).outcome;
}

/** The built command line in a resident process, of another user too; undefined where it needs a process of its own. */
export function kvmnetResident(
  args: readonly string[],
  { env, cwd, stdin, seconds = limit }: RunOptions,
  who: { readonly as?: As; readonly env?: RunOptions['env'] } = {},
): Promise<Outcome | undefined> {
  const isPlain = (named ?? 'npm') === 'npm' && env === undefined && args[0]?.startsWith('__') !== true;
  if (!isPlain) return Promise.resolve(undefined);
  return runInResident(args, { stdin, cwd, seconds, ...who, env: { ...process.env, ...neutral, ...who.env } });
}

/** A process of its own, as a user starts it, to be met while it runs. */
export function startKvmnet(args: readonly string[], options?: RunOptions): Running {
  // Faults that a test injects into Node.js stay with the npm build.
  const [program, ...first] = options?.env?.['NODE_OPTIONS'] === undefined ? command : [process.execPath, main];
  return start(program, [...first, ...args], options);
}

/**
 * virsh on the private host, to arrange and to look; it has to succeed. Several commands go in one argument: `'a; b'`.
 * What only looks is asked of one resident process per test file.
 */
export async function virsh(...args: readonly string[]): Promise<string> {
  const seen = await lookInResident(args, { ...process.env, ...neutral });
  if (seen !== undefined) return seen;
  return must('virsh', [...virshOptions, ...args]).catch(async (error: unknown) => {
    // libvirt stops a network without waiting for its dnsmasq: on a busy machine the next start finds the address taken.
    const failure = /Failed to start network (\S+)\n.*dnsmasq: failed to create listening socket/s;
    const [, late] = failure.exec(String(error)) ?? [];
    if (late === undefined) throw error;
    await pause(1_000);
    return must('virsh', [...virshOptions, 'net-start', late]);
  });
}

const separator = '====';

/** Output of virsh for each of several commands, all in one process; each has to succeed. */
export async function virshEach(commands: readonly string[]): Promise<readonly string[]> {
  if (commands.length === 0) return [];
  // Where virsh is quiet, its echo has no line end.
  return (await virsh(commands.join(`; echo ${separator}; `))).split(separator);
}

/**
 * virsh with a document as FILE: `virshWith(xml, 'net-define', 'FILE', '--validate')`. virsh cannot read
 * standard input here: node gives the programs that it starts a socket, which cannot be opened by name.
 */
export async function virshWith(xml: string, ...args: readonly string[]): Promise<string> {
  const directory = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
  try {
    const file = `${directory}/document.xml`;
    await writeFile(file, xml);
    return await virsh(...args.map((argument) => (argument === 'FILE' ? file : argument)));
  } finally {
    await rm(directory, { recursive: true });
  }
}
