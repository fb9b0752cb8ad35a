import { describe, expect, it } from '@jest/globals';
import { parseFdb } from '../../../src/host/links/fdb.ts';
import { parseList } from '../../../src/host/links/json.ts';
import { parseNeighbors } from '../../../src/host/links/neighbors.ts';
import { parsePortVlans } from '../../../src/host/links/port-vlans.ts';

const readers = [
  ['parseList', (text: string) => parseList(text, 'ip')],
  ['parseFdb', parseFdb],
  ['parseNeighbors', parseNeighbors],
  ['parsePortVlans', (text: string) => parsePortVlans(text, 'eth0')],
] as const;

describe.each(readers)('garbage instead of JSON: %s', (_name, read) => {
  it.each(['garbage', 'null', '{}', '7', '"text"', '[null]', '[1]', '[{"ifname":', 'a\u001b[2Jb\nc'])(
    'ends %j in one sentence',
    (text) => {
      expect(() => read(text)).toThrow(
        expect.objectContaining({ code: 'BACKEND', message: expect.stringMatching(/^(ip|bridge) printed [^\n]+$/) }),
      );
    },
  );

  it('takes nothing, an empty list and what vanished for nothing', () => {
    for (const text of ['', '\n', '[]']) expect(read(text)).toEqual([]);
  });
});
