import { describe, expect, it } from '@jest/globals';
import { must, root } from '../helpers/host.ts';

describe('10,000 lists of networks and domains in one process', () => {
  it('do not make it grow by more than 20 MiB', async () => {
    const growth = Number(await must(process.execPath, ['--expose-gc', `${root}test/bench/list-often.js`]));
    process.stdout.write(`resident memory grew by ${growth.toFixed(1)} MiB\n`);
    expect(growth).toBeLessThan(20);
  }, 120_000);
});
