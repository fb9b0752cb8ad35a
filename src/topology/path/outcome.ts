/** The answer about a path, without the names of its ends. */
import type { Hop, Path } from './path.ts';

export type Outcome = Omit<Path, 'from' | 'to' | 'isOneWay' | 'warnings'> &
  Partial<Pick<Path, 'isOneWay' | 'warnings'>>;

export function reachable(hops: readonly Hop[], reason: string): Outcome {
  return { hops, verdict: 'reachable', reason };
}

export function unreachable(hops: readonly Hop[], reason: string): Outcome {
  return { hops, verdict: 'unreachable', reason };
}

export function unknown(hops: readonly Hop[], reason: string): Outcome {
  return { hops, verdict: 'unknown', reason };
}
