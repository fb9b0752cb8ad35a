import { describe, expect, it } from '@jest/globals';
import { Readable } from 'node:stream';
import { scriptLines, textOf, type ScriptLine } from '../../../src/cli/shell/script.ts';

async function lines(...pieces: (string | Buffer)[]): Promise<ScriptLine[]> {
  const found: ScriptLine[] = [];
  for await (const line of scriptLines(textOf(Readable.from(pieces)))) found.push(line);
  return found;
}
const texts = async (...pieces: (string | Buffer)[]) => (await lines(...pieces)).map(({ text }) => text);

describe('a script', () => {
  it('has the same lines in whatever pieces it comes', async () => {
    expect(await texts('net list\nvm list\n')).toEqual(['net list', 'vm list']);
    expect(await texts('net li', 'st\nvm', ' list')).toEqual(['net list', 'vm list']);
    const bytes = Buffer.from('net show gäste\n');
    expect(await texts(bytes.subarray(0, 11), bytes.subarray(11))).toEqual(['net show gäste']);
  });

  it('may come from Windows, with its line ends and its byte order mark', async () => {
    expect(await texts(Buffer.from('\ufeffnet list\r\nvm list\r\n'))).toEqual(['net list', 'vm list']);
  });

  it('joins lines that end in a backslash into one, numbered as the first of them', async () => {
    expect(await lines('# x\\\nnet create \\\n  keennet \\\r\n--nat auto\nnet list')).toEqual([
      { number: 1, text: '# x\\', source: '# x\\' },
      { number: 2, text: 'net create   keennet --nat auto', source: 'net create \\\n  keennet \\\n--nat auto' },
      { number: 5, text: 'net list', source: 'net list' },
    ]);
  });

  it('does not continue after a backslash that is escaped or quoted', async () => {
    expect(await texts('a \\\\\nb')).toEqual(['a \\\\', 'b']);
    expect(await texts(`a '\\'\nb`)).toEqual([`a '\\'`, 'b']);
  });

  it('is refused where it is not UTF-8', async () => {
    await expect(lines(Buffer.from([0x6e, 0xff, 0x0a]))).rejects.toMatchObject({ code: 'INPUT' });
  });
});
