import { planNetworkHeal, type HealPlan } from '../../../plan/network/heal.ts';
import type { CommandDefinition, Result } from '../../command.ts';
import type { Context } from '../../context.ts';
import { watchGaps, type Gap } from '../../../apply/gap.ts';
import { gapText } from '../../views/gap.ts';
import { changeResult } from '../../views/plan.ts';

export const command: CommandDefinition = {
  arguments: [{ name: '[NAME...]', description: 'Networks, by name or UUID (default: all)', completes: 'network' }],
  description:
    'Reattaches guests that have lost their bridge, recreates a deleted bridge, restarts dnsmasq, restores firewall rules, and removes ' +
    'the remains of a killed daemon: bridge, dnsmasq and rules of an inactive network. Guests only notice a pause. Problems that only a ' +
    'restart of the daemon can repair are reported, with exit status 3.',
  examples: [
    ['net heal', 'Repair all networks'],
    ['net heal keennet --dry-run', 'Print the problems and the steps'],
  ],
  async run(context, names) {
    const uuid = crypto.randomUUID();
    const watch = watchGaps();
    const result = await context.change(
      async (state) => {
        const { observeHealth } = await import('../../../observe/health.ts');
        const connection = await context.connection(context.options.dryRun ? 'read' : 'change');
        const facts = await observeHealth(connection, state, 'whole', context.traceRun);
        const plan = planNetworkHeal(names, state, facts, uuid);
        sayFindings(context, plan);
        return plan;
      },
      { leases: false },
      watch.watch,
    );
    const gaps = await watch.gaps(result, context.options.uri);
    const { findings, unmended } = result.resumed ? nothingFound : result.plan;
    const shown = changeResult(context, result, healedText(result.plan.title, gaps), {
      networks: names,
      findings,
      unmended,
      gaps,
    });
    return result.resumed ? shown : withUnmended(shown, result.plan, context.options.dryRun);
  },
};

/** Of what an earlier run began. */
const nothingFound = { findings: [], unmended: [] } as const;

/** Before anything is done: what was found. */
function sayFindings(context: Context, { findings }: HealPlan): void {
  if (context.options.dryRun) return;
  for (const finding of findings) if (context.session.isNewWarning(finding)) context.say(finding);
}

function healedText(title: string, gaps: readonly Gap[]): string {
  return [title.replace(/^heal/, 'healed'), gapText(gaps)].filter((line) => line !== '').join('\n');
}

/** Problems that kvmnet cannot repair come last, with exit status 3. */
function withUnmended(shown: Result, { findings, unmended, steps }: HealPlan, dryRun: boolean): Result {
  if (findings.length + unmended.length === 0) return shown;
  const value = dryRun ? { ...(shown.value as object), findings, unmended } : shown.value;
  const nothingDone = steps.length === 0 && unmended.length > 0;
  const text = [...(dryRun ? findings : []), ...(nothingDone ? [] : [shown.text ?? '']), ...unmended].join('\n');
  return { ...shown, value, text, ...(unmended.length > 0 ? { status: 3 as const } : {}) };
}
