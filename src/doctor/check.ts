/** A check of a host: a row with its code, the facts that it needs, a pure function that finds, and the text of its documentation. */
import { quoted } from '../values/quoted.ts';
import type { FactName, Facts } from './facts.ts';

/** `error`: something does not work; `warning`: it will not after a boot, a restart or a change; `notice`: it may surprise. */
export const severities = ['error', 'warning', 'notice'] as const;

export type Severity = (typeof severities)[number];

/** The commands that remove a problem. */
export interface Remedy {
  /** A line for a shell. */
  readonly command: string;
  /** The words of kvmnet's commands, if they are safe without further thought: `doctor --fix` runs them. */
  readonly fix?: readonly (readonly string[])[];
}

/** A finding, apart from the code that its check has. */
export interface Complaint {
  /** One sentence, without a full stop. */
  readonly message: string;
  /** The devices, values and files that show it. */
  readonly evidence: Evidence;
  readonly remedy: Remedy;
  /** Where it differs from the check's. */
  readonly severity?: Severity;
}

export type Evidence = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface Check<Needed extends FactName = FactName> {
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what is wrong when it finds something. */
  readonly title: string;
  /** Why that matters, and what the remedy does, for docs/troubleshooting.md. */
  readonly explanation: string;
  /** An example of the remedy, for docs/troubleshooting.md. */
  readonly example: string;
  readonly needs: readonly Needed[];
  readonly find: (facts: Pick<Facts, Needed>) => readonly Complaint[];
}

/** Gives `find` exactly the facts that the row names. */
export function check<const Needed extends FactName>(row: Check<Needed>): Check {
  return row;
}

/** Commands of kvmnet that `--fix` may run. */
export function repair(...commands: readonly (readonly string[])[]): Remedy {
  return { ...advice(...commands), fix: commands };
}

/** Commands of kvmnet that need a decision, because they cut off guests or remove something. */
export function advice(...commands: readonly (readonly string[])[]): Remedy {
  return { command: commands.map((words) => ['kvmnet', ...words].map(quoted).join(' ')).join(' && ') };
}

/** Commands of other programs. */
export function shell(...commands: readonly string[]): Remedy {
  return { command: commands.join(' && ') };
}
