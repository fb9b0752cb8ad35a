import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { root, run } from '../helpers/host.ts';

/** The most files that a new thing may take. */
const limits: Readonly<Record<string, number>> = {
  'a command': 4,
  'an attribute of XML': 2,
  'a kind of action': 3,
  'an option of every command': 2,
};

/** The first two cells of each row of the tables that count files. */
function counts(text: string): readonly (readonly [thing: string, files: number])[] {
  return [...text.matchAll(/^\| (\w[^|]*?) +\| +(\d+) \|/gm)].map(([, thing = '', files]) => [thing, Number(files)]);
}

describe('a new thing', () => {
  it('takes as few files as docs/architecture.md states', async () => {
    const { stdout, stderr, status } = await run(process.execPath, [`${root}test/touch/files-to-touch.js`, '--count']);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    const found = counts(stdout);
    expect(found.map(([thing]) => thing)).toEqual(Object.keys(limits));
    expect(found.filter(([thing, files]) => files > limits[thing]!)).toEqual([]);
    expect(counts(readFileSync(`${root}docs/architecture.md`, 'utf8'))).toEqual(found);
  });
});
