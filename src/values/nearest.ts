import { naturalOrder } from './natural.ts';
import { quoted } from './quoted.ts';

/** The number of suggestions that still help. */
const maxSuggestions = 3;

/**
 * Returns the candidates that `name` is probably a typo of, nearest first, at most three. Upper and lower case count as equal.
 */
export function nearest(name: string, candidates: Iterable<string>): readonly string[] {
  const wanted = name.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: distance(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= limit || continues(wanted, candidate.toLowerCase()))
    .sort((a, b) => a.distance - b.distance || naturalOrder(a.candidate, b.candidate))
    .slice(0, maxSuggestions)
    .map(({ candidate }) => candidate);
}

/** The hint of an unknown name: the nearest ones, or else what lists them all. */
export function suggestion(name: string, candidates: Iterable<string>, otherwise: string): string {
  const near = nearest(name, candidates);
  return near.length === 0 ? otherwise : `did you mean ${near.map(quoted).join(' or ')}?`;
}

/** `keen` is short for `keennet`, but one letter is short for too much. */
function continues(start: string, candidate: string): boolean {
  return start.length >= 3 && candidate.startsWith(start);
}

/** The letters to insert, delete, replace or swap with their neighbor to turn one word into the other (optimal string alignment). */
export function distance(a: string, b: string): number {
  const [from, to] = [Array.from(a), Array.from(b)];
  let before: readonly number[] = [];
  let previous: readonly number[] = [0, ...to.map((_, index) => index + 1)];
  for (const [row, letter] of from.entries()) {
    const current = [row + 1];
    for (const [column, other] of to.entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      const deleted = (previous[column + 1] ?? 0) + 1;
      const inserted = (current[column] ?? 0) + 1;
      const isSwap = row > 0 && column > 0 && letter === to[column - 1] && from[row - 1] === other;
      const swapped = isSwap ? (before[column - 1] ?? 0) + 1 : Infinity;
      current.push(Math.min(replaced, deleted, inserted, swapped));
    }
    [before, previous] = [previous, current];
  }
  return previous.at(-1) ?? 0;
}
