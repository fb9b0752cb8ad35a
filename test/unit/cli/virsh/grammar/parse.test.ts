import { describe, expect, it } from '@jest/globals';
import {
  alias,
  common,
  data,
  flag,
  number,
  rest,
  text,
  type VirshOption,
} from '../../../../../src/cli/virsh/grammar/definition.ts';
import { behindVirsh, virshLine } from '../../../../../src/cli/virsh/grammar/line.ts';
import { inVirshOrder } from '../../../../../src/cli/virsh/order.ts';
import { parseVirsh } from '../../../../../src/cli/virsh/grammar/parse.ts';
import { splitVirshLine } from '../../../../../src/cli/virsh/grammar/split.ts';

const options: readonly VirshOption[] = [
  data('network', 'required'),
  text('mac', 'by name, or as the next word'),
  common.xpath,
  number('index', 'a number'),
  flag('config', 'a flag'),
  alias('persistent', 'config'),
];

const parse = (line: string, of = options): Record<string, readonly string[]> =>
  Object.fromEntries(parseVirsh('net-x', of, line.split(' ')).values);

describe("virsh's grammar", () => {
  it.each([
    ['n1', { network: ['n1'] }],
    ['--network n1', { network: ['n1'] }],
    ['--network=n1', { network: ['n1'] }],
    ['--network==', { network: ['='] }],
    ['n1 m1 7', { network: ['n1'], mac: ['m1'], index: ['7'] }],
    ['--mac m1 n1 7', { network: ['n1'], mac: ['m1'], index: ['7'] }],
    ['n1 --index 7 m1', { network: ['n1'], mac: ['m1'], index: ['7'] }],
    ['n1 --xpath //ip m1', { network: ['n1'], xpath: ['//ip'], mac: ['m1'] }],
    ['--config n1', { network: ['n1'], config: [] }],
    ['n1 --persistent', { network: ['n1'], config: [] }],
    ['-- --config', { network: ['--config'] }],
    ['n1 -- --config', { network: ['n1'], mac: ['--config'] }],
    ['--mac --config n1', { network: ['n1'], mac: ['--config'] }],
    ['-x', { network: ['-x'] }],
    ['---', { network: ['---'] }],
  ])('reads %s', (line, values) => {
    expect(parse(line)).toEqual(values);
  });

  it.each([
    ['', 'n1 m1 7 more', '"more" is one word too many'],
    ['', '--config', '<network> is missing'],
    ['', 'n1 --mac', '--mac needs a value'],
    ['', 'n1 --config=yes', '--config takes no value'],
    ['', 'n1 --config --config', '--config is given twice'],
    ['', 'n1 --config --persistent', '--config is given twice'],
    ['', 'n1 --network n2', '--network is given twice'],
  ])('refuses %s%s: %s', (_, line, message) => {
    expect(() => parse(line)).toThrow(`net-x: ${message}`);
  });

  it('suggests the nearest option for one that does not exist', () => {
    expect(() => parse('n1 --confg')).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: 'net-x has no option --confg',
        hint: expect.stringContaining('--config'),
      }),
    );
  });

  it('gives all further words to an option that takes the rest', () => {
    expect(parse('n1 a --config b', [data('network', ''), flag('config', ''), rest('words', '')])).toEqual({
      network: ['n1'],
      words: ['a', 'b'],
      config: [],
    });
  });

  it.each([
    ['n1 --json', { json: true }],
    ['--timeout 5 n1', { timeout: '5' }],
    ['n1 -o json -q', { output: 'json', quiet: true }],
    ['n1 --connect=test:///default', { connect: 'test:///default' }],
    ['n1 -- -q', {}],
    ['n1 --mac -q', {}],
  ])("parses kvmnet's global options in %s", (line, globals) => {
    const parsed = parseVirsh('net-x', options, line.split(' '));
    expect(parsed.globals).toEqual(globals);
    expect(parsed.values.get('network')).toEqual(['n1']);
  });

  it('leaves a global option to the command that has one of its name', () => {
    const parsed = parseVirsh('net-event', [number('timeout', '')], ['--timeout', '5']);
    expect(parsed.globals).toEqual({});
    expect(parsed.values.get('timeout')).toEqual(['5']);
  });
});

describe("virsh's lines", () => {
  it.each([
    ['net-list', [['net-list']]],
    ['  net-list   --all ', [['net-list', '--all']]],
    ['net-list;net-info a', [['net-list'], ['net-info', 'a']]],
    ['net-list\nnet-info a\n', [['net-list'], ['net-info', 'a']]],
    [';; net-list ;', [['net-list']]],
    ["net-info 'a b'", [['net-info', 'a b']]],
    ['net-info "a b"c', [['net-info', 'a bc']]],
    ['net-info "a\\"b"', [['net-info', 'a"b']]],
    ["net-info 'a\\b'", [['net-info', 'a\\b']]],
    ['net-info a\\ b', [['net-info', 'a b']]],
    ['net-info a\\\nb', [['net-info', 'ab']]],
    ["net-info ''", [['net-info', '']]],
    ["net-info 'a", [['net-info', 'a']]],
    ['net-list # all; net-info a', [['net-list']]],
    ['# nothing\nnet-list', [['net-list']]],
    ['net-info a#b', [['net-info', 'a#b']]],
    ['', []],
  ])('are split: %j', (line, commands) => {
    expect(splitVirshLine(line)).toEqual(commands);
  });

  it.each(['net-info "a', 'net-info a\\'])('are refused where they do not end: %s', (line) => {
    expect(() => splitVirshLine(line)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  const names = new Set(['net-list', 'net-info']);

  it.each([
    [['net-list'], { globals: {}, words: ['net-list'] }],
    [['-q', 'net-list', '--all'], { globals: { quiet: true }, words: ['net-list', '--all'] }],
    [['-rq', 'net-list'], { globals: { readonly: true, quiet: true }, words: ['net-list'] }],
    [['-cqemu:///x', 'net-list'], { globals: { connect: 'qemu:///x' }, words: ['net-list'] }],
    [['-qc', 'qemu:///x', 'net-list'], { globals: { quiet: true, connect: 'qemu:///x' }, words: ['net-list'] }],
    [['--connect=u', 'net-list'], { globals: { connect: 'u' }, words: ['net-list'] }],
    [['-d', '0', '-k', '5', 'net-list'], { globals: { debug: '0', 'keepalive-interval': '5' }, words: ['net-list'] }],
    [['virsh', 'net-list'], undefined],
    [[' net-list; net-info a'], { globals: {}, words: [' net-list; net-info a'] }],
    [['net', 'list'], undefined],
    [['vm', 'net-list'], undefined],
    [['net-lists'], undefined],
    [['net-list --all', 'x'], undefined],
    [['--bogus', 'net-list'], undefined],
    [['-z', 'net-list'], undefined],
    [['-c'], undefined],
    [['--help', 'net-list'], undefined],
    [['net-list', '--help'], undefined],
    [['net-info', '--', '--help'], { globals: {}, words: ['net-info', '--', '--help'] }],
    [[], undefined],
  ])("are distinguished from kvmnet's own: %j", (argv, line) => {
    expect(virshLine(argv, names)).toEqual(line);
  });
});

describe('the word virsh', () => {
  it.each([
    [['virsh', 'net-list'], { globals: {}, words: ['net-list'] }],
    [['-q', 'virsh', '-r', 'list'], { globals: { quiet: true }, words: ['-r', 'list'] }],
    [['virsh'], { globals: {}, words: [] }],
    [['net-list', 'virsh'], undefined],
    [['help', 'virsh'], undefined],
  ])('begins a line of virsh: %j', (argv, line) => {
    expect(behindVirsh(argv)).toEqual(line);
  });
});

describe("virsh's order", () => {
  it('takes upper and lower case for one, and compares bytes', () => {
    expect(inVirshOrder(['b', 'A', 'a2', '_', 'Z', 'é', 'ab'], (name) => name)).toEqual([
      '_',
      'A',
      'a2',
      'ab',
      'b',
      'Z',
      'é',
    ]);
  });

  it('keeps the order of equals', () => {
    expect(inVirshOrder(['b', 'A', 'a', 'B'], (name) => name)).toEqual(['A', 'a', 'b', 'B']);
  });
});
