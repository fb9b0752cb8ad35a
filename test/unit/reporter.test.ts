import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { root } from '../helpers/host.ts';
import Reporter from '../runner/reporter.js';

const path = (file: string): string => `${root}test/${file}`;

interface FileResult {
  readonly testFilePath: string;
  readonly displayName: { readonly name: string };
  readonly perfStats: { readonly start: number; readonly end: number };
  readonly testResults: readonly { readonly status: string; readonly fullName: string }[];
  readonly failureMessage?: string;
}

/** A file that took some seconds, and its failed tests. */
const file = (name: string, seconds: number, ...failed: readonly string[]): FileResult => ({
  testFilePath: path(name),
  displayName: { name: name.split('/')[0] ?? '' },
  perfStats: { start: 0, end: seconds * 1000 },
  testResults: [{ status: 'passed', fullName: 'works' }, ...failed.map((fullName) => ({ status: 'failed', fullName }))],
});

const report = (...results: readonly FileResult[]): readonly string[] =>
  new Reporter({ rootDir: root }).report(results);

/** The words of a line, as bash has them. */
const words = (line: string): readonly string[] =>
  execFileSync('bash', ['-c', `printf '%s\\n' ${line.replace(/^failed; alone: /, '')}`], { encoding: 'utf8' })
    .trimEnd()
    .split('\n');

describe('the report of a run', () => {
  it.each([
    'on a private host net heal does nothing',
    `ends ["it's", $(id) \`id\`] with (a+b)? | \\d`,
    'costs 100 % of {x} ^ and $',
  ])('has the line that runs a failed test alone, and no other: %j', (name) => {
    const [line = ''] = report(file('system/net/heal.test.ts', 1, name));
    const [command, level, where, option, pattern = ''] = words(line);
    expect([command, level, where, option]).toEqual(['test/run', 'system', 'test/system/net/heal.test.ts', '-t']);
    expect(new RegExp(pattern).test(name)).toBe(true);
    expect(new RegExp(pattern).test(`${name} and more`)).toBe(false);
  });

  it('has the line of a file that could not run', () => {
    expect(report({ ...file('lab/vlans.test.ts', 1), failureMessage: 'SyntaxError' })).toEqual([
      'failed; alone: test/run lab test/lab/vlans.test.ts',
    ]);
  });

  it('names the ten files that took longest, in that order', () => {
    const lines = report(...Array.from({ length: 12 }, (_, index) => file(`unit/n${index}.test.ts`, index)));
    expect(lines).toHaveLength(11);
    expect(lines.slice(0, 3)).toEqual([
      'the 10 files that took longest:',
      '   11.0 s  test/unit/n11.test.ts',
      '   10.0 s  test/unit/n10.test.ts',
    ]);
  });
});
