import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { withFake } from '../../helpers/fault/fault.ts';
import { command, kvmnet, must, run, type Outcome } from '../../helpers/host.ts';
import { onPrivateHost } from '../../helpers/private-host.ts';

const commands = ['net list', 'bridge list', 'host show', 'net create faulty --isolated', 'bridge create faulty0'];

function expectSentence({ stdout, stderr, status }: Outcome): void {
  expect(stderr).toMatch(/^error: [^\n]+$/m);
  expect(stderr).not.toMatch(/^ +at |bug in kvmnet/m);
  expect(stdout).toBe('');
  expect([1, 2]).toContain(status);
}

onPrivateHost('faulty surroundings', () => {
  let ip = '';
  beforeAll(async () => {
    ip = (await must('which', ['ip'])).trim();
  });
  afterAll(async () => {
    // Nothing was created: the comparison of the host proves it.
    expect((await kvmnet(['net', 'list', '-o', 'name'])).stdout).toBe('');
  });

  describe.each([
    ['prints garbage', 'echo garbage'],
    ['prints null', 'echo null'],
    ['prints other JSON', `echo '[1, "x", null]'`],
    ['prints nothing', ':'],
    ['prints half of it', `echo '[{"ifname":"lo","flags":'`],
    ['is killed', 'kill -KILL $$'],
    ['fails', 'echo broken >&2; exit 1'],
  ])('where ip %s', (_what, script) => {
    it.each(commands)('%s ends in a sentence, and changes nothing', async (line) => {
      await withFake(ip, { script }, async () => {
        expectSentence(await kvmnet(line.split(' ')));
      });
    });
  });

  it.each([13, 14, 15])('ends in a sentence where only %d files may be open', async (files) => {
    const args = [`--nofile=${files}`, ...command, 'net', 'create', 'faulty', '--isolated'];
    const outcome = await run('prlimit', args);
    expectSentence(outcome);
    // On a busy machine Bun itself may be the first that opens one too many.
    expect(outcome.stderr).toMatch(/too many open files|ran out of file descriptors/);
  });
});
