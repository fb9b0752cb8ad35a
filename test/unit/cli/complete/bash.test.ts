import { describe, expect, it } from '@jest/globals';
import { bashReplies } from '../../../../src/cli/complete/bash.ts';

/** As bash has it. */
const breaks = ' \t\n"\'@><=;|&(:';
const replies = (typed: string, ...words: string[]) =>
  bashReplies(
    typed,
    words.map((word) => ({ word })),
    breaks,
  );

describe('what bash gets', () => {
  it('is the whole word where nothing breaks it', () => {
    expect(replies('ke', 'keennet')).toEqual(['keennet']);
  });

  it('begins behind the last break, which bash leaves on the line', () => {
    expect(replies('52:54:0', '52:54:00:00:00:01')).toEqual(['00:00:00:01']);
    expect(replies('--model=', '--model=virtio', '--model=e1000')).toEqual(['virtio', 'e1000']);
    expect(replies('test:///', 'test:///default')).toEqual(['///default']);
  });

  it('is the whole word if bash was configured not to break it', () => {
    expect(bashReplies('52:5', [{ word: '52:54:00' }], ' \t\n')).toEqual(['52:54:00']);
  });

  it('is escaped, unless a quote is open', () => {
    expect(replies('my', 'my vm')).toEqual(['my\\ vm']);
    expect(replies('my\\ v', 'my vm')).toEqual(['my\\ vm']);
    expect(replies('"my v', 'my vm')).toEqual(['my vm']);
    expect(replies("--title='a", '--title=a b')).toEqual(['a b']);
  });
});
