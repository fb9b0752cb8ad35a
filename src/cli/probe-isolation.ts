/** Tries the matrix of networks or guests with real packets. */
import { probeMatrix, type MatrixAnswer } from '../observe/path-probe.ts';
import { betterReach, comparisonStands, type Comparison, type Isolation, type Reach } from '../topology/isolation.ts';
import type { Context } from './context.ts';
import { addressesInUse, requireProbe } from './probe-path.ts';

const reaches: Readonly<Record<MatrixAnswer, Reach>> = { answered: 'yes', arrived: 'one-way', silent: 'no' };

/** Returns the matrix with what packets have proved in each cell. */
export async function probeComparison(found: Isolation, comparison: Comparison, context: Context): Promise<Isolation> {
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
