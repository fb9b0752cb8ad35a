import { describe, expect, it } from '@jest/globals';
import { alignedTable, virshTable } from '../../../src/cli/table.ts';

describe('a table for people', () => {
  it('aligns its columns by what a terminal shows, and has nothing at the ends of lines', () => {
    expect(
      alignedTable(
        ['Name', 'State'],
        [
          ['网络', 'up'],
          ['a-long-name', ''],
          ['x', 'shut off'],
        ],
      ),
    ).toBe(['Name         State', '网络         up', 'a-long-name', 'x            shut off'].join('\n'));
  });
});

/** Recorded from virsh 9.0.0 in a UTF-8 locale. */
const recorded = ` Source             Model
---------------------------
 网络一             virtio
 👨‍👩             virtio
 🇩🇪                 virtio
 ☎️                  virtio
 e\u0301                  -
 \\x5cx41            -
 \\y                 -
 \\x09               -
 \\x7f               -
 \\xff\\xff           -
 \\xff\\xff\\xff\\xff   -
 \u200b                   -
`;

describe("virsh's table", () => {
  const rows = [
    ['网络一', 'virtio'],
    ['👨‍👩', 'virtio'],
    ['🇩🇪', 'virtio'],
    ['☎️', 'virtio'],
    ['e\u0301', '-'],
    ['\\x41', '-'],
    ['\\y', '-'],
    ['\t', '-'],
    ['\u007f', '-'],
    ['\u0085', '-'],
    ['\u{10ffff}', '-'],
    ['\u200b', '-'],
  ];

  it('is drawn as virsh draws it, with wide, combined and unprintable characters', () => {
    expect(virshTable(['Source', 'Model'], rows)).toBe(recorded);
  });

  it('has neither heading nor rule when it is quiet, and is as wide as its cells', () => {
    expect(
      virshTable(undefined, [
        ['a', 'b'],
        ['ccc', 'd'],
      ]),
    ).toBe(' a     b\n ccc   d\n');
    expect(virshTable(undefined, [])).toBe('');
  });

  it('has its heading alone when there is nothing to list', () => {
    expect(virshTable(['Interface', 'MAC'], [])).toBe(' Interface   MAC\n------------------\n');
  });
});
