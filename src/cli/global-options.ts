/** The options of every command, one row each: type, commander's and virsh's grammar, the shell's words and completion follow. */
import { KvmnetError } from '../errors.ts';
import { defaultUri } from '../observe/default-uri.ts';
import { attributeOf } from './attribute.ts';
import type { Completes } from './completes.ts';
import { colorModes, type ColorMode } from './output/color.ts';

/** Formats of pictures, which few commands have. */
export const pictureFormats = ['dot', 'mermaid', 'svg', 'html'] as const;
export type PictureFormat = (typeof pictureFormats)[number];

export const formats = ['table', 'json', 'yaml', 'csv', 'markdown', 'name', ...pictureFormats] as const;
export type Format = (typeof formats)[number];

/** One option, and the field of `GlobalOptions` that it sets. Of several for one field the first that is typed counts. */
interface Row<Field extends string, Value> extends Spelling {
  readonly field: Field;
  readonly help: string;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
  /** About the screen alone: lines under virsh's names, which print what virsh prints, go without. */
  readonly isScreen?: true;
  /** Parses the typed text; the text of an option without a value is empty. */
  readonly parse: (text: string) => Value;
  /** The value if nothing was typed; one row of each field has it. */
  readonly fallback?: () => Value;
  /** The words that mean a value again, for the lines of a shell. */
  toWords?(value: Value): readonly string[];
}

/** How an option is written. */
export interface Spelling {
  /** In commander's notation. */
  readonly flags: string;
  /** Without dashes: `dry-run`. */
  readonly long: string;
  readonly short?: string;
  readonly takesValue: boolean;
}

function spelling(flags: string): Spelling {
  const [, short, long = '', value] = /^(?:-(\w), )?--([\w-]+)( <.*>)?$/.exec(flags) ?? [];
  return { flags, long, ...(short === undefined ? {} : { short }), takesValue: value !== undefined };
}

/** An option without a value. */
function flag<const Field extends string>(field: Field, flags: string, help: string): Row<Field, boolean> {
  const spelled = spelling(flags);
  const toWords = (value: boolean): readonly string[] => (value ? [`--${spelled.long}`] : []);
  return { ...spelled, field, help, parse: () => true, fallback: () => false, toWords };
}

/** An option without a value that means one of the values of its field. */
function means<const Field extends string, const Value>(
  field: Field,
  value: Value,
  flags: string,
  help: string,
): Row<Field, Value> {
  return { ...spelling(flags), field, help, parse: () => value };
}

/** An option with a value. */
function valued<const Field extends string, Value>(
  field: Field,
  flags: string,
  help: string,
  how: Pick<Row<Field, Value>, 'choices' | 'completes' | 'isScreen' | 'parse' | 'fallback'> & {
    /** Formats a value as text; undefined for the default. */
    readonly format: (value: Value) => string | undefined;
  },
): Row<Field, Value> {
  const { format, ...rest } = how;
  const spelled = spelling(flags);
  const toWords = (value: Value): readonly string[] => {
    const text = format(value);
    return text === undefined ? [] : [`--${spelled.long}`, text];
  };
  return { ...spelled, field, help, ...rest, toWords };
}

const uris = ['qemu:///system', 'qemu:///session', 'lxc:///system', 'test:///default'];

export const globalRows = [
  valued(
    'uri',
    '-c, --connect <URI>',
    'Connect to this libvirt URI (default: KVMNET_URI, LIBVIRT_DEFAULT_URI, libvirt.conf, qemu:///system)',
    { completes: uris, parse: (text) => text, fallback: defaultUri, format: (uri) => uri },
  ),
  means('format', 'json', '--json', 'Print JSON, like -o json'),
  valued<'format', Format>('format', '-o, --output <FORMAT>', 'Select the output format', {
    choices: formats,
    parse: readFormat,
    fallback: () => 'table',
    format: (format) => (format === 'table' ? undefined : format),
  }),
  valued<'columns', readonly string[] | undefined>(
    'columns',
    '--columns <A,B>',
    'Select the columns of a table and their order',
    {
      completes: 'column',
      parse: (text) => text.split(','),
      fallback: () => undefined,
      format: (columns) => columns?.join(','),
    },
  ),
  flag('quiet', '-q, --quiet', 'Suppress progress and warnings'),
  flag('readOnly', '-r, --readonly', 'Connect read-only: libvirt refuses every change'),
  flag('dryRun', '--dry-run', 'Print the steps with their exact XML without applying them'),
  flag('yes', '-y, --yes', 'Answer yes to all questions, such as whether to disconnect a guest'),
  /** Milliseconds; undefined: the defaults of each call. */
  valued<'timeout', number | undefined>(
    'timeout',
    '--timeout <SECONDS>',
    'Set the deadline of each libvirt call (default: 30 to read, 120 to change)',
    {
      parse: milliseconds,
      fallback: () => undefined,
      format: (timeout) => (timeout === undefined ? undefined : String(timeout / 1000)),
    },
  ),
  flag('verbose', '-v, --verbose', 'Log each libvirt call and program run to stderr, with its duration'),
  valued<'color', ColorMode>(
    'color',
    '--color <WHEN>',
    'Use colors; auto: on a terminal, unless NO_COLOR is set (default: auto)',
    {
      choices: colorModes,
      isScreen: true,
      parse: (text) => colorModes.find((mode) => mode === text) ?? 'auto',
      fallback: () => 'auto',
      format: (mode) => (mode === 'auto' ? undefined : mode),
    },
  ),
  means('color', 'never', '--no-color', 'Same as --color=never'),
  /** Long output goes through a pager, on a terminal. */
  {
    ...means<'pager', boolean>(
      'pager',
      false,
      '--no-pager',
      'Do not use a pager for long output (KVMNET_PAGER, PAGER, less)',
    ),
    isScreen: true,
    fallback: () => true,
  },
] as const;

type AnyRow = (typeof globalRows)[number];
type ValueOf<R> = R extends { readonly parse: (text: string) => infer Value } ? Value : never;

/** As commands get them. */
export type GlobalOptions = { readonly [R in AnyRow as R['field']]: ValueOf<R> };

/** As they were typed, by long name: `no-color`; one without a value is true. Other options may be among them. */
export type GivenGlobals = Readonly<Record<string, string | true>>;

/**
 * @throws INPUT for a deadline that is none, USAGE for a format that is none
 */
export function globalOptions(given: GivenGlobals): GlobalOptions {
  const rows: readonly Row<string, unknown>[] = globalRows;
  const values = new Map<string, unknown>();
  for (const { field, long, parse } of rows) {
    const typed = given[long];
    if (typed !== undefined && !values.has(field)) values.set(field, parse(typed === true ? '' : typed));
  }
  for (const { field, fallback } of rows) if (fallback && !values.has(field)) values.set(field, fallback());
  return Object.fromEntries(values) as GlobalOptions;
}

/** The options that commander parsed, as typed. */
export function givenIn(options: Readonly<Record<string, unknown>>): GivenGlobals {
  return Object.fromEntries(
    globalRows.flatMap(({ long, flags }) => {
      const value = options[attributeOf(flags)];
      if (long.startsWith('no-')) return value === false ? [[long, true]] : [];
      return typeof value === 'string' || value === true ? [[long, value]] : [];
    }),
  );
}

/** Words that mean these options again. */
export function globalWords(options: GlobalOptions): readonly string[] {
  const rows: readonly Row<string, unknown>[] = globalRows;
  const values = new Map<string, unknown>(Object.entries(options));
  return rows.flatMap((row) => row.toWords?.(values.get(row.field)) ?? []);
}

function readFormat(text: string): Format {
  const format = formats.find((each) => each === text);
  if (format) return format;
  throw new KvmnetError('USAGE', `-o ${text} is not a format`, { hint: formats.join(', ') });
}

function milliseconds(seconds: string): number {
  const number = Number(seconds);
  if (/^\d+(\.\d+)?$/.test(seconds) && number > 0 && number <= 86_400) return number * 1000;
  throw new KvmnetError('INPUT', `--timeout ${JSON.stringify(seconds)} is not a number of seconds`, {
    hint: 'for example --timeout 10; at most 86400',
  });
}
