import { beforeAll, describe, expect, it } from '@jest/globals';
import { must, root } from '../helpers/host.ts';

/** Milliseconds. */
interface Medians {
  readonly node: number;
  readonly help: number;
  readonly list: number;
  readonly domiflist: number;
}

describe('the time that a command takes, as a multiple of what Node.js takes to do nothing,', () => {
  let medians: Medians;
  beforeAll(async () => {
    medians = JSON.parse(
      await must(`${root}test/lab/enter`, [process.execPath, `${root}test/bench/start-up.js`]),
    ) as Medians;
    const { node, ...others } = medians;
    const ratios = Object.entries(others).map(([name, time]) => `${name} ${(time / node).toFixed(2)}`);
    process.stdout.write(`node -e 0: ${node.toFixed(0)} ms; as multiples of it: ${ratios.join(', ')}\n`);
  }, 120_000);

  it('is at most 1.6 for --help', () => {
    expect(medians.help / medians.node).toBeLessThanOrEqual(1.6);
  });

  it('is at most 2.2 for net list on a host with five networks', () => {
    expect(medians.list / medians.node).toBeLessThanOrEqual(2.2);
  });
});
