/**
 * How a command under virsh's own name is written: its options as virsh declares them, and a function that prints what virsh
 * prints. virsh's grammar is in parse.ts, the surroundings (the blank line behind each command, the exit status) in run.ts.
 * Source of names, order and kinds: the manual page virsh(1) and `virsh help COMMAND` of libvirt 9.0.
 */
import type { Connection } from '../../../libvirt/connection.ts';
import type { Column, CommandDefinition } from '../../command.ts';
import type { Completes } from '../../completes.ts';
import type { Context } from '../../context.ts';

/**
 * `flag`: `--name`. All others take a value, as `--name VALUE` or `--name=VALUE`; and unless they are `named`, words without a
 * name fill them in the order of their declaration. `rest` takes all further words. `data`, `text`, `number`, `rest` differ in
 * what virsh's messages call them.
 */
export interface VirshOption {
  readonly name: string;
  readonly kind: 'flag' | 'data' | 'text' | 'number' | 'rest' | 'alias';
  readonly help: string;
  readonly required?: boolean | undefined;
  /** Never filled by a word without a name. */
  readonly named?: boolean | undefined;
  /** May be the empty string. */
  readonly empty?: boolean | undefined;
  /** The option that an alias stands for. */
  readonly of?: string | undefined;
  readonly completes?: Completes | undefined;
}

/** A parsed command line of virsh: the values of its options, and its output. */
export interface VirshCall {
  readonly context: Context;
  /** -q: no headings, no messages, no blank lines. */
  readonly quiet: boolean;
  /** -e: the key that leaves a console; undefined: virsh's own. */
  readonly escape: string | undefined;
  /** True if the option is present. */
  given(name: string): boolean;
  /** The value of an option. Throws USAGE when it is empty and may not be. */
  text(name: string): string | undefined;
  /** The value of a required option. */
  required(name: string): string;
  /** A whole number, as C's strtol reads it. Throws USAGE. */
  number(name: string, least?: number, most?: number): number | undefined;
  /** All values of a `rest` option. */
  rest(name: string): readonly string[];
  /** Refuses the two together. */
  exclusive(left: string, right: string): void;
  /** Text on stdout at once, as it stands. */
  print(text: string): void;
  /** A message on stdout, which -q leaves out. */
  extra(text: string): void;
  /** A table on stdout; without headings by -q. The rows are also what csv and markdown print. */
  table(headings: readonly string[], rows: readonly (readonly string[])[]): Promise<void>;
  /** The connection; with -r always one for looking, where libvirt refuses every change. */
  connection(access: 'read' | 'change'): Promise<Connection>;
}

export interface VirshDefinition {
  readonly options: readonly VirshOption[];
  /** More text for the help: how it differs from virsh. */
  readonly description?: string | undefined;
  /** Command lines without `kvmnet`, each with what it does. */
  readonly examples: CommandDefinition['examples'];
  /** virsh has more options: with one that is not here the command is handed to virsh, where it is installed. */
  readonly isPartial?: true;
  /** Ends a line of several commands and the prompt, without the blank line behind other commands. */
  readonly isEnd?: true;
  /** virsh reports that what is named does not exist, in one line, and returns status 0. Behind the word `virsh` so does kvmnet. */
  readonly missesWithStatus0?: true;
  /** Prints by the call, and returns what --json prints. A failure is a thrown KvmnetError: exit status 1. */
  run(call: VirshCall): Promise<unknown>;
}

type More = Omit<VirshOption, 'name' | 'kind' | 'help' | 'of'>;

export const flag = (name: string, help: string): VirshOption => ({ name, kind: 'flag', help });
/** A required word: `<name>`. */
export const data = (name: string, help: string, more: More = {}): VirshOption => ({
  name,
  kind: 'data',
  help,
  required: true,
  ...more,
});
/** `--name VALUE`; a word without a name fills it too. */
export const text = (name: string, help: string, more: More = {}): VirshOption => ({
  name,
  kind: 'text',
  help,
  ...more,
});
export const number = (name: string, help: string, more: More = {}): VirshOption => ({
  name,
  kind: 'number',
  help,
  ...more,
});
/** `--name VALUE` only. */
const named = (name: string, help: string, more: More = {}): VirshOption => text(name, help, { ...more, named: true });
export const alias = (name: string, of: string): VirshOption => ({
  name,
  kind: 'alias',
  help: `the same as --${of}`,
  of,
});
export const rest = (name: string, help: string, more: More = {}): VirshOption => ({
  name,
  kind: 'rest',
  help,
  ...more,
});

/** The options that many commands share. */
export const common = {
  network: data('network', 'network name or UUID', { completes: 'network' }),
  domain: data('domain', 'domain name, id or UUID', { completes: 'domain' }),
  file: (what: string): VirshOption => data('file', `file with the XML of ${what}`, { completes: 'file' }),
  validate: flag('validate', "validate the XML against libvirt's schema"),
  live: (what: string): VirshOption => flag('live', `change the running ${what}`),
  config: (what: string): VirshOption => flag('config', `change the ${what} from its next start on`),
  current: (what: string): VirshOption =>
    flag('current', `change the ${what} as it is: running, or else its configuration`),
  xpath: named('xpath', 'print only what an XPath expression selects'),
  wrap: flag('wrap', 'put what --xpath selects into one element'),
} as const;

/**
 * The part of a definition that commander and the completion use, for help only: virsh's grammar differs from
 * commander's.
 */
export function asCommand(definition: VirshDefinition): CommandDefinition {
  const words = definition.options.filter(
    ({ kind, required }) => kind === 'data' || kind === 'rest' || required === true,
  );
  const options = definition.options.filter((option) => !words.includes(option) && option.kind !== 'alias');
  return {
    arguments: words.map(({ name, help, kind, required, completes }) => ({
      name: required === true ? `<${name}${kind === 'rest' ? '...' : ''}>` : `[${name}${kind === 'rest' ? '...' : ''}]`,
      description: help,
      ...(completes === undefined ? {} : { completes }),
    })),
    options: options.map(({ name, kind, help, completes }) => ({
      flags: kind === 'flag' ? `--${name}` : `--${name} <${kind === 'number' ? 'NUMBER' : 'VALUE'}>`,
      description: help,
      ...(completes === undefined ? {} : { completes }),
    })),
    ...(definition.description === undefined ? {} : { description: definition.description }),
    examples: definition.examples,
    run: () => Promise.reject(new Error('virsh names are run by virsh/run.ts')),
  };
}

/** A table of virsh's as csv and markdown print it. */
export function columnsOf(headings: readonly string[]): readonly Column<never>[] {
  return headings.map((heading, index) => ({ heading, cell: (row: readonly string[]) => row[index] ?? '' }));
}
