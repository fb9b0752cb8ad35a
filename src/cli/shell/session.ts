/** A shell's session: connections that outlive the command, are reopened after a loss, and are given up with it on Ctrl-C. */
import { KvmnetError } from '../../errors.ts';
import type { Connection } from '../../libvirt/connection.ts';
import type { GlobalOptions } from '../global-options.ts';
import type { Aside } from '../../observe/reader.ts';
import { Session } from '../session.ts';

/** How long a connection may take to prove that it works, in milliseconds; a slow one is not lost. */
const patience = 2_000;

export class ShellSession extends Session {
  /** One for each URI and each way to call it: a connection that is lost takes no other with it. */
  readonly #sessions = new Map<string, Session>();
  /** Connections that are known to work, in this line. */
  readonly #checked = new Set<Session>();
  /** Calls without an answer from libvirt, and how to stop waiting for them. */
  readonly #waits = new Set<(error: Error) => void>();
  #unanswered = 0;
  #wasHung = false;
  #isAbandoned = false;

  constructor() {
    super(true);
  }

  /** Before a line is run: its connections are to be looked at again. */
  nextLine(): void {
    this.#checked.clear();
  }

  override async connection(
    options: GlobalOptions,
    access: 'read' | 'change',
    trace: (line: string) => void,
    aside?: Aside,
  ): Promise<Connection> {
    const connection = await this.#orAbandoned(() => this.#connected(options, access, trace, aside));
    return {
      uri: connection.uri,
      call: (...call) => this.#orAbandoned(() => connection.call(...call)),
      get hung() {
        return connection.hung;
      },
      close: () => connection.close(),
    };
  }

  async #connected(...[options, access, trace, aside]: Parameters<Session['connection']>): Promise<Connection> {
    const key = JSON.stringify([options.uri, options.readOnly, options.timeout, options.verbose]);
    const known = this.#sessions.get(key);
    if (known && !this.#checked.has(known)) {
      if (!(await answers(await known.connection(options, access, trace, aside)))) await this.#drop(key, known);
    }
    const session = this.#sessions.get(key) ?? new Session(true);
    this.#sessions.set(key, session);
    this.#checked.add(session);
    try {
      return await session.connection(options, access, trace, aside);
    } catch (error) {
      this.hasFailedToOpen = true;
      await this.#drop(key, session);
      throw error;
    }
  }

  async #drop(key: string, session: Session): Promise<void> {
    this.#wasHung ||= session.hung;
    this.#sessions.delete(key);
    await session.close();
  }

  /** Ends every wait for libvirt: the command that runs fails with INTERRUPTED, and cannot change anything any more. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#waits.forEach((stop) => {
      stop(interrupted());
    });
    void this.close();
  }

  #orAbandoned<T>(task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isAbandoned) throw interrupted();
      this.#waits.add(reject);
      this.#unanswered += 1;
      void task()
        .then(resolve, reject)
        .finally(() => {
          this.#waits.delete(reject);
          this.#unanswered -= 1;
        });
    });
  }

  override async interruptible<T>(...how: Parameters<typeof Session.prototype.interruptible<T>>): Promise<T> {
    if (this.#isAbandoned) throw interrupted();
    return super.interruptible(...how);
  }

  /** True if a thread hangs in libvirt, or does not answer an abandoned call. */
  override get hung(): boolean {
    return this.#unanswered > 0 || this.#wasHung || [...this.#sessions.values()].some(({ hung }) => hung);
  }

  override async close(): Promise<void> {
    await Promise.all([...this.#sessions].map(([key, session]) => this.#drop(key, session)));
  }
}

function interrupted(): KvmnetError {
  return new KvmnetError('INTERRUPTED', 'interrupted');
}

/** libvirt notices a lost connection only by a call over it. */
async function answers(connection: Connection): Promise<boolean> {
  if (connection.hung) return false;
  const answer = connection.call('describe').then(
    () => true,
    () => false,
  );
  const late = new Promise<boolean>((resolve) => {
    setTimeout(resolve, patience, true).unref();
  });
  return Promise.race([answer, late]);
}
