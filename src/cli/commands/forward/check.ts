import { formatPlace } from '../../../firewall/ruleset.ts';
import type { Obstacle } from '../../../firewall/journey.ts';
import { observeAddressesInUse } from '../../../observe/addresses-in-use.ts';
import { attemptAll, type Attempted } from '../../../observe/probe/forward-check.ts';
import { hostOf } from '../../../plan/host/find-link.ts';
import { matchingForwards } from '../../../plan/nat/forward.ts';
import { cablesFor, origins, probesOf, type Origin, type Probe } from '../../../plan/nat/probes.ts';
import { forwardText, targetText } from '../../../values/nat-text.ts';
import type { Forward } from '../../../records/nat.ts';
import { natFacts, natScope } from '../../nat-change.ts';
import type { Column, CommandDefinition } from '../../command.ts';
import { portSyntax } from './arguments.ts';

/** One connection that was tried, or not; fields as in `--json`. */
interface CheckView {
  readonly forward: string;
  readonly target: string;
  readonly from: Origin;
  readonly result: 'ok' | 'fails' | 'unknown' | 'not tried';
  readonly reason: string | undefined;
}

const columns: readonly Column<CheckView>[] = [
  { heading: 'Forward', cell: ({ forward }) => forward },
  { heading: 'Target', cell: ({ target }) => target },
  { heading: 'From', cell: ({ from }) => from },
  { heading: 'Result', cell: ({ result }) => result, tone: ({ result }) => (result === 'fails' ? 'bad' : undefined) },
  { heading: 'Reason', cell: ({ reason }) => reason },
];

export const command: CommandDefinition = {
  arguments: [
    {
      name: '[PORT...]',
      description: `Forwards as forward list shows them: ${portSyntax} (default: all)`,
      completes: 'forward',
    },
  ],
  columns,
  description:
    'Connects to each forward: from a temporary network namespace outside, from the host itself, and from a temporary guest in the network of the ' +
    'target. A failure is explained by the rule that causes it. A UDP service that does not answer is "unknown". The exit status is 3 if a connection ' +
    'fails.',
  examples: [
    ['forward check', 'Check all forwards'],
    ['forward check 8080', 'Check one port'],
  ],
  async run(context, ports) {
    const state = await context.observe(natScope);
    const { rules } = await natFacts(context, state, 'forward ports of this host');
    const forwards = matchingForwards(ports, rules.forwards);
    const host = hostOf(state);
    const probes = forwards.flatMap((forward) => probesOf(forward, host));
    const cables = cablesFor(forwards, host, await observeAddressesInUse(context, state));
    const rows = await context.session.interruptible(
      async (signal) => {
        const all: CheckView[] = probes.flatMap((probe) =>
          'reason' in probe ? [viewOf(probe, 'not tried', probe.reason)] : [],
        );
        for (const from of origins) {
          for (const { cable, serves } of cables[from]) {
            const own = probes.filter(
              (probe): probe is Probe => 'address' in probe && probe.from === from && serves(probe.forward),
            );
            if (own.length === 0) continue;
            context.progress.say(`connecting from the ${from}`);
            all.push(...(await attemptAll(context.options.uri, own, cable, signal)).map(attempted));
          }
        }
        return all;
      },
      { rollsBack: false },
    );
    context.progress.stop();
    const order = (view: CheckView): number =>
      forwards.findIndex((each) => forwardText(each) === view.forward) * 3 + origins.indexOf(view.from);
    const sorted = rows.toSorted((a, b) => order(a) - order(b));
    const failed = sorted.some(({ result }) => result === 'fails');
    const empty = 'no port forwards; add one: kvmnet forward add PORT VM:PORT';
    return { value: sorted, table: { rows: sorted, columns, empty }, ...(failed ? { status: 3 } : {}) };
  },
};

function attempted({ attempt: probe, answer, obstacle }: Attempted<Probe>): CheckView {
  const { forward } = probe;
  if (answer === 'ok') return viewOf(probe, 'ok', undefined);
  if (obstacle !== undefined) return viewOf(probe, 'fails', obstacleText(obstacle));
  if (answer === 'silent' && forward.protocol === 'udp')
    return viewOf(probe, 'unknown', 'no answer, which UDP services need not give');
  const port = `port ${String(forward.target.port)}/${forward.protocol}`;
  const reason =
    answer === 'ECONNREFUSED' ? `the target refuses ${port}` : `no answer: the target is down, or drops ${port} itself`;
  return viewOf(probe, 'fails', reason);
}

function viewOf(
  { forward, from }: { readonly forward: Forward; readonly from: Origin },
  result: CheckView['result'],
  reason: string | undefined,
): CheckView {
  return { forward: forwardText(forward), target: targetText(forward), from, result, reason };
}

function obstacleText(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'rule':
      return `${obstacle.outcome} by ${formatPlace(obstacle.place)}`;
    case 'sysctl':
      return `${obstacle.setting.name} is ${String(obstacle.setting.value)}`;
    case 'noRoute':
      return 'no route to the target';
  }
}
