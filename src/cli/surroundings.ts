/** Surroundings of a command line: streams, session and program. */
import type { Complete } from './complete/candidate.ts';
import type { Streams } from './output/streams.ts';
import type { Session } from './session.ts';

/** The whole program, for a command that runs other commands. */
export interface Program {
  /** Runs a command line; `defaults` are options that come first. Returns the exit status. */
  readonly run: (
    argv: readonly string[],
    streams: Streams,
    session: Session,
    defaults?: readonly string[],
  ) => Promise<number>;
  /** The words of the command that a line names. */
  readonly pathOf: (words: readonly string[]) => readonly string[] | undefined;
  readonly complete: Complete;
}

/** Surroundings of a command line. */
export interface Surroundings {
  readonly streams: Streams;
  readonly session: Session;
  readonly program: Program;
}
