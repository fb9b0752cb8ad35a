/** The options that every command has: as they are typed, and as commands get them. */
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
  /** Connect for looking only, also where a command would change something. */
  readonly readOnly: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** Milliseconds; undefined: the defaults of each call. */
  readonly timeout: number | undefined;
  readonly verbose: boolean;
  readonly color: ColorMode;
  /** Long output goes through a pager, on a terminal. */
  readonly pager: boolean;
}

/** As commander reads them. */
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
      'libvirt URI (default: KVMNET_URI, LIBVIRT_DEFAULT_URI, libvirt.conf, qemu:///system)',
    )
    .option('--json', 'print JSON: the same as -o json')
    .addOption(new Option('-o, --output <FORMAT>', 'how results are printed').choices(formats))
    .option('--columns <A,B>', 'which columns a table shows, in which order')
    .option('-q, --quiet', 'no progress and no warnings')
    .option('-r, --readonly', 'connect for looking only: libvirt refuses every change')
    .option('--dry-run', 'show what would be done, with the exact XML, and do nothing')
    .option('-y, --yes', 'accept what would disconnect a guest')
    .option('--timeout <SECONDS>', 'deadline of each libvirt call (default: 30 to read, 120 to change)')
    .option('-v, --verbose', 'print each libvirt call and each program run, with its time, on stderr')
    .addOption(
      new Option('--color <WHEN>', 'colors: auto is on a terminal, without NO_COLOR (default: auto)').choices(
        colorModes,
      ),
    )
    .option('--no-color', 'the same as --color=never')
    .option('--no-pager', 'long output is not shown by a pager (KVMNET_PAGER, PAGER, less)');
}

/** @throws INPUT for a deadline that is none */
export async function globalOptions(raw: RawGlobals): Promise<GlobalOptions> {
  const { defaultUri } = await import('../observe/default-uri.ts');
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
