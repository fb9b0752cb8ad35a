/** The frame of every file of system tests: it runs on a private host only, and what it leaves behind fails it. */
import { afterAll, beforeAll, describe, jest } from '@jest/globals';
import { readdir, rm } from 'node:fs/promises';
import { expectUnchanged, snapshot, type Snapshot } from './snapshot.ts';

/** Seconds for a test or a hook: far more than a guest takes to boot on a machine that does much else. */
const limit = 600;

/**
 * A `describe` for tests that change a host. The host is compared after the tests and all of their own `afterAll`; it may have
 * served other files before, and has no history of them.
 * @throws Error outside test/lab/enter, before any test runs
 */
export function onPrivateHost(name: string, tests: () => void): void {
  if (process.env['ENTERED'] !== '1')
    throw new Error('system tests change the host: run them by test/run system [FILE]');
  jest.setTimeout(limit * 1000);
  describe('on a private host', () => {
    let before: Snapshot;
    beforeAll(async () => {
      await forget();
      before = await snapshot();
    });
    // Hooks of one describe run in the order they were written in: only the inner one's come before this one's.
    describe(name, tests);
    afterAll(async () => {
      await expectUnchanged(before);
    });
  });
}

/** Removes the journal of kvmnet and the consoles of guests. */
async function forget(): Promise<void> {
  for (const folder of [process.env['KVMNET_STATE_DIR'], '/run/kvmnet-test']) {
    if (folder === undefined) continue;
    const entries = await readdir(folder).catch(() => []);
    for (const entry of entries) await rm(`${folder}/${entry}`, { recursive: true });
  }
}
