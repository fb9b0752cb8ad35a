/** What outlives one command: the connection, and what a signal does. A single command has a session of its own; the shell has one for all. */
import type { Connection } from '../libvirt/connection.ts';
import type { GlobalOptions } from './global-options.ts';

export class Session {
  /** True in a shell: its commands share one connection, which may change things. */
  readonly isShell: boolean;
  /** True where commands come from a file or a pipe: nobody is there to answer a question. */
  isScript = false;
  /** True once a connection could not be opened. */
  hasFailedToOpen = false;
  /** False while what an interrupt ends has changed nothing. */
  rollsBack = true;
  readonly #connections = new Map<string, Promise<Connection>>();
  readonly #open = new Set<Connection>();
  readonly #warnings = new Set<string>();
  #abort: AbortController | undefined;

  constructor(isShell = false) {
    this.isShell = isShell;
  }

  /** The connection to a URI, opened once. */
  connection(options: GlobalOptions, access: 'read' | 'change', trace: (line: string) => void): Promise<Connection> {
    const readOnly = options.readOnly || (access === 'read' && !this.isShell);
    const key = `${readOnly ? 'read' : 'change'} ${options.uri}`;
    const other = options.readOnly ? key : `change ${options.uri}`;
    const known = this.#connections.get(other) ?? this.#connections.get(key);
    if (known) return known;
    const opening = this.#connect(options, readOnly, trace);
    this.#connections.set(key, opening);
    opening.catch(() => {
      this.#connections.delete(key);
      this.hasFailedToOpen = true;
    });
    return opening;
  }

  async #connect(options: GlobalOptions, readOnly: boolean, trace: (line: string) => void): Promise<Connection> {
    const [{ connect }, { parseUri }] = await Promise.all([
      import('../libvirt/connection.ts'),
      import('../observe/uri.ts'),
    ]);
    parseUri(options.uri);
    const onCall = options.verbose
      ? (name: string, milliseconds: number): void => {
          trace(`${name}  ${milliseconds.toFixed(1)} ms`);
        }
      : undefined;
    const connection = await connect(options.uri, { readOnly, timeout: options.timeout, onCall });
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

  /** Tells a running change to stop; false when there is none, or when it was told already. */
  interrupt(): boolean {
    if (!this.#abort || this.#abort.signal.aborted) return false;
    this.#abort.abort();
    return true;
  }

  /** True while a change is under way. */
  get isChanging(): boolean {
    return this.#abort !== undefined;
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
    return [...this.#open].some(({ hung }) => hung);
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open].map((connection) => connection.close()));
    this.#connections.clear();
    this.#open.clear();
  }
}
