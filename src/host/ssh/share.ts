/**
 * One login for all that a command does on another host: a first ssh holds the connection open, the others join it. ssh_config(5),
 * ControlMaster. A user whose own configuration shares connections keeps that.
 */
import { accessSync, constants, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KvmnetError } from '../../errors.ts';
import { overSsh, sshFailure, type SshTarget } from './ssh.ts';

/** How programs are started; `run.ts` has them. */
export interface Starters {
  /** Runs a program, and returns what it printed. */
  readonly output: (program: string, args: readonly string[]) => Promise<string>;
  /** Starts a program that copies its input, and ends with it. */
  readonly helper: (program: string, args: readonly string[]) => Holder;
}

interface Holder {
  readonly ready: Promise<boolean>;
  readonly status: () => number | null;
  readonly printed: () => string;
  readonly end: () => void;
}

/** Milliseconds for the login that is shared; afterwards each program has its own, and its own deadline. */
const patienceMs = 20_000;

/** Of sshd's ten sessions for each login (MaxSessions): one holds it open, two are libvirt's. */
const mostPrograms = 6;

/** sun_path has 108 bytes, and ssh adds 17 to the name while it creates the socket. Source: unix(7) */
const longestPath = 90;

/** The lines that ssh prints where a server allows no further session on a connection (MaxSessions), before it logs in again. */
const refusal = /^mux_client_.*\n?/gm;

/** ssh's own words about the socket: the host may be well. */
const aboutSocket = /mux|ControlPath|ControlSocket|unix_listener/;

const shares = new Map<string, Promise<Share>>();
let folder: string | undefined;
let sockets = 0;

/**
 * Returns the shared connection to a host, which is opened at the first call.
 * @param timeout milliseconds; afterwards nothing is shared
 * @throws CONNECT where ssh cannot log in
 */
export async function sharing(target: SshTarget, starters: Starters, timeout = patienceMs): Promise<Share> {
  const key = JSON.stringify(target);
  const known = shares.get(key);
  const share = known ?? open(target, starters);
  if (!known) {
    shares.set(key, share);
    share.catch(() => shares.delete(key));
  }
  return within(timeout, share, alone);
}

/** Ends all shared connections as soon as the programs that use them have ended. Connections of the user's own configuration stay. */
export function stopSharing(): void {
  for (const share of shares.values()) {
    void share.then(
      ({ end }) => {
        end();
      },
      () => undefined,
    );
  }
  shares.clear();
  removeFolder();
}

/** A login that programs on one host share. */
export class Share {
  readonly #holder: Holder | undefined;
  readonly #path: string | undefined;
  #isRefused = false;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** @param path the socket; undefined where ssh's own configuration names one, or nothing is shared */
  constructor(holder: Holder | undefined, path: string | undefined) {
    this.#holder = holder;
    this.#path = path;
  }

  /** Waits until a server with usual settings allows one more program; the returned function reports its end. */
  async enter(): Promise<() => void> {
    if (this.#running >= mostPrograms) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    return () => {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    };
  }

  /** Options of an ssh that joins. */
  get options(): readonly string[] {
    if (this.#path === undefined) return [];
    return ['-o', 'ControlMaster=no', '-o', `ControlPath=${this.#isRefused ? 'none' : this.#path}`];
  }

  /** Removes what ssh printed about a server that refused to share; from then on each program logs in. */
  readonly withoutRefusal = (stderr: string): string => {
    const text = stderr.replaceAll(refusal, '');
    if (text !== stderr && this.#path !== undefined) {
      this.#isRefused = true;
      this.end();
    }
    return text;
  };

  /** A program that joins, and takes ssh's arguments; undefined where ssh itself joins, or no folder may have programs. */
  get program(): string | undefined {
    if (this.#path === undefined || this.#isRefused) return undefined;
    const file = `${this.#path}.sh`;
    try {
      const joins = `exec ssh -o ControlMaster=no -o 'ControlPath=${this.#path}' "$@"`;
      writeFileSync(file, `#!/bin/sh\n${joins}\n`, { mode: 0o700 });
      accessSync(file, constants.X_OK); // not where the folder is mounted noexec
      return file;
    } catch {
      return undefined;
    }
  }

  readonly end = (): void => {
    this.#holder?.end();
  };
}

/** Of programs that share nothing. */
const alone = new Share(undefined, undefined);

async function open(target: SshTarget, starters: Starters): Promise<Share> {
  const path = (await isSharedByUser(target, starters)) ? undefined : newPath();
  if (path === 'none') return alone;
  const options = path === undefined ? [] : ['ControlMaster=yes', `ControlPath=${path}`, 'ControlPersist=no'];
  const [ssh, ...args] = overSsh(
    target,
    ['cat'],
    options.flatMap((option) => ['-o', option]),
  );
  const holder = starters.helper(ssh, args);
  const isOpen = await within(patienceMs, holder.ready, undefined);
  if (isOpen === true) return new Share(holder, path);
  holder.end();
  if (isOpen === false && holder.status() === 255 && !aboutSocket.test(holder.printed()))
    throw sshFailure(target, holder.printed());
  return alone;
}

/** True where ssh's configuration shares connections to this host, or has one to share. */
async function isSharedByUser(target: SshTarget, { output }: Starters): Promise<boolean> {
  const [ssh, ...args] = overSsh(target, [], ['-G']);
  const settings = await output(ssh, args).catch((error: unknown) => {
    if (error instanceof KvmnetError && error.code === 'DEPENDENCY') throw error;
    return '';
  });
  const [, path = 'none'] = /^controlpath (.*)$/m.exec(settings) ?? [];
  return path !== 'none' && (/^controlmaster (?!false|no$)/m.test(settings) || existsSync(path));
}

async function within<T, L>(milliseconds: number, result: Promise<T>, late: L): Promise<T | L> {
  const over = new AbortController();
  const passed = sleep(milliseconds, late, { signal: over.signal, ref: false });
  passed.catch(() => undefined); // the result came first
  try {
    return await Promise.race([result, passed]);
  } finally {
    over.abort();
  }
}

/** A socket in a folder that only this user can enter. */
function newPath(): string {
  sockets += 1;
  for (const place of [process.env.XDG_RUNTIME_DIR, tmpdir()]) {
    if (place === undefined || place === '') continue;
    try {
      folder ??= makeFolder(place);
      const path = join(folder, String(sockets));
      return Buffer.byteLength(path) <= longestPath && !/['%]/.test(path) ? path : 'none';
    } catch {
      continue;
    }
  }
  return 'none';
}

function makeFolder(place: string): string {
  const made = mkdtempSync(join(place, 'kvmnet-ssh-'));
  process.once('exit', removeFolder);
  return made;
}

function removeFolder(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
  process.off('exit', removeFolder);
}
