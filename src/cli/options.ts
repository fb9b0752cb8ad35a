/** Options of commands as rows: flag, help, completion, and what a typed text means. A command gets values, each of the row's type. */
import { attributeOf } from './attribute.ts';
import type { CommandDefinition, OptionDefinition, Options, Result } from './command.ts';
import type { Completes } from './completes.ts';
import type { Context } from './context.ts';

/** One option; `read` makes its value of what commander has read. */
export interface OptionRow<Value> extends OptionDefinition {
  readonly read: (given: Options[string]) => Value;
}

/** The options of a command, each under the name by which the command has its value. */
export type OptionRows = Readonly<Record<string, OptionRow<unknown>>>;

export type ValuesOf<Rows extends OptionRows> = { readonly [Name in keyof Rows]: ReturnType<Rows[Name]['read']> };

/** True where it is typed. */
export function flag(flags: string, description: string): OptionRow<boolean> {
  return { flags, description, read: (given) => given === true };
}

/** `--no-…`: false where it is typed. */
export function negative(flags: string, description: string): OptionRow<boolean> {
  return { flags, description, read: (given) => given !== false };
}

/** `--no-…`: true where it is typed. */
export function without(flags: string, description: string): OptionRow<boolean> {
  return { flags, description, read: (given) => given === false };
}

export function text(flags: string, description: string, completes?: Completes): OptionRow<string | undefined> {
  return parsed(flags, description, (typed) => typed, completes);
}

/** May be repeated. */
export function texts(flags: string, description: string, completes?: Completes): OptionRow<readonly string[]> {
  return list(flags, description, (typed) => typed, completes);
}

/** A parser of a value gets the text, and the option's name for its errors: `--address`. */
type Parse<Value> = (typed: string, origin: string) => Value;

/** May be repeated. */
export function list<Value>(
  flags: string,
  description: string,
  parse: Parse<Value>,
  completes?: Completes,
): OptionRow<readonly Value[]> {
  const origin = originOf(flags);
  const read = (given: Options[string]): readonly Value[] =>
    Array.isArray(given) ? (given as string[]).map((typed) => parse(typed, origin)) : [];
  return { flags, description, repeat: true, ...(completes ? { completes } : {}), read };
}

export function parsed<Value>(
  flags: string,
  description: string,
  parse: Parse<Value>,
  completes?: Completes,
): OptionRow<Value | undefined> {
  const origin = originOf(flags);
  return {
    ...{ flags, description },
    ...(completes ? { completes } : {}),
    read: (given) => (typeof given === 'string' ? parse(given, origin) : undefined),
  };
}

/** `--mtu` of `--mtu <N>`. */
function originOf(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

/** Of lists: virsh shows only what is active without it. */
export const allOption = flag('--all', 'Ignored, for compatibility with virsh: all are listed anyway');

interface TypedDefinition<Rows extends OptionRows> extends Omit<CommandDefinition, 'options' | 'run'> {
  readonly options: Rows;
  run(context: Context, args: readonly string[], options: ValuesOf<Rows>, rest: readonly string[]): Promise<Result>;
}

/** A command whose options are rows. What cannot be read is refused before the command runs. */
export function typed<const Rows extends OptionRows>(definition: TypedDefinition<Rows>): CommandDefinition {
  const { options: rows } = definition;
  return {
    ...definition,
    options: Object.values(rows),
    run: (context, args, given, rest) => definition.run(context, args, valuesIn(rows, given), rest),
  };
}

/** @throws what the rows throw for a text that they cannot read */
export function valuesIn<Rows extends OptionRows>(rows: Rows, given: Options): ValuesOf<Rows> {
  const values = Object.entries(rows).map(([name, { flags, read }]) => [name, read(given[attributeOf(flags)])]);
  return Object.fromEntries(values) as ValuesOf<Rows>;
}
