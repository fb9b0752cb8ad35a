import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { must, root, run } from '../helpers/host.ts';

const built = `${root}dist/binary/kvmnet-linux-arm64`;

describe('the executable for arm64, built on this machine,', () => {
  beforeAll(
    () => must('npm', ['run', '--silent', 'build:binary', '--', 'arm64'], { cwd: root, seconds: 300 }),
    600_000,
  );

  it.each([
    ['--version', /^kvmnet \d.*\nlibvirt 9\.\d.*\nBun \d.*\nkoffi \d/],
    ['help net create', /^Usage: kvmnet net create /],
    ['-c test:///default net list', /^Name .*\ndefault +active/],
    ['-c test:///default vm attach test default --config', /attached to default/],
  ])(
    'runs there: %s',
    async (line, printed) => {
      const { stdout, stderr, status } = await run(`${root}test/lab/arm64`, [built, ...line.split(' ')]);
      expect({ stderr: stderr.replaceAll(/^warning: .*\n/gm, ''), status }).toEqual({ stderr: '', status: 0 });
      expect(stdout).toMatch(printed);
    },
    600_000,
  );

  it('has its own checksum, and the component of its architecture', async () => {
    const [sum] = (await must('sha256sum', [built])).split(' ');
    expect(await readFile(`${built}.sha256`, 'utf8')).toBe(`${sum ?? ''}  kvmnet-linux-arm64\n`);
    const { components } = JSON.parse(await readFile(`${built}.cdx.json`, 'utf8')) as {
      readonly components: readonly { readonly name: string }[];
    };
    const names = components.map(({ name }) => name).filter((name) => name.startsWith('@koromix/'));
    expect(names).toEqual(['@koromix/koffi-linux-arm64']);
  });
});
