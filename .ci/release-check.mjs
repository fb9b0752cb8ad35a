// `npm run release:check`: builds everything that is published, checks that it belongs together, and prints it with sizes and checksums.
// Exit status 1 with the reasons, if it is not ready.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { changelogProblems } from './changelog.mjs';
import { bundledPackages } from './copyright.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}dist/packages`;
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const run = (program, args) =>
  execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

rmSync(folder, { recursive: true, force: true });
run('node', ['.ci/packages.mjs']);
run('npm', ['pack', '--silent', '--pack-destination', folder]);

const programs = readdirSync(`${root}dist/binary`).filter((name) => name.startsWith('kvmnet-linux-'));
const problems = [
  ...versionProblems(),
  ...readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .flatMap(debProblems),
];
for (const path of [
  ...readdirSync(folder).map((name) => `packages/${name}`),
  ...programs.map((name) => `binary/${name}`),
]) {
  const file = `${root}dist/${path}`;
  const sum = createHash('sha256').update(readFileSync(file)).digest('hex');
  console.log(`${sum}  ${String(statSync(file).size).padStart(11)}  dist/${path}`);
}
for (const problem of problems) console.error(`not ready: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** Where the version is named, it is the same, and CHANGELOG.md has it as the newest. */
function versionProblems() {
  const own = programs.filter((name) => name === `kvmnet-linux-${process.arch}`);
  const named = [
    ['dist/bin/kvmnet.js', run('node', ['dist/bin/kvmnet.js', '--version'])],
    ...own.map((name) => [`dist/binary/${name}`, run(`${root}dist/binary/${name}`, ['--version'])]),
  ];
  const wrong = named.filter(([, text]) => !text.startsWith(`kvmnet ${version}\n`));
  return [
    ...wrong.map(([file, text]) => `${file} is ${text.split('\n')[0]}, package.json has ${version}`),
    ...changelogProblems(version),
  ];
}

/** What is inside has its license in the copyright file that a package really has; that the license is allowed was checked when it was built. */
function debProblems(name) {
  const [, binary] = /^([^_]+)_/.exec(name) ?? [];
  const show = `dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/share/doc/$2/copyright"`;
  const copyright = run('sh', ['-c', show, 'sh', `${folder}/${name}`, binary]);
  const missing = bundledPackages().filter((each) => !copyright.includes(`\nFiles: node_modules/${each}/*\n`));
  return missing.map((each) => `${name}: its copyright file has no ${each}`);
}
