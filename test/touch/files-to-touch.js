/**
 * `npm run files-to-touch [-- --count]`: the files that a new command, XML attribute, kind of action and option of every command take. Adds a
 * throw-away one of each to a copy of the project (things.js), and proves that no file is missing, because the types and all unit tests pass and
 * the thing works, and that none is too many: without any of them the types or a test fail. Prints the table of docs/architecture.md.
 * With --count only the files of the things are checked, by their types: seconds instead of minutes.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { things } from './things.js';
import { Types } from './types.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const isCount = process.argv.includes('--count');
const copied = ['src', 'test', 'fixtures', 'docs', 'templates', '.ci', 'package.json', 'tsconfig.json'];
const documents = ['README.md', 'CHANGELOG.md', 'LICENSE'];

const folder = `${mkdtempSync(`${tmpdir()}/kvmnet-touch-`)}/`;
process.once('exit', () => rmSync(folder, { recursive: true }));

/** The files as they are without the things; empty where there is none. */
const plain = new Map(
  things
    .flatMap(({ edits }) => Object.keys(edits))
    .map((file) => [file, existsSync(root + file) ? readFileSync(root + file, 'utf8') : '']),
);

/** Writes a file of the copy; an empty one is removed. */
function put(file, text) {
  mkdirSync(dirname(folder + file), { recursive: true });
  if (text === '') rmSync(folder + file);
  else writeFileSync(folder + file, text);
}

const add = (file, edit) => put(file, edit(plain.get(file)));
const forget = (file) => put(file, plain.get(file));

function tell(line) {
  process.stderr.write(`${line}\n`);
}

function fail(sentence, lines) {
  tell([sentence, ...lines].join('\n'));
  process.exit(1);
}

/** Runs tests of the copy; returns what jest printed if one failed. */
function failedTests(...args) {
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
  const options = ['--config', '.ci/jest.config.js', '--passWithNoTests', '--selectProjects'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...jest, ...args, ...options, 'unit', 'embedded'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === 0 && !/Tests: .*\d+ passed/.test(stderr)) fail('no test ran', [stdout, stderr]);
  return status === 0 ? undefined : stderr;
}

const proofOf = ({ kind }) => `test/unit/throw-away/${kind.replaceAll(' ', '-')}.test.ts`;

for (const name of [...copied, ...documents])
  cpSync(root + name, folder + name, { recursive: true, verbatimSymlinks: true });
// It would count again.
rmSync(`${folder}test/unit/files-to-touch.test.ts`);
// Tests of the build import types from there.
for (const name of ['node_modules', 'dist']) symlinkSync(root + name, folder + name);
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;

for (const thing of things) {
  for (const [file, edit] of Object.entries(thing.edits)) add(file, edit);
  put(proofOf(thing), `import { describe, expect, it } from '@jest/globals';\n${thing.proof}`);
}
const code = things
  .flatMap((thing) => [proofOf(thing), ...Object.keys(thing.edits)])
  .filter((file) => file.endsWith('.ts'));
const types = new Types(folder, isCount ? code : undefined);
const errors = types.errors(folder, isCount ? code : undefined);
if (errors.length > 0) fail('the types of the copy are wrong:', errors);

if (!isCount) {
  tell(`${seconds()}: the types are right with all of them`);
  const failed = failedTests(
    'test/unit/|embedded/processes',
    '-t',
    '^(?!a command line prints the same)|every command$',
  );
  if (failed !== undefined) fail('with all of them a test fails:', [failed]);
  tell(`${seconds()}: the unit tests pass with all of them, and each works`);
  for (const thing of things) for (const [file, edit] of Object.entries(thing.edits)) proveNeed(thing, file, edit);
}

/** Fails unless something notices that a file was forgotten. */
function proveNeed(thing, file, edit) {
  forget(file);
  const [error] = types.errors(folder);
  const proof = proofOf(thing);
  const named = `${thing.named}|throw-away`;
  const notices =
    error ??
    failedTests(`${thing.noticing}|${proof}`, '-t', named)
      ?.match(/^.*● (?!Console).*$/m)?.[0]
      .trim();
  if (notices === undefined) fail(`nothing notices that ${thing.kind} has no ${file}`, []);
  tell(`${seconds()}: without ${file}: ${notices}`);
  add(file, edit);
}

const rows = things.map(({ kind, edits }) => {
  const names = Object.keys(edits);
  return [kind, String(names.length), names.map((name) => `\`${name}\``).join(', ')];
});
console.log(
  [['new', 'files', 'which'], ['---', '---:', '---'], ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n'),
);
