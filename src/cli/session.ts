/** State that outlives one command: the connection, and the handling of signals. A single command has its own session; the shell has one for all. */
import { KvmnetError } from '../errors.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { Aside } from '../observe/reader.ts';
import { errorText } from './output/error-text.ts';
import type { GlobalOptions } from './global-options.ts';
import { withoutHandlers, type EndSignal } from './terminal/signals.ts';

export class Session {
  /** True in a shell: its commands share one connection, which may change things. */
  readonly isShell: boolean;
  /** True if commands come from a file or a pipe, so that no user can answer a question. */
  isScript = false;
  /** True once a connection could not be opened. */
  hasFailedToOpen = false;
  /** True while a pager is open: Ctrl-C is meant for it. */
  isPaging = false;
  /** False while what an interrupt ends has changed nothing. */
  rollsBack = true;
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #open = new Set<Connection>();
  /** Connections on their way that a command cannot do without. */
  readonly #unopened = new Set<Promise<Connection>>();
  #stuck = false;
  readonly #warnings = new Set<string>();
  #abort: AbortController | undefined;

  constructor(isShell = false) {
    this.isShell = isShell;
  }

  /** The connection to a URI, opened once; for an aside, one that nothing else uses. */
  connection(
    options: GlobalOptions,
    access: 'read' | 'change',
    trace: (line: string) => void,
    aside?: Aside,
  ): Promise<Connection> {
    const readOnly = options.readOnly || (access === 'read' && !this.isShell);
    const uri = `${options.uri}${aside ? ` ${aside.purpose}` : ''}`;
    const key = `${readOnly ? 'read' : 'change'} ${uri}`;
    const other = options.readOnly ? key : `change ${uri}`;
    const open = (): Promise<Connection> =>
      this.#opening(key, this.#connect(options, readOnly, trace, aside), aside === undefined);
    const known = this.#connections.get(other) ?? this.#connections.get(key);
    if (!known) return open();
    // A shell asks again, where the question before it hangs.
    return aside ? known.then((connection) => (connection.hung ? open() : connection)) : known;
  }

  #opening(key: string, opening: Promise<Connection>, isNeeded: boolean): Promise<Connection> {
    this.#connections.set(key, opening);
    if (isNeeded) this.#unopened.add(opening);
    opening.then(
      () => this.#unopened.delete(opening),
      (error: unknown) => {
        this.#unopened.delete(opening);
        this.#connections.delete(key);
        // Its thread waits in virConnectOpen for a daemon that does not answer.
        this.#stuck ||= error instanceof KvmnetError && error.code === 'TIMEOUT';
        this.hasFailedToOpen = true;
      },
    );
    return opening;
  }

  async #connect(
    given: GlobalOptions,
    readOnly: boolean,
    trace: (line: string) => void,
    aside: Aside | undefined,
  ): Promise<Connection> {
    const options = { ...given, timeout: given.timeout ?? aside?.patience };
    const { isOnThisMachine, parseUri } = await import('../observe/uri.ts');
    parseUri(options.uri);
    const onCall = options.verbose
      ? (name: string, milliseconds: number): void => {
          trace(`${name}  ${milliseconds.toFixed(1)} ms`);
        }
      : undefined;
    // A deadline on this thread ends the process.
    const mayBlock = readOnly && !this.isShell && !aside && isOnThisMachine(options.uri);
    const inProcess = mayBlock ? await readInProcess(options, onCall) : undefined;
    const connection = inProcess ?? (await connectInWorker(options, given.timeout, readOnly, onCall));
    this.#open.add(connection);
    return connection;
  }

  /** Runs a change that Ctrl-C stops and rolls back, or a wait that it ends. */
  async interruptible<T>(task: (signal: AbortSignal) => Promise<T>, { rollsBack = true } = {}): Promise<T> {
    this.#abort = new AbortController();
    this.rollsBack = rollsBack;
    try {
      return await task(this.#abort.signal);
    } finally {
      this.#abort = undefined;
    }
  }

  /**
   * The effect of a signal: `stops`, a running change is asked to stop; `ends`, no change is running, or it was already asked and is to be
   * left in the middle. A terminal that is closed may hang up twice, by the kernel and by its shell: that is `known`.
   */
  interrupt(signal: EndSignal): 'stops' | 'known' | 'ends' {
    if (this.isPaging && signal === 'SIGINT') return 'known';
    if (!this.#abort || this.#unopened.size > 0) return 'ends';
    if (this.#abort.signal.aborted) return signal === 'SIGHUP' ? 'known' : 'ends';
    this.#abort.abort();
    return 'stops';
  }

  /** The change that is under way, if any: it begins when its connection is open. */
  get change(): 'none' | 'not begun' | 'begun' {
    if (this.#abort === undefined || !this.rollsBack) return 'none';
    return this.#unopened.size > 0 ? 'not begun' : 'begun';
  }

  /** True the first time: a plan that is made again under the lock warns once. */
  isNewWarning(warning: string): boolean {
    if (this.#warnings.has(warning)) return false;
    this.#warnings.add(warning);
    return true;
  }

  forgetWarnings(): void {
    this.#warnings.clear();
  }

  /** True when a connection's thread hangs in libvirt. */
  get hung(): boolean {
    return this.#stuck || [...this.#open].some(({ hung }) => hung);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open].map((connection) => connection.close()));
    const { endLogins } = await import('../observe/ssh-login.ts');
    endLogins();
    this.#connections.clear();
    this.#open.clear();
  }
}

type OnCall = ((name: string, milliseconds: number) => void) | undefined;

/** For one command that only looks, a connection that needs no thread. */
async function readInProcess({ uri, timeout, format }: GlobalOptions, onCall: OnCall): Promise<Connection | undefined> {
  const { connectInProcess } = await import('../libvirt/in-process.ts');
  const lastWords = (error: KvmnetError): string => errorText(error, format === 'json');
  return connectInProcess(uri, { timeout, onCall, lastWords, around: withoutHandlers });
}

async function connectInWorker(
  { uri, timeout }: GlobalOptions,
  loginTimeout: number | undefined,
  readOnly: boolean,
  onCall: OnCall,
): Promise<Connection> {
  const { connect } = await import('../libvirt/connection.ts');
  if (!uri.includes('+ssh:')) return connect(uri, { readOnly, timeout, onCall });
  const { throughLogin } = await import('../observe/ssh-login.ts');
  return throughLogin(uri, loginTimeout, (ssh) => connect(uri, { readOnly, timeout, onCall, ssh }));
}
