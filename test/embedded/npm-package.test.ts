/** The package for npm, installed where nothing of this project is. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { must, root, run } from '../helpers/host.ts';

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly os?: readonly string[] }>>;
}

let folder: string;
let packed: Packed;

/** Installs as npm does, without its network: the unpacked package, next to it the packages of the lock, and a link to its program. */
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
  [packed] = JSON.parse(await must('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root })) as [Packed];
  const modules = `${folder}/node_modules`;
  await mkdir(`${modules}/.bin`, { recursive: true });
  await must('tar', ['-xzf', `${folder}/${packed.filename}`, '-C', folder]);
  await must('mv', [`${folder}/package`, `${modules}/kvmnet`]);
  const { packages } = JSON.parse(await readFile(`${root}package-lock.json`, 'utf8')) as Lock;
  for (const [path, { dev = false, os }] of Object.entries(packages)) {
    if (path === '' || dev || (os !== undefined && !path.endsWith(`-linux-${process.arch}`))) continue;
    await mkdir(dirname(`${folder}/${path}`), { recursive: true });
    await symlink(`${root}${path}`, `${folder}/${path}`);
  }
  const manifest = JSON.parse(await readFile(`${modules}/kvmnet/package.json`, 'utf8')) as { bin: { kvmnet: string } };
  await symlink(`../kvmnet/${manifest.bin.kvmnet}`, `${modules}/.bin/kvmnet`);
  await writeFile(`${folder}/package.json`, '{ "type": "module", "private": true }');
});
afterAll(() => rm(folder, { recursive: true }));

it('has what is run and read, and nothing of development', () => {
  const paths = packed.files.map(({ path }) => path);
  const wanted =
    /^(dist\/(?!cli\/|binary\/|packages\/).*\.(js|d\.ts)|dist\/bin\/package\.json|templates\/.*|docs\/.*|(README|CHANGELOG)\.md|LICENSE|package\.json)$/;
  expect(paths.filter((path) => !wanted.test(path))).toEqual([]);
  expect(paths).toEqual(
    expect.arrayContaining(['dist/bin/kvmnet.js', 'dist/index.js', 'templates/networks/default.xml']),
  );
});

it('runs by npx', async () => {
  const printed = await run(
    'npx',
    ['--offline', '--', 'kvmnet', '-c', 'test:///default', 'net', 'list', '-o', 'name'],
    { cwd: folder },
  );
  expect(printed).toEqual({ stdout: 'default\n', stderr: '', status: 0 });
});

it('is a library', async () => {
  const program = `import { connect } from 'kvmnet'; const c = await connect('test:///default'); console.log(typeof c); await c.close();`;
  expect(await run('node', ['--input-type=module', '--eval', program], { cwd: folder })).toEqual({
    stdout: 'object\n',
    stderr: '',
    status: 0,
  });
});
