/** Applies the remedies of findings that are safe: each is a command of kvmnet, with its own entry in the journal. */
import type { Finding } from '../../doctor/examine.ts';
import { KvmnetError } from '../../errors.ts';
import { quoted } from '../../values/quoted.ts';
import type { Context } from '../context.ts';
import { globalWords } from '../global-options.ts';
import { askYes } from '../terminal/prompt.ts';

/** Fields as in `--json`. */
export interface Fix {
  readonly command: string;
  /** The findings that it is for. */
  readonly codes: readonly string[];
  /** The exit status of the command; absent where it did not run. */
  readonly status?: number;
}

interface Planned extends Fix {
  readonly words: readonly string[];
}

/** The commands of all findings that have some, each once and in their order. */
export function fixesOf(findings: readonly Finding[]): readonly Planned[] {
  const fixes = new Map<string, Planned>();
  for (const { code, remedy } of findings) {
    for (const words of remedy.fix ?? []) {
      const command = ['kvmnet', ...words].map(quoted).join(' ');
      const { codes } = fixes.get(command) ?? { codes: [] };
      fixes.set(command, { command, words, codes: [...new Set([...codes, code])] });
    }
  }
  return [...fixes.values()];
}

/**
 * Shows the plan of each command, asks, and runs them. A command that fails does not stop the others.
 * @throws DECLINED without consent
 */
export async function applyFixes(context: Context, fixes: readonly Planned[]): Promise<readonly Fix[]> {
  const { options } = context;
  // Only the results of doctor itself are for stdout.
  const streams = { ...context.streams, stdout: context.streams.stderr };
  const shared = globalWords({ ...options, format: 'table', columns: undefined, yes: true });
  const run = (words: readonly string[], ...more: readonly string[]): Promise<number> =>
    context.program.run([...words, ...more], streams, context.session, shared);
  if (!options.yes) {
    context.progress.stop();
    for (const { command, words } of fixes) {
      context.say(command);
      await run(words, '--dry-run');
    }
    await askForConsent(context, fixes);
  }
  const applied: Fix[] = [];
  for (const { command, codes, words } of fixes) {
    context.say(`running ${command}`);
    applied.push({ command, codes, status: await run(words) });
  }
  return applied;
}

async function askForConsent({ streams, session }: Context, fixes: readonly Planned[]): Promise<void> {
  const count = fixes.length === 1 ? 'this command' : `these ${String(fixes.length)} commands`;
  if (!(streams.stdin.isTTY ?? false) || session.isScript) {
    throw new KvmnetError(
      'DECLINED',
      `doctor --fix would run ${count}: ${fixes.map(({ command }) => command).join('; ')}`,
      {
        hint: 'repeat the command with --yes to accept',
        details: { fixes: fixes.map(({ command }) => command) },
      },
    );
  }
  if (!(await askYes(streams, `run ${count}?`))) {
    throw new KvmnetError('DECLINED', 'declined; nothing was changed');
  }
}
