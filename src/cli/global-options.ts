/** The global options: as typed, and as commands get them. */
import { Option, type Command } from 'commander';
import { KvmnetError } from '../errors.ts';
import { colorModes, type ColorMode } from './output/color.ts';

export const formats = ['table', 'json', 'yaml', 'csv', 'markdown', 'name'] as const;
export type Format = (typeof formats)[number];

export interface GlobalOptions {
  readonly uri: string;
  readonly format: Format;
  readonly columns: readonly string[] | undefined;
  readonly quiet: boolean;
  /** Connect read-only, even for a command that changes something. */
  readonly readOnly: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** Milliseconds; undefined: the defaults of each call. */
  readonly timeout: number | undefined;
  readonly verbose: boolean;
  readonly color: ColorMode;
  /** Use a pager for long output on a terminal. */
  readonly pager: boolean;
}

/** The options as commander returns them. */
export interface RawGlobals {
  readonly connect?: string | undefined;
  readonly json?: boolean;
  readonly output?: Format | undefined;
  readonly columns?: string | undefined;
  readonly quiet?: boolean;
  readonly readonly?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly timeout?: string | undefined;
  readonly verbose?: boolean;
  /** False: --no-color. */
  readonly color?: ColorMode | false | undefined;
  readonly pager: boolean;
}

/** Adds the options to commander's program. */
export function globalFlags(program: Command): void {
  program
    .option(
      '-c, --connect <URI>',
      'Connect to this libvirt URI (default: KVMNET_URI, LIBVIRT_DEFAULT_URI, libvirt.conf, qemu:///system)',
    )
    .option('--json', 'Print JSON, like -o json')
    .addOption(new Option('-o, --output <FORMAT>', 'Select the output format').choices(formats))
    .option('--columns <A,B>', 'Select the columns of a table and their order')
    .option('-q, --quiet', 'Suppress progress and warnings')
    .option('-r, --readonly', 'Connect read-only: libvirt refuses every change')
    .option('--dry-run', 'Print the steps with their exact XML without applying them')
    .option('-y, --yes', 'Answer yes to all questions, such as whether to disconnect a guest')
    .option('--timeout <SECONDS>', 'Set the deadline of each libvirt call (default: 30 to read, 120 to change)')
    .option('-v, --verbose', 'Log each libvirt call and program run to stderr, with its duration')
    .addOption(
      new Option('--color <WHEN>', 'Use colors; auto: on a terminal, unless NO_COLOR is set (default: auto)').choices(
        colorModes,
      ),
    )
    .option('--no-color', 'Same as --color=never')
    .option('--no-pager', 'Do not use a pager for long output (KVMNET_PAGER, PAGER, less)');
}

/** @throws INPUT for an invalid deadline */
export async function globalOptions(raw: RawGlobals): Promise<GlobalOptions> {
  const { defaultUri } = await import('./default-uri.ts');
  return {
    uri: raw.connect ?? defaultUri(),
    format: raw.json ? 'json' : (raw.output ?? 'table'),
    columns: raw.columns?.split(','),
    quiet: raw.quiet ?? false,
    readOnly: raw.readonly ?? false,
    dryRun: raw.dryRun ?? false,
    yes: raw.yes ?? false,
    timeout: raw.timeout === undefined ? undefined : milliseconds(raw.timeout),
    verbose: raw.verbose ?? false,
    color: raw.color === false ? 'never' : (raw.color ?? 'auto'),
    pager: raw.pager,
  };
}

function milliseconds(seconds: string): number {
  const number = Number(seconds);
  if (/^\d+(\.\d+)?$/.test(seconds) && number > 0 && number <= 86_400) return number * 1000;
  throw new KvmnetError('INPUT', `--timeout ${JSON.stringify(seconds)} is not a number of seconds`, {
    hint: 'for example --timeout 10; at most 86400',
  });
}
