import { describe, expect, it } from '@jest/globals';
import { Option } from 'commander';
import { readLine } from '../../../../src/cli/complete/line.ts';

const connect = new Option('-c, --connect <URI>');
const quiet = new Option('-q, --quiet');
const yes = new Option('-y, --yes');
const isolated = new Option('--isolated [CIDR]');
const read = (...words: string[]) => readLine(words, [connect, quiet, yes, isolated]);

describe('half a command line', () => {
  it('has its words apart from options and their values, wherever those stand', () => {
    expect(read('-c', 'test:///default', 'net', '--quiet', 'show', '-').positional).toEqual(['net', 'show', '-']);
  });

  it.each([
    [['--connect', 'lxc:///system']],
    [['--connect=lxc:///system']],
    [['-c', 'lxc:///system']],
    [['-clxc:///system']],
    [['-qc', 'lxc:///system']],
  ])('has the value that is written as %j', (words) => {
    const { given, pending, positional } = read(...words);
    expect(given.get(connect)).toBe('lxc:///system');
    expect(pending).toBeUndefined();
    expect(positional).toEqual([]);
  });

  it('has the last of two values', () => {
    expect(read('-c', 'a', '-c', 'b').given.get(connect)).toBe('b');
  });

  it('has all of several short options in one word', () => {
    expect([...read('-qy').given.keys()]).toEqual([quiet, yes]);
  });

  it('waits for a value that must come, also when it looks like an option', () => {
    expect(read('net', '-c').pending).toBe(connect);
    expect(read('-c', '-q').given.get(connect)).toBe('-q');
    expect(read('-c', '-q').given.has(quiet)).toBe(false);
  });

  it('takes no option for the value that may come', () => {
    expect(read('--isolated').pending).toBe(isolated);
    expect(read('--isolated', '10.0.0.0/24', 'x').positional).toEqual(['x']);
    const { given, pending } = read('--isolated', '-q');
    expect(given.get(isolated)).toBeUndefined();
    expect(given.has(quiet)).toBe(true);
    expect(pending).toBeUndefined();
  });

  it('has no options behind --', () => {
    expect(read('--', '-q', '--connect')).toMatchObject({ positional: ['-q', '--connect'], ended: true });
  });

  it('counts an option that it does not know as one without a value', () => {
    expect(read('--bogus', 'net').positional).toEqual(['net']);
  });
});
