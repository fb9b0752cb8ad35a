/** Faults for the private host: a kill at a chosen moment, programs that fail, full and read-only disks, ports that are taken. */
import { cp, chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  must,
  preloading,
  run,
  start,
  startKvmnet,
  virsh,
  type Outcome,
  type Running,
  type RunOptions,
} from '../host.ts';
import { waitFor } from '../wait.ts';

/** A fault and its moment: when kvmnet, with --verbose, prints a line with this text. */
export interface Fault {
  /** `begin: start network x`, `virNetworkCreate `, `done: define network x`, … */
  readonly line: string;
  /** Sent to kvmnet itself; SIGKILL ends it before it can do anything more. */
  readonly signal?: NodeJS.Signals;
  /** A program that runs while kvmnet waits. */
  readonly run?: readonly string[];
  /** Milliseconds after the line: while libvirt is at it. */
  readonly later?: number;
  /** A second time, after this number of milliseconds. */
  readonly again?: number;
}

const strike = fileURLToPath(new URL('strike.cjs', import.meta.url));
const many = fileURLToPath(new URL('many.js', import.meta.url));

/** Starts the built command line with --verbose, and a fault in the middle. */
export function startWithFault(fault: Fault, args: readonly string[], options: RunOptions = {}): Running {
  const env = { ...options.env, ...preloading(strike), FAULT: JSON.stringify(fault) };
  return startKvmnet(['--verbose', ...args], { ...options, env });
}

export function kvmnetWithFault(fault: Fault, args: readonly string[], options?: RunOptions): Promise<Outcome> {
  return startWithFault(fault, args, options).outcome;
}

/** One of many command lines, and what it reads on standard input. */
export interface CommandLine {
  readonly args: readonly string[];
  readonly stdin?: string;
}

/** Runs many command lines in one process with one connection: as good as one by one where each is refused, and much faster. */
export async function kvmnetMany(commands: readonly CommandLine[]): Promise<readonly Outcome[]> {
  return JSON.parse(await must(process.execPath, [many], { stdin: JSON.stringify(commands) })) as Outcome[];
}

/** The messages of kvmnet, without the lines that --verbose adds. */
export function said({ stderr }: Outcome): string {
  const traced = /^(vir\w+|(begin|done|undo):|.* {2}\d+\.\d ms$)/;
  return stderr
    .split('\n')
    .filter((line) => !traced.test(line))
    .join('\n');
}

/** The private host's own folder: gone with it. */
const folder = '/run/kvmnet-test';

/**
 * Replaces a program by a bash script while `task` runs; `$REAL` is the program itself. A file that is not
 * `executable` counts as missing.
 */
export async function withFake<T>(
  path: string,
  { script = '', executable = true }: { readonly script?: string; readonly executable?: boolean },
  task: () => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true });
  const file = (await must('readlink', ['-f', path])).trim();
  const [real, fake] = [`${folder}/real`, `${folder}/fake`];
  await cp(file, real);
  // A multi-call program knows what it is by the name that it is called by.
  await writeFile(fake, `#!/bin/bash\nREAL() { exec -a "$0" ${real} "$@"; }\n${script}\n`);
  await chmod(fake, executable ? 0o755 : 0o644);
  return mounted(['--bind', fake], file, task);
}

/** Makes the disk under a folder full while `task` runs; what is in the folder stays. */
export async function withFullDisk<T>(path: string, task: () => Promise<T>): Promise<T> {
  await mkdir(`${folder}/kept`, { recursive: true });
  await mkdir(path, { recursive: true });
  await must('cp', ['-aT', path, `${folder}/kept`]);
  return mounted(['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs'], path, async () => {
    await must('cp', ['-aT', `${folder}/kept`, path]);
    await must('rm', ['-r', `${folder}/kept`]);
    await run('dd', ['if=/dev/zero', `of=${path}/fill`, 'bs=1024', 'count=1024']);
    const result = await task();
    await must('rm', [`${path}/fill`]);
    return result;
  });
}

/** Makes a folder read-only while `task` runs; what is in it stays. */
export async function withReadOnly<T>(path: string, task: () => Promise<T>): Promise<T> {
  await mkdir(path, { recursive: true });
  return mounted(['-o', 'bind,ro', path], path, task);
}

async function mounted<T>(what: readonly string[], path: string, task: () => Promise<T>): Promise<T> {
  await must('mount', [...what, path]);
  try {
    return await task();
  } finally {
    // Lazily: libvirtd may still have it open.
    await must('umount', ['--lazy', path]);
  }
}

/** The program that kills libvirtd of this host as a crash does. */
export const killDaemon = ['bash', '-c', 'kill -9 $(cat /run/libvirtd.pid)'] as const;

/** Holds a UDP port of an address, which the host need not have; gives the process that does. */
export async function holdPort(address: string, port: number): Promise<{ pid: number; release(): Promise<void> }> {
  // A socket stays bound to an address that its host has lost.
  const lent = address !== '0.0.0.0';
  if (lent) await must('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);
  const script = `require('node:dgram').createSocket('udp4').bind(${port}, '${address}')`;
  const { process: holder, outcome } = start(process.execPath, ['-e', script]);
  await waitFor(`port ${port} of ${address} to be taken`, async () =>
    (await must('ss', ['-Hlnup'])).includes(`${address}:${port} `),
  );
  if (lent) await must('ip', ['address', 'delete', `${address}/32`, 'dev', 'lo']);
  return {
    pid: holder.pid!,
    release: async () => {
      holder.kill('SIGKILL');
      await outcome;
    },
  };
}

/** Removes all networks, for a test that failed: the next one starts afresh. */
export async function removeNetworks(): Promise<void> {
  for (const name of (await virsh('net-list', '--all', '--name')).split('\n').filter((line) => line !== '')) {
    for (const command of ['net-destroy', 'net-undefine']) await run('virsh', ['-c', 'qemu:///system', command, name]);
  }
}

const journal = `${process.env['KVMNET_STATE_DIR'] ?? ''}/journal`;

/** The names of the journal's files, oldest first, without what runs have seen. */
export async function journalFiles(): Promise<string[]> {
  const names = (await readdir(journal).catch(() => [])).filter((name) => !name.endsWith('.seen')).sort();
  const isNumbered = (name: string): boolean => /^\d{8}-/.test(name);
  return [...names.filter((name) => !isNumbered(name)), ...names.filter(isNumbered)];
}

/** The contents of a file of the journal, and its permissions. */
export async function journalEntry(name: string): Promise<{ text: string; mode: number }> {
  const [text, { mode }] = await Promise.all([readFile(`${journal}/${name}`, 'utf8'), stat(`${journal}/${name}`)]);
  return { text, mode: mode & 0o777 };
}

/** The folder of the journal. */
export const journalFolder = journal;
