/**
 * A plan is a list of steps, and a step is plain data: what to do, how to undo it, and what must then be true. What
 * `--dry-run` prints is what is done: a step carries its exact XML; apply/ adds nothing.
 */
import type { Action } from './action.ts';
import type { Confirmation } from './confirmation.ts';
import type { Expectation } from './expectation.ts';

export type * from './action.ts';
export type * from './expectation.ts';

export interface Step {
  /** What it does, for people: `define network keennet`. */
  readonly title: string;
  readonly do: Action;
  /** The way back, in order; empty where there is nothing to undo. */
  readonly undo: readonly Action[];
  readonly verify: Expectation;
  /** Said, in place of a general sentence, when the reading never shows it. */
  readonly unmet?: { readonly message: string; readonly hint: string };
  /** Milliseconds to wait once it is done: what a guest needs to notice. */
  readonly pause?: number;
}

/** What should change, as ordered steps, and what the user must know before. */
export interface Plan {
  /** What was asked, in one line: `create network keennet`. */
  readonly title: string;
  readonly steps: readonly Step[];
  /** Said on stderr before anything is done. */
  readonly warnings: readonly string[];
  /** What would disconnect somebody: asked about unless --yes. */
  readonly consent: readonly string[];
  /** A command that does not need the consent, for the hint. */
  readonly alternative?: string;
  /** There where it is taken back unless somebody confirms it in time. */
  readonly confirm?: Confirmation;
  /** The entry of the journal that it undoes, by its id. */
  readonly undoes?: string;
}
