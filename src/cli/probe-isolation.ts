/** Tries the matrix of networks or guests with real packets. */
import { probeMatrix, type MatrixAnswer } from '../observe/path-probe.ts';
import { comparisonStands, type Comparison, type Isolation, type Reach } from '../topology/isolation.ts';
import type { Context } from './context.ts';
import { addressesInUse, requireProbe } from './probe-path.ts';

const reaches: Readonly<Record<MatrixAnswer, Reach>> = { answered: 'yes', arrived: 'one-way', silent: 'no' };

/** Returns the matrix with what packets have proved in each cell. */
export async function probeComparison(found: Isolation, comparison: Comparison, context: Context): Promise<Isolation> {
  requireProbe(context);
  const planned = comparisonStands(comparison, await addressesInUse(context, comparison.ground.state));
  const stands = planned.flatMap((each) => ('reason' in each ? [] : [each]));
  const placed = planned.flatMap((each, index) => ('reason' in each ? [] : [index]));
  const places = new Map(placed.map((index, place) => [index, place]));
  context.progress.say(`sending packets between ${String(stands.length)} namespaces`);
  const answers = await context.session.interruptible((signal) => probeMatrix(context.options.uri, stands, signal), {
    rollsBack: false,
  });
  context.progress.stop();
  const size = found.subjects.length;
  const cells = found.cells.map((cell, index) => {
    const [row, column] = [places.get(Math.floor(index / size)), places.get(index % size)];
    const answer = row === undefined || column === undefined ? undefined : answers[row]?.[column];
    if (answer === undefined || cell.result === 'self') return cell;
    const probe = reaches[answer];
    return { ...cell, probe, ...(cell.result === 'unknown' ? {} : { agrees: probe === cell.result }) };
  });
  return { ...found, cells };
}
