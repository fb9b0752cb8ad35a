/**
 * Measured times: printed by every test, but compared with their limits only by `npm run bench`, which has
 * the machine for itself.
 */
import { expect } from '@jest/globals';

/** Prints how long something took; fails above `most` seconds in a run of the bench level. */
export function expectWithin(what: string, seconds: number, most: number): void {
  process.stdout.write(`${what}: ${seconds.toFixed(1)} s (limit in bench: ${most} s)\n`);
  expect(Number.isFinite(seconds)).toBe(true);
  if (process.env['TEST_BENCH'] === '1') expect(seconds).toBeLessThan(most);
}
