/**
 * A plan is a list of steps, and a step is plain data: an action, its undo, and its expected result. `--dry-run` prints exactly what
 * apply/ does: a step carries its exact XML, and apply/ adds nothing.
 */
import type { Action } from './action.ts';
import type { Confirmation } from './confirmation.ts';
import type { Expectation } from './expectation.ts';

export type * from './action.ts';
export type * from './expectation.ts';

export interface Step {
  /** A short description for people: `define network keennet`. */
  readonly title: string;
  readonly do: Action;
  /** The actions that undo it, in order; empty if it cannot be undone. */
  readonly undo: readonly Action[];
  readonly verify: Expectation;
  /** The error if no reading shows the expected result, instead of a general sentence. */
  readonly unmet?: { readonly message: string; readonly hint: string };
  /** Milliseconds until the next step is done, and from the undo of that to the undo of this: what a guest needs to notice. */
  readonly pause?: number;
}

/** A change as ordered steps, with its warnings and questions. */
export interface Plan {
  /** The request, in one line: `create network keennet`. */
  readonly title: string;
  readonly steps: readonly Step[];
  /** Printed to stderr before the first step. */
  readonly warnings: readonly string[];
  /** Consequences to ask about unless --yes is given, such as disconnected guests. */
  readonly consent: readonly string[];
  /** A command that does not need the consent, for the hint. */
  readonly alternative?: string;
  /** Set if the change is reverted unless it is confirmed in time. */
  readonly confirm?: Confirmation;
  /** The entry of the journal that it undoes, by its id. */
  readonly undoes?: string;
}
