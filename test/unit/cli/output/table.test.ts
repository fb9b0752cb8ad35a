import { describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { aligned } from '../../../../src/cli/output/aligned.ts';
import { virshTable } from '../../../../src/cli/output/virsh-table.ts';
import { displayWidth } from '../../../../src/cli/output/width.ts';

describe('a table for people', () => {
  it('aligns its columns by what a terminal shows, and has nothing at the ends of lines', () => {
    expect(
      aligned(
        ['Name', 'State'],
        [
          ['网络', 'up'],
          ['a-long-name', ''],
          ['x', 'shut off'],
        ],
        displayWidth,
      ),
    ).toBe(['Name         State', '网络         up', 'a-long-name', 'x            shut off'].join('\n'));
  });
});

describe("virsh's table", () => {
  it('is drawn as virsh 9.0 drew it, with wide, combined and unprintable characters', async () => {
    const recorded = await readFile(new URL('../../../../fixtures/cli/virsh-domiflist.txt', import.meta.url), 'utf8');
    const names = ['网络一', '👨‍👩', '🇩🇪', '☎️', 'e\u0301', '\\x41', '\\y', ' ', '\u007f', '\u0085', '\u{10ffff}'];
    const rows = [...names, '\u200b', '\u00ad', '\u1100\u1161', 'ｱ'].map((name, index) => {
      return ['-', 'network', name, 'virtio', `52:54:00:00:00:0${index.toString(16)}`];
    });
    expect(`${await virshTable(['Interface', 'Type', 'Source', 'Model', 'MAC'], rows)}\n`).toBe(recorded);
  });

  it('has neither heading nor rule when it is quiet, and is as wide as its cells', async () => {
    expect(
      await virshTable(undefined, [
        ['a', 'b'],
        ['ccc', 'd'],
      ]),
    ).toBe(' a     b\n ccc   d\n');
    expect(await virshTable(undefined, [])).toBe('');
  });

  it('has only its heading if nothing is listed', async () => {
    expect(await virshTable(['Interface', 'MAC'], [])).toBe(' Interface   MAC\n------------------\n');
  });
});
