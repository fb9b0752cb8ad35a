import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { isLong, pagerCommand } from '../../../../src/cli/output/pager.ts';

const screen = (rows: number, columns = 80, isTTY = true) => Object.assign(new PassThrough(), { isTTY, rows, columns });

describe('the pager', () => {
  it("is kvmnet's own, else the user's, else less", () => {
    expect(pagerCommand({})).toEqual(['less']);
    expect(pagerCommand({ PAGER: 'more -s' })).toEqual(['more', '-s']);
    expect(pagerCommand({ PAGER: 'more', KVMNET_PAGER: 'less -S' })).toEqual(['less', '-S']);
  });

  it('is none where the user wants none', () => {
    expect(pagerCommand({ PAGER: '' })).toBeUndefined();
    expect(pagerCommand({ PAGER: 'more', KVMNET_PAGER: 'cat' })).toBeUndefined();
  });

  it('is for what leaves no line for the prompt, with the lines that wrap', () => {
    expect(isLong('1\n2\n', screen(3))).toBe(false);
    expect(isLong('1\n2\n3\n', screen(3))).toBe(true);
    expect(isLong('x'.repeat(170), screen(3))).toBe(true);
    expect(isLong('x'.repeat(160), screen(3))).toBe(false);
  });

  it('is for a terminal that reports its size', () => {
    expect(isLong('1\n2\n3\n', screen(3, 80, false))).toBe(false);
    expect(isLong('1\n2\n3\n', screen(0, 0))).toBe(false);
  });
});
