import { probeMatrix, type MatrixAnswer } from '../../observe/probe/path-probe.ts';
import {
  betterReach,
  comparisonStands,
  guestComparison,
  isolationOf,
  networkComparison,
  type Comparison,
  type Isolation,
  type Reach,
} from '../../topology/isolation.ts';
import type { Context } from '../context.ts';
import { flag, typed } from '../options.ts';
import { pathFacts } from '../explain/path-facts.ts';
import { addressesInUse, requireProbe } from '../explain/probe-path.ts';
import { isolationColumns, isolationRows, isolationText } from '../views/explain/isolation.ts';

export const command = typed({
  columns: [{ heading: 'From' }],
  options: {
    vms: flag('--vms', 'Compare VMs instead of networks'),
    probe: flag('--probe', 'Send packets, too, between temporary network namespaces, one for each'),
  },
  description:
    'Each row is a sender, each column a receiver: "yes", "no", "one-way" (packets arrive, but answers do not come back) or "unknown". The answer ' +
    'follows from the links of the host and all of its rules; guests use the host as their gateway. kvmnet path explains a cell. The exit ' +
    'status is 3 if the packets of --probe prove otherwise.',
  examples: [
    ['isolation', 'Show which networks reach each other'],
    ['isolation --vms', 'Show which VMs do'],
    ['isolation --probe', 'Try each pair of networks, too'],
    ['isolation --json', 'Print each cell with its reason'],
  ],
  async run(context, _args, { vms, probe }) {
    const { state, facts } = await pathFacts(context);
    const comparison = vms ? guestComparison(state, facts) : networkComparison(state, facts);
    const found = isolationOf(comparison);
    const isolation = probe ? await probeComparison(found, comparison, context) : found;
    const empty = vms ? 'no VMs' : 'no networks';
    return {
      value: isolation,
      table: { rows: isolationRows(isolation), columns: isolationColumns(isolation), empty },
      text: isolation.subjects.length === 0 ? empty : isolationText(isolation, context.streams.stdout.columns),
      ...(isolation.cells.some(({ agrees }) => agrees === false) ? { status: 3 } : {}),
    };
  },
});

const reaches: Readonly<Record<MatrixAnswer, Reach>> = { answered: 'yes', arrived: 'one-way', silent: 'no' };

/** Returns the matrix with the result of real packets in each cell. */
async function probeComparison(found: Isolation, comparison: Comparison, context: Context): Promise<Isolation> {
  requireProbe(context);
  const stands = comparisonStands(comparison, await addressesInUse(context, comparison.ground.state));
  context.progress.say(`sending packets between ${String(stands.length)} namespaces`);
  const answers = await context.session.interruptible((signal) => probeMatrix(context.options.uri, stands, signal), {
    rollsBack: false,
  });
  context.progress.stop();
  const size = found.subjects.length;
  const proved = new Map<number, Reach>();
  for (const [row, from] of stands.entries()) {
    for (const [column, to] of stands.entries()) {
      const place = from.subject * size + to.subject;
      const result = reaches[answers[row]?.[column] ?? 'silent'];
      proved.set(place, betterReach(proved.get(place) ?? 'no', result));
    }
  }
  const cells = found.cells.map((cell, place) => {
    const probe = proved.get(place);
    if (probe === undefined || cell.result === 'self') return cell;
    return { ...cell, probe, ...(cell.result === 'unknown' ? {} : { agrees: probe === cell.result }) };
  });
  return { ...found, cells };
}
