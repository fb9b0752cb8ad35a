/** Waiting for what another process does: always for a condition, always with a bound, which only what never happens reaches. */
import { setTimeout as pause } from 'node:timers/promises';
import { record } from './profile.ts';

/** How long to wait at most, and how often to look. */
export interface WaitOptions {
  readonly seconds?: number;
  readonly everyMilliseconds?: number;
}

/**
 * Looks until `look` gives something that is neither undefined nor false, and returns that.
 * @param what What is waited for, as it should read after "waited 180 s for".
 * @throws Error that names `what`, with the last error that `look` threw as its cause, when the time is over.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { seconds = 180, everyMilliseconds = 50 }: WaitOptions = {},
): Promise<T> {
  const started = performance.now();
  const end = started + seconds * 1000;
  let cause: unknown;
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined && seen !== false) {
        record({ wait: what, milliseconds: performance.now() - started });
        return seen;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end) throw new Error(`waited ${seconds} s for ${what}`, { cause });
    await pause(everyMilliseconds);
  }
}
