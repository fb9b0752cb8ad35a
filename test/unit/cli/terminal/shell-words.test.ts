import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KvmnetError } from '../../../../src/errors.ts';
import { escapeWord, splitLine, wordsOf } from '../../../../src/cli/terminal/shell-words.ts';

/** The error that is thrown; a test fails if none is. */
function refusal(text: string, where?: string): KvmnetError {
  try {
    wordsOf(text, where);
  } catch (error) {
    if (error instanceof KvmnetError) return error;
    throw error;
  }
  throw new Error(`${text} was split`);
}

describe('a line of a shell', () => {
  it.each<[line: string, words: string[]]>([
    ['', []],
    ['  \t ', []],
    ['# net list', []],
    ['net list # all of them', ['net', 'list']],
    ['net show a#b', ['net', 'show', 'a#b']],
    ['  net\tlist  ', ['net', 'list']],
    [`--title 'my net' x`, ['--title', 'my net', 'x']],
    [`--title "it's"`, ['--title', "it's"]],
    [`a''b "" c`, ['ab', '', 'c']],
    [`'a'"b"c`, ['abc']],
    [String.raw`my\ net \#1 \\ \"`, ['my net', '#1', '\\', '"']],
    [String.raw`'a\b' "a\b" "a\"b" "a\\b"`, ['a\\b', 'a\\b', 'a"b', 'a\\b']],
    ['$HOME ~ *.xml `id` !x {a,b}', ['$HOME', '~', '*.xml', '`id`', '!x', '{a,b}']],
    [`'a|b' \\; "x>y"`, ['a|b', ';', 'x>y']],
    ['--dns gäste=10.0.0.2', ['--dns', 'gäste=10.0.0.2']],
  ])('%j has the words %j', (line, words) => {
    expect(wordsOf(line)).toEqual(words);
  });

  it.each([
    [`net show "keennet`, '"'],
    [`net show 'keen"net`, "'"],
    [`net show "keen'net\\"`, '"'],
  ])('%s is refused, because its quote is not closed', (line, quote) => {
    const error = refusal(line, 'line 7');
    expect(error.code).toBe('INPUT');
    expect(error.message).toBe(`line 7: the quote ${quote} is not closed`);
  });

  it.each(['net list | wc', 'net list; vm list', 'net xml a >file', 'net define <file', 'net list&'])(
    '%s is refused: what is another program’s to do must not become an argument',
    (line) => {
      expect(refusal(line)).toMatchObject({
        code: 'INPUT',
        message: expect.stringContaining('pipes, redirections and command lists are not supported'),
      });
    },
  );

  it('that ends in a backslash is refused where no other follows', () => {
    expect(refusal('net list \\')).toMatchObject({ code: 'INPUT', message: expect.stringContaining('backslash') });
  });

  it('has the start of its last word, and its open quote, while it is being typed', () => {
    expect(splitLine(`vm attach "my v`)).toMatchObject({ words: ['vm', 'attach', 'my v'], lastWord: 10, open: '"' });
    expect(splitLine('vm attach ')).toMatchObject({ words: ['vm', 'attach'], lastWord: undefined, open: undefined });
    expect(splitLine('vm att\\')).toMatchObject({ words: ['vm', 'att'], lastWord: 3, open: '\\' });
  });
});

describe('a word that is escaped', () => {
  it('is the same word again, alone and among others', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[^\p{Cc}]+$/u), { minLength: 1 }), (words) => {
        expect(wordsOf(words.map(escapeWord).join(' '))).toEqual(words);
      }),
    );
  });

  it('is left as it is where it has nothing to escape', () => {
    for (const word of ['52:54:00:aa:bb:cc', '--mtu=9000', '10.0.0.0/24', 'eth0,eth1', '~/net.xml']) {
      expect(escapeWord(word)).toBe(word);
    }
  });
});
