import { describe, expect, it } from '@jest/globals';
import type { OwnedMark } from '../../../../src/apply/journal/entry-file.ts';
import { currentMark, markName, parseMarkName } from '../../../../src/apply/journal/mark.ts';

const id = '00000007-2026-11-29T073100.000Z-42';
const mark = (number: number, owner: number, outcome: OwnedMark['outcome']): OwnedMark => ({
  id,
  number,
  owner,
  outcome,
  begun: 3,
});

describe('the name of a mark', () => {
  it('has all of its contents', () => {
    const name = `${id}.0012.3.undone.mark`;
    expect(parseMarkName(name)).toEqual({ id, number: 12, begun: 3, outcome: 'undone' });
    expect(markName(mark(12, 0, 'undone'))).toBe(name);
    expect(parseMarkName(markName(mark(123_456, 0, 'done')))?.number).toBe(123_456);
  });

  it.each([
    `${id}.3.undone.json`,
    `${id}.12.3.undone.mark`,
    `${id}.0012.3.constructor.mark`,
    `${id}.0012.3.undone.mark.new`,
    `.0012.3.undone.mark`,
    `../${id}.x.3.undone.mark`,
  ])('is not %s', (name) => {
    expect(parseMarkName(name)).toBeUndefined();
  });
});

describe('the state of an entry', () => {
  it('comes from its own file if it has no marks', () => {
    expect(currentMark([], false)).toBeUndefined();
  });

  it('comes from the mark with the highest number, whichever user wrote it and whatever the order', () => {
    const marks = [mark(2, 1000, 'done'), mark(10, 1001, 'undone'), mark(9, 0, 'done')];
    expect(currentMark(marks, false)).toBe(marks[1]);
    expect(currentMark(marks.toReversed(), false)).toBe(marks[1]);
  });

  it('can be set only by root if only root can undo the entry', () => {
    expect(currentMark([mark(1, 1000, 'undone')], true)).toBeUndefined();
    const ofRoot = mark(1, 0, 'undone');
    expect(currentMark([ofRoot, mark(2, 1000, 'done')], true)).toBe(ofRoot);
  });
});
