/** The options that every command has. */

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
  readonly color: boolean;
}
