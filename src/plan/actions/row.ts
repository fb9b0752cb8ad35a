/** What a plan knows of a kind of action, as a row. */
import type { Action } from '../action.ts';
import type { Expectation } from '../expectation.ts';
import type { Step } from '../step.ts';

export type Call = Action['call'];
export type ActionOf<C extends Call> = Extract<Action, { readonly call: C }>;

/** A field of what is read of networks, domains, links and files: apply/verify/reading.ts. */
export type Field = 'definition' | 'active' | 'autostart' | 'NICs' | 'master' | 'addresses' | 'content';

/** The type of a field, as an entry of the journal is checked for it. */
export type FieldType = 'string' | 'boolean' | 'number' | 'list' | 'object' | 'any';

/** The fields that an action must have; those that it may have are left out. */
export type RequiredFields<A> = {
  readonly [K in Exclude<RequiredKeys<A>, 'call'>]: TypeOf<A[K]>;
};

type RequiredKeys<A> = { [K in keyof A]-?: object extends Pick<A, K> ? never : K }[keyof A];

type TypeOf<T> = null extends T
  ? 'any'
  : T extends string
    ? 'string'
    : T extends boolean
      ? 'boolean'
      : T extends number
        ? 'number'
        : T extends readonly unknown[]
          ? 'list'
          : 'object';

/** The functions are methods, so that the row of any action is a row of `Action`: `rowOf` gives each its own. */
export interface ActionRow<A extends Action> {
  readonly fields: RequiredFields<A>;
  /** What a reading shows otherwise once it is done. */
  readonly changes: readonly Field[];
  /** What must be true once it is done as the way back from a step that was to lead to `verify`. */
  expects(action: A, verify: Expectation): Expectation;
  /** Returns the exact text that is sent to libvirt, run or written. */
  shows(action: A): string;
  /** What does a step once more whose way back was done; the step's own action, where this is left out. */
  again?(action: A, step: Pick<Step, 'undo' | 'verify'>): Action;
  /** True where it is done without a word to libvirt. */
  readonly isWithoutLibvirt?: true;
  /** True where it has the text of a file of the host, which may hold keys and passwords. */
  readonly hasFileText?: true;
}

export type ActionRows<A extends Action> = { readonly [C in A['call']]: ActionRow<Extract<A, { readonly call: C }>> };

/** For actions that send no text. */
export function showsNothing(): string {
  return '';
}

export function showsXml({ xml }: { readonly xml: string }): string {
  return xml.trimEnd();
}

/** The same as before: where a way back makes true again what the step had left alone. */
export function expectsTheSame(_action: unknown, verify: Expectation): Expectation {
  return { ...verify };
}
