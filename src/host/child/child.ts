/** A program that runs with pipes, in a session of its own. node.ts starts it, or in the executable bun.ts. */

export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Its standard input; without it the input is open until `end`. */
  readonly input?: string | undefined;
  /** Milliseconds until it is killed. */
  readonly timeout?: number;
  /** Gets what it prints, as it comes. */
  readonly onOutput: (stream: 'stdout' | 'stderr', text: string) => void;
}

/** How a program has ended. */
export interface Ending {
  /** Null after a signal. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True if that was `kill` or the time. */
  readonly killed: boolean;
}

export interface Child {
  /** Settles when it has ended and all of its output is read; rejects with the error of the system if it could not be started. */
  readonly closed: Promise<Ending>;
  /** Settles when it has ended. */
  readonly ended: Promise<void>;
  /** Its exit status once it has ended. */
  readonly status: () => number | null;
  /** Writes to its input, which it may no longer read. */
  readonly write: (text: string) => void;
  /** Closes its input. */
  readonly end: () => void;
  readonly kill: (signal?: NodeJS.Signals) => void;
  /** From now on this process may end before it. */
  readonly leave: () => void;
}

export type StartChild = (program: string, args: readonly string[], options: ChildOptions) => Child;
