/** A row of the table of actions: everything that plans need of one kind. */
import type { Action } from '../action.ts';
import type { Expectation } from '../expectation.ts';
import type { Step } from '../step.ts';

export type Call = Action['call'];
export type ActionOf<C extends Call> = Extract<Action, { readonly call: C }>;

/** A field of what is read of networks, domains, links and files: apply/verify/reading.ts. */
export type Field = 'definition' | 'active' | 'autostart' | 'NICs' | 'master' | 'addresses' | 'content';

/** The type of a field, as an entry of the journal is checked for it. */
export type FieldType = 'string' | 'boolean' | 'number' | 'list' | 'object' | 'any';

/** The fields that an action must have, without its optional fields. */
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
  /** The fields of a reading that it changes. */
  readonly changes: readonly Field[];
  /** The expected result if it undoes a step whose own expectation is `verify`. */
  expects(action: A, verify: Expectation): Expectation;
  /** Returns the exact text that is sent to libvirt, run or written. */
  shows(action: A): string;
  /** The action that redoes an undone step; without this, the step's own action. */
  again?(action: A, step: Pick<Step, 'undo' | 'verify'>): Action;
  /** True if it does not need libvirt. */
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

/** The step's own expectation, for undo actions that restore it. */
export function expectsTheSame(_action: unknown, verify: Expectation): Expectation {
  return { ...verify };
}
