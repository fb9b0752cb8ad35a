/** The code that V8 has compiled for the npm build. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { root, run, type Outcome } from '../helpers/host.ts';

let folder: string;
let bin: string;

/** A copy of the build, which a test may spoil. */
beforeAll(async () => {
  folder = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
  bin = `${folder}/dist/bin`;
  await cp(`${root}dist/bin`, bin, { recursive: true });
  for (const name of ['node_modules', 'templates', 'package.json'])
    await symlink(`${root}${name}`, `${folder}/${name}`);
});
afterAll(() => rm(folder, { recursive: true }));

/** Returns the scripts whose compiled code V8 accepts (`taken`) or rejects (`refused`). */
async function scripts(
  line: string,
): Promise<{ readonly taken: readonly string[]; readonly refused: readonly string[] }> {
  const list = `${folder}/scripts`;
  const args = ['--require', `${root}test/helpers/scripts.cjs`, `${bin}/kvmnet.js`, ...line.split(' ')];
  const outcome = await run(process.execPath, args, { env: { SCRIPTS: list } });
  expect(outcome).toMatchObject({ stdout: 'default\n', stderr: '', status: 0 });
  const rows = (await readFile(list, 'utf8')).trim().split('\n');
  const named = (verdict: string): readonly string[] =>
    rows.filter((row) => row.startsWith(`${verdict} `)).map((row) => row.slice(verdict.length + 1));
  return { taken: named('taken'), refused: named('refused') };
}

const list = '-c test:///default net list -o name';
const compile = (): Promise<Outcome> => run(process.execPath, [`${bin}/compile.js`]);
const compiled = (): string => `${bin}/compiled/${readdirSync(`${bin}/compiled`)[0] ?? ''}`;

it('is taken for every file that a command loads', async () => {
  const found = await scripts(list);
  expect(found.refused).toEqual([]);
  expect(found.taken).toEqual(expect.arrayContaining(['main.js', 'program.js', 'look.js', 'libvirt.js']));
});

it('is rebuilt, and the compiled code of another Node.js or an older build is removed', async () => {
  const present = compiled();
  await rm(present, { recursive: true });
  await mkdir(`${bin}/compiled/other`);
  expect(await compile()).toEqual({ stdout: '', stderr: '', status: 0 });
  expect(await readdir(`${bin}/compiled`)).toEqual([present.split('/').at(-1)]);
  expect((await scripts(list)).refused).toEqual([]);
  const left = (await readdir(present)).filter((name) => !name.endsWith('.js.bin'));
  expect(left).toEqual([]);
});

it('is refused where it is cut off or foreign, and the command does its work', async () => {
  const whole = await readFile(`${compiled()}/look.js.bin`);
  await writeFile(`${compiled()}/look.js.bin`, whole.subarray(0, whole.length / 2));
  await writeFile(`${compiled()}/program.js.bin`, 'not of V8');
  expect((await scripts(list)).refused.toSorted()).toEqual(['look.js', 'program.js']);
});

it('may be missing: for one file, and for all', async () => {
  await rm(`${compiled()}/look.js.bin`);
  expect((await scripts(list)).taken).not.toContain('look.js');
  await rm(`${bin}/compiled`, { recursive: true });
  expect(await scripts(list)).toEqual({ taken: [], refused: [] });
});

it('is reported in one line where it cannot be written', async () => {
  await writeFile(`${bin}/compiled`, '');
  const { stdout, stderr, status } = await compile();
  expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
  expect(stderr).toMatch(/^kvmnet: no compiled code: [^\n]*ENOTDIR[^\n]*\n$/);
  expect(existsSync(`${bin}/compiled/`)).toBe(false);
});
