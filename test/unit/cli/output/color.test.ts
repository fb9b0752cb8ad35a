import { describe, expect, it } from '@jest/globals';
import { colorIn, paintFor } from '../../../../src/cli/output/color.ts';
import { errorText } from '../../../../src/cli/output/error-text.ts';
import { KvmnetError } from '../../../../src/errors.ts';

const red = '\u001b[31mbroken\u001b[39m';

describe('colors', () => {
  it('are on a terminal only, unless NO_COLOR is set or the terminal is dumb', () => {
    const screen = { isTTY: true };
    expect(paintFor('auto', screen, {})('bad', 'broken')).toBe(red);
    expect(paintFor('auto', {}, {})('bad', 'broken')).toBe('broken');
    expect(paintFor('auto', screen, { NO_COLOR: '1' })('bad', 'broken')).toBe('broken');
    expect(paintFor('auto', screen, { NO_COLOR: '' })('bad', 'broken')).toBe(red);
    expect(paintFor('auto', screen, { TERM: 'dumb' })('bad', 'broken')).toBe('broken');
  });

  it('follow the command line, whatever stdout is', () => {
    expect(paintFor('always', {}, { NO_COLOR: '1' })('bad', 'broken')).toBe(red);
    expect(paintFor('never', { isTTY: true }, {})('bad', 'broken')).toBe('broken');
    expect(paintFor('always', {}, {})(undefined, 'plain')).toBe('plain');
  });

  it.each([
    ['auto', []],
    ['always', ['--color=always']],
    ['always', ['net', 'list', '--color', 'always']],
    ['never', ['--color=always', '--no-color']],
    ['auto', ['--color=purple']],
  ])('are %s for the words %j', (mode, argv) => {
    expect(colorIn(argv)).toBe(mode);
  });

  it('mark the labels of an error and its hint, and no text of the user', () => {
    const error = new KvmnetError('NOTFOUND', 'no network x', { hint: 'kvmnet net list' });
    expect(errorText(error, false, (tone, text) => `<${String(tone)}>${text}</>`)).toBe(
      '<error>error:</> no network x\n<hint>hint:</> kvmnet net list\n',
    );
  });
});
