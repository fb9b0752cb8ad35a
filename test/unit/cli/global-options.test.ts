import { describe, expect, it } from '@jest/globals';
import { givenIn, globalOptions, globalRows, globalWords } from '../../../src/cli/global-options.ts';
import { buildProgram } from '../../../src/cli/tree.ts';
import { takeGlobal, type RawGlobals } from '../../../src/cli/virsh/grammar/globals.ts';
import { readStrictGlobals } from '../../../src/cli/virsh/grammar/strict-globals.ts';

/** As commander reads them. */
function typed(...words: readonly string[]) {
  const quiet = { write: () => undefined };
  const program = buildProgram({ stdout: quiet, stderr: quiet }, () => undefined, []);
  program.parseOptions([...words]);
  return globalOptions(givenIn(program.opts()));
}

const plain = typed('-c', 'test:///default');

describe('an option of every command', () => {
  it('means nothing where it is not typed', () => {
    const fallbacks = globalRows.flatMap((row) => ('fallback' in row ? [[row.field, row.fallback()]] : []));
    expect(plain).toEqual({ ...Object.fromEntries(fallbacks), uri: 'test:///default' });
    expect(plain).toMatchObject({
      ...{ uri: 'test:///default', format: 'table', columns: undefined, quiet: false, readOnly: false, dryRun: false },
      ...{ yes: false, timeout: undefined, verbose: false, color: 'auto', pager: true },
    });
  });

  it.each<[line: string, options: Partial<typeof plain>]>([
    ['--json', { format: 'json' }],
    ['-o yaml', { format: 'yaml' }],
    ['-o yaml --json', { format: 'json' }],
    ['--columns NIC,IP', { columns: ['NIC', 'IP'] }],
    ['-q -r --dry-run -y -v', { quiet: true, readOnly: true, dryRun: true, yes: true, verbose: true }],
    ['--timeout 0.5', { timeout: 500 }],
    ['--color always', { color: 'always' }],
    ['--no-color', { color: 'never' }],
    ['--color always --no-color', { color: 'never' }],
    ['--no-pager', { pager: false }],
  ])('is read: %s', (line, options) => {
    expect(typed('-c', 'test:///default', ...line.split(' '))).toEqual({ ...plain, ...options });
  });

  it('is handed on to the lines of a shell, but for the pager', () => {
    const all = '-c lxc:/// -o name --columns A,B -q -r --dry-run -y --timeout 7 -v --color always'.split(' ');
    expect(typed(...globalWords(typed(...all)))).toEqual(typed(...all));
    expect(globalWords(plain)).toEqual(['--connect', 'test:///default']);
  });

  it.each(globalRows.filter(({ isScreen }) => !isScreen).map(({ long, takesValue }) => [long, takesValue] as const))(
    'is read by virsh’s grammars too: --%s',
    (long, takesValue) => {
      const globals: RawGlobals = {};
      const words = [`--${long}`, ...(takesValue ? ['7'] : []), 'list'];
      expect(takeGlobal(words, globals)).toEqual(['list']);
      expect(globals).toEqual({ [long]: takesValue ? '7' : true });
      expect(readStrictGlobals(words)).toMatchObject({ globals, words: ['list'] });
    },
  );

  it.each<[line: string, code: string, message: string]>([
    ['--timeout 0', 'INPUT', '--timeout "0" is not a number of seconds'],
    ['--timeout 5s', 'INPUT', '--timeout "5s" is not a number of seconds'],
  ])('is refused: %s', (line, code, message) => {
    expect(() => typed(...line.split(' '))).toThrow(expect.objectContaining({ code, message }));
  });

  it('that is a format is refused by name where virsh’s grammar has read it', () => {
    expect(() => globalOptions({ output: 'xml' })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: '-o xml is not a format' }),
    );
  });
});
