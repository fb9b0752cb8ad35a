import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { errorText } from '../../../src/cli/output/error-text.ts';
import { formats, pictureFormats } from '../../../src/cli/global-options.ts';
import { render } from '../../../src/cli/output/output.ts';
import { escapeXml } from '../../../src/values/printable.ts';
import { KvmnetError } from '../../../src/errors.ts';
import { parseNetwork } from '../../../src/xml/network.ts';

/** ESC, DEL, the 8-bit CSI, NEL, and characters that turn the direction of writing. */
const hostile = ['\u001b', '\u007f', '\u009b', '\u0085', '\u061c', '\u200f', '\u202e', '\u2066', '\u2028', '\ufeff'];
const raw = new RegExp(`[${hostile.join('')}]`, 'u');

describe('text of others', () => {
  describe.each(hostile)('with %j', (character) => {
    const text = `a${character}b`;
    const value = [{ name: text, [text]: 'key' }];
    const table = { rows: value, columns: [{ heading: 'Name', cell: (row: { name: string }) => row.name }] };

    const pictures: readonly string[] = pictureFormats;

    it.each(formats.filter((format) => !pictures.includes(format)))(
      'does not reach a terminal as %s',
      async (format) => {
        expect(await render({ value, table, text: `${text}\n${text}` }, { format, columns: undefined })).not.toMatch(
          raw,
        );
        expect(await render({ value, table }, { format, columns: undefined })).not.toMatch(raw);
      },
    );

    it('reads the same from JSON and YAML', async () => {
      expect(JSON.parse(await render({ value }, { format: 'json', columns: undefined }))).toEqual(value);
      expect(parse(await render({ value }, { format: 'yaml', columns: undefined }))).toEqual(value);
    });

    it('does not reach a terminal in an error', () => {
      const error = new KvmnetError('INPUT', text, { hint: text, details: { text } });
      for (const json of [true, false]) expect(errorText(error, json)).not.toMatch(raw);
      expect(errorText(new TypeError(text), false)).not.toMatch(raw);
      expect(JSON.parse(errorText(error, true))).toMatchObject({ error: { message: text, details: { text } } });
    });
  });

  it('is a reference in XML, which means the same', () => {
    const xml = `<network><name>x</name><title>a\u009bb\u202ec</title></network>`;
    expect(escapeXml(xml)).not.toMatch(raw);
    expect(parseNetwork(escapeXml(xml)).title).toBe(parseNetwork(xml).title);
  });
});

describe('what a process has run out of', () => {
  it.each(['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'EAGAIN'])('is one sentence, and no stack: %s', (code) => {
    const error = Object.assign(new Error(`${code}: failed, open 'x'`), { code, syscall: 'open' });
    expect(errorText(error, false)).toMatch(/^error: [^\n]+\n$/);
  });

  it('is not taken for the reason of another mistake', () => {
    expect(errorText(Object.assign(new Error('EISDIR'), { code: 'EISDIR', syscall: 'read' }), false)).toContain('bug');
  });
});
