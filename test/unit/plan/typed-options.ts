/** Options of networks as users type them, read as the commands read them. */
import type { Options } from '../../../src/cli/command.ts';
import { kindOptions, networkOptions, partOptions } from '../../../src/cli/commands/net/options.ts';
import { valuesIn } from '../../../src/cli/options.ts';
import type { NetworkOptions } from '../../../src/plan/network/options.ts';

/** The options that commander reads, apart from `--no-…`, which is named as the planner names it. */
export interface TypedNetwork extends Options {
  readonly noDhcp?: boolean;
  readonly noDns?: boolean;
  readonly noStart?: boolean;
  readonly noAutostart?: boolean;
  readonly transient?: boolean;
}

export function networkValues(options: TypedNetwork): NetworkOptions {
  const { noDhcp = false, noDns = false, noStart = false, noAutostart = false, transient = false, ...given } = options;
  const values = networkOptions(valuesIn({ ...kindOptions, ...partOptions }, given));
  return { ...values, noDhcp, noDns, noStart, noAutostart, transient };
}
