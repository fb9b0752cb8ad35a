/** A command: a value with its words, its help and a function that returns a result. It never prints or exits. */
import type { Command } from 'commander';
import { KvmnetError } from '../errors.ts';
import type { Completes } from './completes.ts';
import type { PictureFormat } from './global-options.ts';
import type { Paint, Tone } from './output/color.ts';
import type { Context } from './context.ts';

/** One column of a table: its heading, and the text of a row's cell. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string | number | boolean | undefined;
  /** The color of the cell. */
  readonly tone?: (row: Row) => Tone | undefined;
  /** Left out first where a terminal is too narrow. */
  readonly isSpare?: true;
}

export interface ArgumentDefinition {
  /** In commander's notation: `<VM>`, `[NAME]`, `<VM...>`. */
  readonly name: string;
  readonly description: string;
  readonly completes?: Completes;
}

export interface OptionDefinition {
  /** In commander's notation: `--mtu <N>`, `--no-dns`. */
  readonly flags: string;
  readonly description: string;
  /** May be given several times: its value is the list. */
  readonly repeat?: boolean;
  readonly completes?: Completes;
}

export interface DrawOptions {
  readonly paint: Paint;
  /** Columns of the terminal; undefined where stdout is none. */
  readonly width: number | undefined;
}

/** The result of a command: the value for `--json`, and its form for people. */
export interface Result {
  readonly value: unknown;
  /** A table: its rows and its columns. */
  readonly table?: {
    readonly rows: readonly unknown[];
    readonly columns: readonly Column<never>[];
    readonly empty?: string;
  };
  /** Text; a result may have both a table and a text: the text is then for people, the table for csv and markdown. */
  readonly text?: string;
  /** Draws it, as text for people (`table`) or as a picture. */
  readonly draw?: (format: PictureFormat | 'table', options: DrawOptions) => string | Promise<string>;
  /** The text is escaped already, as virsh or XML does it, and is printed as it is. */
  readonly isVerbatim?: true;
  /** The exit status of a command that found something: 3. */
  readonly status?: number;
}

export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface CommandDefinition {
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options?: readonly OptionDefinition[];
  /** Name of the words after `--`, for the usage line; a command without it takes them as arguments. */
  readonly rest?: string;
  /** The columns of its table, for completion. */
  readonly columns?: readonly Pick<Column<never>, 'heading'>[];
  /** Further help after the summary. */
  readonly description?: string;
  /** Command lines without `kvmnet`, each with what it does. */
  readonly examples: readonly (readonly [commandLine: string, explanation: string])[];
  run(context: Context, args: readonly string[], options: Options, rest: readonly string[]): Promise<Result>;
}

/** A command's place in the command line, its one line of help, and how its code is loaded when it runs. */
export interface CommandEntry {
  readonly path: readonly string[];
  readonly summary: string;
  /** One of virsh's own names, which keeps virsh's exit status: 1 for every failure. */
  readonly isVirsh?: true;
  /** Not in the list of `kvmnet --help`. */
  readonly isHidden?: true;
  readonly load: () => Promise<{ readonly command: CommandDefinition }>;
}

/** Gives a commander command the arguments, options and help of a definition. */
export function configure(target: Command, definition: CommandDefinition): void {
  for (const { name, description } of definition.arguments ?? []) target.argument(name, description);
  for (const { flags, description, repeat } of definition.options ?? []) {
    if (repeat) {
      // Before the first one, --no-x has left its default there.
      const add = (value: string, list: unknown): string[] => [
        ...(Array.isArray(list) ? (list as string[]) : []),
        value,
      ];
      target.option(flags, `${description} (repeatable)`, add);
    } else {
      target.option(flags, description);
    }
  }
  refuseBoth(target);
  if (definition.rest !== undefined) target.usage(`${target.usage()} [-- ${definition.rest}]`);
  if (definition.description !== undefined) target.description(`${target.description()}\n\n${definition.description}`);
  target.addHelpText('after', `\n${exampleLines(definition.examples)}\n\nOptions of every command: kvmnet --help`);
}

/** The part of `--help` with examples; they are without `kvmnet`. */
export function exampleLines(examples: CommandDefinition['examples']): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return ['Examples:', ...examples.map(([line, text]) => `  kvmnet ${line.padEnd(width)}   ${text}`)].join('\n');
}

/** Refuses `--dns A=B --no-dns`, of which commander would silently use the last one. */
function refuseBoth(target: Command): void {
  const typed = new Map<string, string>();
  for (const option of target.options) {
    const { long } = option;
    if (typeof long !== 'string') continue;
    target.on(`option:${option.name()}`, () => {
      const other = typed.get(option.attributeName()) ?? long;
      typed.set(option.attributeName(), long);
      if (other === long) return;
      throw new KvmnetError('USAGE', `${other} and ${long} exclude each other`, { hint: 'leave one of them out' });
    });
  }
}
