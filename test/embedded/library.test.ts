import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as library from 'kvmnet';
import ts from 'typescript';
import { kvmnet, root, run } from '../helpers/host.ts';

/** Another library under libvirt's name: it has none of its functions. */
async function someLibrary(): Promise<string> {
  const maps = await readFile('/proc/self/maps', 'utf8');
  const found = /\/\S+\/libm[.-]\S*so\S*/.exec(maps)?.[0];
  if (found === undefined) throw new Error('this process has no libm to borrow');
  return found;
}

describe("a libvirt.so.0 that is not libvirt's", () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
    await symlink(await someLibrary(), `${folder}/libvirt.so.0`);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(['net list', 'net create x --isolated', 'net-list'])('is refused in one sentence: %s', async (line) => {
    const { stdout, stderr, status } = await kvmnet(['-c', 'test:///default', ...line.split(' ')], {
      env: { LD_LIBRARY_PATH: folder },
    });
    expect(stderr).toMatch(
      /^error: the installed libvirt\.so\.0 is not libvirt's library[^\n]*\nhint: kvmnet needs libvirt 6\.0 [^\n]+\n$/,
    );
    expect(stdout.trim()).toBe('');
    expect(status).toBe(line.startsWith('net-') ? 1 : 2);
  });
});

const page = readFileSync(`${root}docs/library.md`, 'utf8');

/** The examples of the page, by the section that each is in. */
const examples = [...page.matchAll(/^```ts\n([^]*?)^```\n\n```text\n([^]*?)^```/gm)].map(
  ({ 1: code = '', 2: output = '', index }) => {
    const section = [...page.slice(0, index).matchAll(/^##+ (.*)$/gm)].at(-1)?.[1] ?? '';
    return { section, code, output };
  },
);

describe('an example of docs/library.md', () => {
  let folder = '';
  const fileOf = (section: string): string => `${folder}/${section.replaceAll(' ', '-')}`;

  beforeAll(async () => {
    folder = await mkdtemp(`${tmpdir()}/kvmnet-library-`);
    await mkdir(`${folder}/node_modules/@types`, { recursive: true });
    await symlink(root, `${folder}/node_modules/kvmnet`);
    await symlink(`${root}node_modules/@types/node`, `${folder}/node_modules/@types/node`);
    for (const { section, code } of examples) await writeFile(`${fileOf(section)}.mts`, code);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('exists for each group of planners', () => {
    const ofLibvirt = ['Networks', 'Restart', 'NICs', 'Domains'];
    const ofTheHost = ['Links of the host', 'Port forwards and source NAT', 'Paths', 'Persist'];
    expect(examples.map(({ section }) => section)).toEqual([
      'Read',
      'XML',
      ...ofLibvirt,
      ...ofTheHost,
      'Reservations',
      'Undo',
      'Health',
      'Lint',
      'Problems of a host',
      'Packet filter',
      'Topology',
      'Capture',
    ]);
    expect(page.match(/^```ts$/gm)).toHaveLength(examples.length);
  });

  it('or the text around it names every planner that the package exports', () => {
    const planners = Object.keys(library).filter((name) => /^plan[A-Z]/.test(name));
    const others = ['apply', 'change', 'guarded', 'history', 'lint', 'observeHealth', 'networkProblems', 'withPersist'];
    expect(planners.length).toBeGreaterThanOrEqual(40);
    expect(Object.keys(library)).toEqual(expect.arrayContaining(others));
    expect([...planners, ...others].filter((name) => !new RegExp(`\\b${name}\\b`).test(page))).toEqual([]);
  });

  it('has the right types, with the options of this project', () => {
    const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path));
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
    const program = ts.createProgram(
      examples.map(({ section }) => `${fileOf(section)}.mts`),
      { ...options, rootDir: '/', noEmit: true, declaration: false },
    );
    const wrong = ts
      .getPreEmitDiagnostics(program)
      .map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
    expect(wrong).toEqual([]);
  });

  it.each(examples)('runs, and prints what the page shows: $section', async ({ section, code, output }) => {
    const module = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
    await writeFile(`${fileOf(section)}.mjs`, ts.transpileModule(code, { compilerOptions: module }).outputText);
    const { stdout, stderr, status } = await run(process.execPath, [`${fileOf(section)}.mjs`]);
    expect({ stdout, stderr, status }).toEqual({ stdout: output, stderr: '', status: 0 });
  });
});
