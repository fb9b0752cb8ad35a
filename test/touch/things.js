/**
 * One throw-away thing of each kind that kvmnet often gets, as the edits that add it: a file of the project -> what becomes of its text.
 * `proof` is a test that passes only if the thing works. `noticing` are the test files that fail where a file is forgotten, and `named` the
 * names of their tests.
 */

/** Adds text after the line that has `anchor`, which is in the file once. */
const after = (anchor, added) => (text) => {
  const lines = text.split('\n');
  const found = lines.flatMap((line, index) => (line.includes(anchor) ? [index] : []));
  if (found.length !== 1) throw new Error(`the anchor is in the file ${found.length} times: ${anchor}`);
  return lines.toSpliced(found[0] + 1, 0, added).join('\n');
};

/** Adds a row below another one of a table, in columns of the same width. */
const rowAfter = (anchor, cells) => (text) => {
  const row = text.split('\n').find((line) => line.startsWith(anchor)) ?? '';
  const widths = row.split('|').slice(1, -1);
  const padded = cells.map((cell, index) => ` ${cell.padEnd((widths[index]?.length ?? 2) - 2)} `);
  return after(anchor, `|${padded.join('|')}|`)(text);
};

const file = (text) => () => text;

/** For proofs: streams to listen to, and a host without names, for completion. */
const streams = `const streams = () => ({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() });
const none = () => Promise.resolve([]);
const names = {
  ...{ networks: none, domains: none, nics: none, bridges: none, links: none, ports: none, trunks: none, namespaces: none },
  ...{ changes: none, forwards: none, sources: none, templates: none, files: none },
};
`;

const command = {
  kind: 'a command',
  noticing: 'unit/docs\\.test|embedded/processes\\.test',
  named: 'a row with its line of help|has a line for every command',
  edits: {
    'src/cli/commands/host/uri.ts': file(`import type { CommandDefinition } from '../../command.ts';

export const command: CommandDefinition = {
  options: [{ flags: '--part <PART>', description: 'Print one part of the URI', completes: ['driver', 'path'] }],
  examples: [['host uri --part driver', 'Print the driver alone']],
  run(context, _args, { part }) {
    const { protocol, pathname } = new URL(context.options.uri);
    const parts = new Map([
      ['driver', protocol.slice(0, -1)],
      ['path', pathname],
    ]);
    const text = parts.get(typeof part === 'string' ? part : '') ?? context.options.uri;
    return Promise.resolve({ value: { uri: text }, text });
  },
};
`),
    'src/cli/registry.ts': after(
      `entry('host show',`,
      `  entry('host uri', 'Print the libvirt URI of the host', () => import('./commands/host/uri.ts')),`,
    ),
    'README.md': rowAfter('| `host show`', ['`host uri`', 'Print the libvirt URI of the host']),
    'test/embedded/processes.test.ts': after(`'host show',`, `  'host uri',`),
  },
  proof: `import { PassThrough } from 'node:stream';
import { complete } from '../../../src/cli/complete/complete.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { Session } from '../../../src/cli/session.ts';

${streams}
async function answer(...words: readonly string[]): Promise<string> {
  const { stdin, stdout, stderr } = streams();
  expect(await runProgram(words, { stdin, stdout, stderr }, new Session())).toBe(0);
  expect(stderr.read()).toBeNull();
  return String(stdout.read());
}

async function completed(...words: readonly string[]): Promise<readonly string[]> {
  const found = await complete(words, streams(), () => names);
  return found.map(({ word }) => word);
}

describe('a throw-away command', () => {
  it('answers', async () => {
    expect(await answer('-c', 'test:///default', 'host', 'uri')).toBe('test:///default\\n');
    expect(await answer('-c', 'test:///default', 'host', 'uri', '--part', 'driver')).toBe('test\\n');
    expect(JSON.parse(await answer('-c', 'test:///default', 'host', 'uri', '--json'))).toEqual({
      uri: 'test:///default',
    });
  });

  it('has help', async () => {
    expect(await answer('help', 'host')).toMatch(/ uri .* Print the libvirt URI of the host/);
    expect(await answer('help', 'host', 'uri')).toContain('kvmnet host uri --part driver   Print the driver alone');
  });

  it('is completed', async () => {
    expect(await completed('host', 'u')).toEqual(['uri']);
    expect(await completed('host', 'uri', '--p')).toEqual(['--part']);
    expect(await completed('host', 'uri', '--part', '')).toEqual(['driver', 'path']);
  });
});
`,
};

const attribute = {
  kind: 'an attribute of XML',
  noticing: 'unit/xml/round-trip\\.test',
  named: 'no network property that no fixture exercises',
  edits: {
    'src/xml/network.ts': after('stp: attribute(onOff),', '    quiet: attribute(yesNo),'),
    'fixtures/xml/network/since-99.0-quiet.xml': file(`<network>
  <name>quiet</name>
  <uuid>81ff0d90-c91e-6742-64da-4a736edb9a18</uuid>
  <bridge name='quietbr0' stp='on' quiet='yes' delay='0'/>
</network>
`),
  },
  proof: `import { buildNetwork } from '../../../src/xml/build.ts';
import { parseNetwork } from '../../../src/xml/network.ts';

describe('a throw-away attribute', () => {
  it('survives a round trip as a typed value', () => {
    const read = parseNetwork("<network><name>a</name><bridge name='b0' quiet='yes'/></network>");
    const quiet: boolean | undefined = read.bridge?.quiet;
    expect(quiet).toBe(true);
    const written = buildNetwork({ name: 'b', bridge: { name: 'b0', quiet: false, stp: true } });
    expect(written).toMatch(/<bridge name=.b0. stp=.on. quiet=.no.\\/>/);
    expect(parseNetwork(written).bridge).toMatchObject({ name: 'b0', quiet: false, stp: true });
  });
});
`,
};

const action = {
  kind: 'a kind of action',
  noticing: 'unit/apply/journal/golden\\.test',
  named: 'a journal',
  edits: {
    'src/plan/action.ts': after(
      `readonly call: 'hostSetMaster';`,
      `  | ({ readonly call: 'hostEmptyFile' } & FilePlace)`,
    ),
    'src/plan/actions/host.ts': after(
      'export const hostActions',
      `  hostEmptyFile: {
    fields: { path: 'string' },
    changes: ['content'],
    isWithoutLibvirt: true,
    expects: ({ call: _call, ...place }) => ({ expect: 'file', ...place, text: '' }),
    shows: ({ path }) => \`truncate --size 0 \${path}\`,
  },`,
    ),
    'src/apply/actions/host.ts': after(
      'export const hostActions',
      `  hostEmptyFile: {
    target: noTarget,
    perform: ({ uri }, { call: _call, ...place }) =>
      writeConfigFile({ ...place, text: '', mode: 0o644 }, { on: hostTarget(uri) }),
  },`,
    ),
  },
  proof: `import { readFileSync, writeFileSync } from 'node:fs';
import { history } from '../../../src/apply/journal/journal.ts';
import { planText } from '../../../src/cli/views/plan.ts';
import type { Action, Step } from '../../../src/plan/step.ts';
import { MemoryDriver } from '../apply/driver.ts';
import { failureOf, outcomes, ownDirectories, planOf, run, steps, undoEntry } from '../apply/material.ts';

const directory = ownDirectories();
const text = 'auto lo\\n';

describe('a throw-away kind of action', () => {
  const file = (): string => \`\${directory()}/interfaces\`;
  const empty = (): Action => ({ call: 'hostEmptyFile', path: file() });
  const fill = (): Action => ({ call: 'hostWriteFile', path: file(), text, mode: 0o644 });
  const content = (): string => readFileSync(file(), 'utf8');
  const emptied = (): Step => ({
    title: 'empty the file',
    do: empty(),
    undo: [fill()],
    verify: { expect: 'file', path: file(), text: '' },
  });

  it('is applied, and undone later', async () => {
    writeFileSync(file(), text);
    const driver = new MemoryDriver();
    await run(driver, planOf('empty', [emptied()]));
    expect(content()).toBe('');
    await undoEntry(driver, history(driver.uri)[0]!);
    expect(content()).toBe(text);
    await undoEntry(driver, history(driver.uri)[0]!);
    expect(content()).toBe('');
    expect(outcomes(driver)).toEqual(['redo "empty": done', 'undo "empty": undone', 'empty: done']);
  });

  it('undoes a step of a change that fails', async () => {
    writeFileSync(file(), '');
    const driver = new MemoryDriver();
    const filled: Step = { ...emptied(), do: fill(), undo: [empty()], verify: { expect: 'file', path: file(), text } };
    driver.fail(1, 'refused');
    await failureOf(run(driver, planOf('fill', [filled, steps[0]!])));
    expect(content()).toBe('');
    expect(outcomes(driver)).toEqual(['fill: undone']);
  });

  it('is shown', () => {
    expect(planText(planOf('empty', [emptied()]))).toContain(\`truncate --size 0 \${file()}\`);
  });
});
`,
};

const option = {
  kind: 'an option of every command',
  noticing: 'unit/cli/global-options\\.test',
  named: 'an option of every command',
  edits: {
    'src/cli/global-options.ts': after(`flag('quiet',`, `  flag('silent', '--silent', 'Suppress warnings'),`),
    'src/cli/context.ts': after('warn(warnings: readonly string[]): void {', '    if (this.options.silent) return;'),
  },
  proof: `import { PassThrough } from 'node:stream';
import { complete } from '../../../src/cli/complete/complete.ts';
import { Context } from '../../../src/cli/context.ts';
import { globalOptions, globalWords, type GivenGlobals } from '../../../src/cli/global-options.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { Session } from '../../../src/cli/session.ts';

${streams}
function warned(given: GivenGlobals): string {
  const around = streams();
  const program = { run: runProgram, pathOf: () => undefined, complete };
  const options = globalOptions({ connect: 'test:///default', ...given });
  new Context(options, { streams: around, session: new Session(), program }, '').warn(['look out']);
  return String(around.stderr.read());
}

describe('a throw-away option of every command', () => {
  it('reaches its effect', () => {
    expect(warned({})).toContain('look out');
    expect(warned({ silent: true })).toBe('null');
  });

  it('has help, and is completed', async () => {
    const around = streams();
    expect(await runProgram(['--help'], around, new Session())).toBe(0);
    expect(String(around.stdout.read())).toMatch(/--silent +Suppress warnings/);
    const found = await complete(['--sil'], streams(), () => names);
    expect(found.map(({ word }) => word)).toEqual(['--silent']);
  });

  it('is handed on to the lines of a shell', () => {
    expect(globalWords(globalOptions({ connect: 'test:///default', silent: true }))).toContain('--silent');
  });
});
`,
};

export const things = [command, attribute, action, option];
