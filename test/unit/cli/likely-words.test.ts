import { describe, expect, it } from '@jest/globals';
import { registry } from '../../../src/cli/registry.ts';
import { changingWords } from '../../../src/cli/usage/likely-words.ts';

describe('the words by which a change is expected', () => {
  const names = new Set(registry.map(({ path }) => path.at(-1)));

  it.each(changingWords)('%s is the name of a command', (word) => {
    expect(names).toContain(word);
  });
});
