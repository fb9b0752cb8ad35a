import { describe, expect, it } from '@jest/globals';
import { globMatches } from '../../../src/values/glob.ts';

describe('a pattern of names', () => {
  it.each([
    ['eth*', 'eth0', true],
    ['eth?', 'eth10', false],
    ['e[nt]*', 'en1', true],
    ['e[!n]*', 'en1', false],
    ['eth0.10', 'eth0x10', false],
    ['[', '[', true],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(globMatches(pattern, name)).toBe(expected);
  });
});
