import { describe, expect, it } from '@jest/globals';
import { parseRate } from '../../../src/values/rate.ts';

describe('a rate', () => {
  it.each([
    ['100mbit', 12_500],
    ['1gbit', 125_000],
    ['8kbit', 1],
    ['2.5mbit', 313],
    ['10MB/s', 10_000],
    ['512kB/s', 512],
    ['100MBIT', 12_500],
  ])('%s is %d kilobytes of 1000 bytes a second', (text, kilobytes) => {
    expect(parseRate(text, '--in')).toBe(kilobytes);
  });

  it.each([
    '100',
    'mbit',
    '100 mbit',
    '-1mbit',
    '1e3mbit',
    '100mbps',
    '0mbit',
    '7.9kbit',
    '99999999gbit',
    '1.2345mbit',
    '',
  ])('%j is refused with an example', (text) => {
    expect(() => parseRate(text, '--out')).toThrow(
      expect.objectContaining({
        code: 'INPUT',
        message: expect.stringMatching(/^--out .*: a rate is a number with kbit, mbit, gbit, kB\/s or MB\/s/),
        hint: expect.stringMatching(/--out 100mbit/),
      }),
    );
  });
});
