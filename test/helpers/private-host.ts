/** The frame of every file of system tests: it runs on a private host only, and what it leaves behind fails it. */
import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { expectUnchanged, snapshot, type Snapshot } from './snapshot.ts';

/**
 * A `describe` for tests that change a host. The host is compared after the tests and all of their own `afterAll`.
 * @throws Error outside test/lab/enter, before any test runs
 */
export function onPrivateHost(name: string, tests: () => void): void {
  if (process.env.ENTERED !== '1') throw new Error('system tests change the host: run them by test/run system [FILE]');
  // A guest takes 10 seconds to boot, more while the machine is busy.
  jest.setTimeout(120_000);
  describe('on a private host', () => {
    let before: Snapshot;
    beforeAll(async () => {
      before = await snapshot();
    });
    // Hooks of one describe run in the order they were written in: only the inner one's come before this one's.
    describe(name, tests);
    afterAll(async () => {
      await expectUnchanged(before);
    });
  });
}
