// npm packages of package-lock.json that npm does not install here because they are for another architecture, such as koffi's native half for
// arm64. `node .ci/foreign.mjs NAME...` fetches them beforehand, as .ci/setup does: builds and tests then need no network.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = `${root}node_modules/.cache/foreign`;

/**
 * Returns the folder of a package at its locked version: as npm installed it, from the cache, or fetched by npm and unpacked.
 * @param name of a package in package-lock.json: `@koromix/koffi-linux-arm64`
 * @throws Error if the lock does not have it, it cannot be fetched, or it is not what the lock's checksum says
 */
export function fetchLocked(name) {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
  const { version, integrity } = packages[`node_modules/${name}`] ?? {};
  if (!integrity) throw new Error(`package-lock.json has no ${name} with a checksum`);
  const installed = `${root}node_modules/${name}`;
  if (versionIn(installed) === version) return installed;
  const kept = `${cache}/${name.replace('/', '+')}@${version}`;
  if (versionIn(kept) === version) return kept;
  mkdirSync(cache, { recursive: true });
  // Whole under its name, or not there: other builds may look at the same time.
  const fresh = mkdtempSync(`${cache}/new-`);
  try {
    const pack = ['pack', `${name}@${version}`, '--silent', '--prefer-offline', '--pack-destination', fresh];
    execFileSync('npm', pack, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    const tarball = `${fresh}/${readdirSync(fresh)[0]}`;
    const [algorithm] = integrity.split('-');
    const found = `${algorithm}-${createHash(algorithm).update(readFileSync(tarball)).digest('base64')}`;
    if (found !== integrity) throw new Error(`${name}@${version} is ${found}, and package-lock.json has ${integrity}`);
    execFileSync('tar', ['-xzf', tarball, '-C', fresh, '--no-same-owner']);
    if (!existsSync(kept)) renameSync(`${fresh}/package`, kept);
    return kept;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The version of the package in a folder; undefined if none is there. */
function versionIn(folder) {
  const file = `${folder}/package.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const name of process.argv.slice(2)) fetchLocked(name);
