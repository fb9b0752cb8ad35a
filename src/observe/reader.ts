/** A reader of a host that combines several sources: the context of commands, or a caller of the library. */
import type { RunOptions } from '../host/run.ts';
import type { Connection } from '../libvirt/connection.ts';
import type { Part, Seen } from '../state/state.ts';
import type { ObserveOptions } from './observe.ts';

/** A question with a connection and a deadline of its own: where its answer hangs, nothing else waits. */
export interface Aside {
  readonly purpose: string;
  /** Milliseconds for each call; `--timeout` takes precedence. */
  readonly patience: number;
}

export interface Reader {
  /** A connection for looking, or one that may change things; an aside has its own. */
  connection(access: 'read' | 'change', aside?: Aside): Promise<Connection>;
  observe<P extends Part = Part>(look: ObserveOptions<P>): Promise<Seen<P>>;
  /** Gets each program that was run, with its duration in milliseconds. */
  readonly traceRun: NonNullable<RunOptions['onRun']>;
}
