/** The whole packet filter of a host, as the programs list it. */
import { writeConfigFile } from './files/config-write.ts';
import { isInstalled } from './programs.ts';
import { run, type RunOptions } from './run.ts';

/** The output of each program; empty where it is not installed. */
export interface RulesetText {
  /** `nft -j list ruleset` */
  readonly nft: string;
  /** `iptables-save -c` and `ip6tables-save -c` */
  readonly iptables: string;
  readonly ip6tables: string;
}

/** @throws KvmnetError where a program refuses: only root may list rules */
export async function readRuleset(options: RunOptions = {}): Promise<RulesetText> {
  const output = (program: string, args: readonly string[]): Promise<string> =>
    options.on !== undefined || isInstalled(program) ? run(program, args, options) : Promise.resolve('');
  const [nft, iptables, ip6tables] = await Promise.all([
    output('nft', ['-j', 'list', 'ruleset']),
    output('iptables-save', ['-c']),
    output('ip6tables-save', ['-c']),
  ]);
  return { nft, iptables, ip6tables };
}

/** nft reads its rules from a file: it opens /dev/stdin by its name, which is a socket if Node has started nft. */
const nftInput = '/run/kvmnet.nft';

/**
 * Applies rules in one transaction: all of them take effect, or none.
 * @throws BACKEND with the error message of the program
 */
export async function applyRules(
  program: 'iptables-restore' | 'ip6tables-restore' | 'nft',
  text: string,
  options: RunOptions = {},
): Promise<void> {
  if (program !== 'nft') {
    await run(program, ['-w', '--noflush'], { ...options, input: text });
    return;
  }
  await writeConfigFile({ path: nftInput, text, mode: 0o600 }, options);
  try {
    await run('nft', ['-f', nftInput], options);
  } finally {
    await writeConfigFile({ path: nftInput, text: null, mode: 0o600 }, options);
  }
}
