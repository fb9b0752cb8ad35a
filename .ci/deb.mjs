// A Debian package from a table of files, by dpkg-deb. Two packages of one table are equal.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';

/**
 * Writes files below a folder, with their modes and one date.
 * @param files by path: `{ data, mode }`, or `{ link }` with the target of a symbolic link
 */
export function writeTree(folder, files, date) {
  for (const [path, { data, mode = 0o644, link }] of Object.entries(files)) {
    const file = `${folder}/${path}`;
    mkdirSync(dirname(file), { recursive: true });
    if (link !== undefined) symlinkSync(link, file);
    else {
      writeFileSync(file, data);
      chmodSync(file, mode);
      utimesSync(file, date, date);
    }
  }
  for (const path of foldersOf(files)) chmodSync(`${folder}/${path}`, 0o755);
}

/** All folders of a table of files. */
function foldersOf(files) {
  const parts = Object.keys(files).map((path) => path.split('/'));
  return new Set(parts.flatMap((names) => names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'))));
}

/**
 * Writes a package.
 * @param fields of the control file; Installed-Size is added
 * @param scripts of the maintainer, by name
 * @param triggers that the package is interested in
 * @param compression dpkg-deb's options for it
 */
export function buildDeb(file, { fields, files, scripts = {}, triggers, date, compression = [] }) {
  const folder = mkdtempSync(`${tmpdir()}/kvmnet-deb-`);
  try {
    const sums = Object.entries(files).flatMap(([path, { data }]) =>
      data === undefined ? [] : [`${createHash('md5').update(data).digest('hex')}  ${path}\n`],
    );
    const control = { ...fields, 'Installed-Size': installedSize(files) };
    const lines = Object.entries(control).map(([name, value]) => `${name}: ${value}\n`);
    const maintainers = Object.entries(scripts).map(([name, data]) => [`DEBIAN/${name}`, { data, mode: 0o755 }]);
    writeTree(
      folder,
      {
        ...files,
        'DEBIAN/control': { data: lines.join('') },
        'DEBIAN/md5sums': { data: sums.join('') },
        ...Object.fromEntries(maintainers),
        ...(triggers === undefined ? {} : { 'DEBIAN/triggers': { data: triggers } }),
      },
      date,
    );
    chmodSync(folder, 0o755);
    mkdirSync(dirname(file), { recursive: true });
    execFileSync(
      'dpkg-deb',
      ['--root-owner-group', '--threads-max=1', ...compression, '--build', folder, file],
      // Later times, also of folders, become this one.
      {
        env: { ...process.env, SOURCE_DATE_EPOCH: String(date.getTime() / 1000) },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** KiB, by deb-substvars(5): files in whole KiB, and one for each other thing. */
function installedSize(files) {
  const sizes = Object.values(files).map(({ data }) =>
    data === undefined ? 1 : Math.ceil(Buffer.byteLength(data) / 1024),
  );
  return sizes.reduce((sum, size) => sum + size, foldersOf(files).size);
}
