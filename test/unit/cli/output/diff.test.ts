import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { unifiedDiff } from '../../../../src/cli/output/diff.ts';
import { editorCommand } from '../../../../src/cli/terminal/editor.ts';

/** Applies a diff whose hunks name their lines, as patch does. */
function apply(before: string, diff: string): string {
  const old = before.split('\n');
  const made: string[] = [];
  let at = 0;
  for (const line of diff === '' ? [] : diff.split('\n')) {
    const [, start] = /^@@ -(\d+),/.exec(line) ?? [];
    if (start !== undefined) {
      made.push(...old.slice(at, Number(start) - 1));
      at = Number(start) - 1;
    } else if (line.startsWith('+')) {
      made.push(line.slice(1));
    } else {
      if (line.startsWith(' ')) made.push(line.slice(1));
      expect(old[at]).toBe(line.slice(1));
      at += 1;
    }
  }
  return [...made, ...old.slice(at)].join('\n');
}

const text = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 30 })
  .map((lines) => lines.join('\n'));

describe('a diff', () => {
  it('shows changed lines with three lines around them', () => {
    const before = '1\n2\n3\n4\n5\n6\n7\n8\n9\n';
    expect(unifiedDiff(before, before.replace('5', 'five'))).toBe('@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8');
    expect(unifiedDiff(before, before)).toBe('');
  });

  it('leads from one text to the other, and is empty for the same', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(apply(before, unifiedDiff(before, after))).toBe(after);
        expect(unifiedDiff(before, after) === '').toBe(before === after);
      }),
    );
  });
});

describe('the editor', () => {
  it.each([
    [{ VISUAL: 'code --wait', EDITOR: 'vi' }, ['code', '--wait']],
    [{ VISUAL: ' ', EDITOR: 'nano' }, ['nano']],
    [{ EDITOR: 'x; rm -rf /' }, ['x;', 'rm', '-rf', '/']],
    [{}, ['vi']],
  ])('of %j is run without a shell', (environment, command) => {
    expect(editorCommand(environment)).toEqual(command);
  });
});
