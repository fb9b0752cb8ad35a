// The licenses of what is inside kvmnet's packages: Debian's copyright file (DEP-5), and what .ci/release-check.mjs compares with it.
// @see https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Licenses of packages that kvmnet may include, by SPDX's names, with DEP-5's. */
const allowed = {
  MIT: 'Expat',
  ISC: 'ISC',
  'Apache-2.0': 'Apache-2.0',
  'BSD-2-Clause': 'BSD-2-clause',
  'BSD-3-Clause': 'BSD-3-clause',
};

/** What Bun links into an executable. @see https://bun.com/docs/project/license */
const bunParts = {
  'LGPL-2+': 'JavaScriptCore, WebKit',
  'LGPL-2.1': 'tinycc',
  Expat: 'brotli, mimalloc, picohttpparser, c-ares, libdeflate, ls-hpack',
  'Apache-2.0': 'simdutf, uSockets, uWebSockets, highway, parts of TigerBeetle, boringssl',
  'BSD-2-clause': 'libbase64, libarchive',
  'BSD-3-clause': 'lol-html, zstd',
  Zlib: 'zlib (cloudflare and zlib-ng)',
  ICU: 'ICU',
};

/** The packages of which code is in dist/bin, as its source maps have them, and koffi, which is beside it. */
export function bundledPackages() {
  const folder = `${root}dist/bin`;
  const maps = readdirSync(folder).filter((name) => name.endsWith('.map'));
  const sources = maps.flatMap((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')).sources);
  const names = sources.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set([...names, 'koffi'])].sort();
}

/**
 * The license of an installed package.
 * @throws Error if kvmnet may not include a package with it
 */
function licenseOf(name) {
  const folder = `${root}node_modules/${name}`;
  const { license, author } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  if (!Object.hasOwn(allowed, license))
    throw new Error(`${name} has license ${license}; allowed are ${Object.keys(allowed).join(', ')}`);
  return { name, ...texts(folder, author), license: allowed[license] };
}

/** The copyright and the terms in the license file of a folder. */
function texts(folder, author) {
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const lines = file === undefined ? [] : readFileSync(`${folder}/${file}`, 'utf8').replaceAll('\r', '').split('\n');
  const isHolder = (line) => /^\s*copyright\b.*(\(c\)|©|\d{4}|<)/i.test(line);
  const isTitle = (line) => /^\W*(the )?(mit|isc) license\W*(\(mit\))?\W*$/i.test(line);
  const holders = lines.filter(isHolder).map((line) => line.trim().replace(/^copyright\s*(\(c\)|©)?\s*/i, ''));
  const terms = lines.filter((line) => !isHolder(line) && !isTitle(line)).join('\n');
  const name = (typeof author === 'object' ? author.name : author) ?? 'its authors';
  const named = holders.map((holder) => (/[a-z]/i.test(holder) ? holder : `${holder} ${name}`));
  return { holders: named.length > 0 ? named : [name], terms: terms.trim() };
}

/**
 * Returns the text of /usr/share/doc/PACKAGE/copyright.
 * @param packages the names of the npm packages inside
 * @param bun the version of Bun, if the package is its executable
 */
export function copyrightFile(packages, bun) {
  const vendor = `${root}node_modules/koffi/vendor`;
  const inside = packages.map(licenseOf);
  const native = existsSync(vendor) ? readdirSync(vendor) : [];
  const parts = native.map((name) => ({
    name: `koffi/vendor/${name}`,
    ...texts(`${vendor}/${name}`),
    license: 'Expat',
  }));
  const all = [...inside, ...parts];
  const stanzas = all.map(({ name, holders, license }) => stanza(`node_modules/${name}/*`, holders, license));
  return [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: kvmnet\n' +
      'Comment: Paths refer to the source; the npm packages are inside the files of kvmnet.',
    stanza('*', ['2026 the authors of kvmnet'], 'Apache-2.0'),
    ...stanzas,
    ...(bun === undefined ? [] : bunStanzas(bun)),
    ...[...textsOf(all)].map(([name, terms]) => `License: ${name}\n${indented(terms)}`),
    common('Apache-2.0', 'Apache-2.0'),
    ...(bun === undefined ? [] : [common('LGPL-2+', 'LGPL-2'), common('LGPL-2.1', 'LGPL-2.1')]),
    '',
  ].join('\n\n');
}

const stanza = (files, holders, license) =>
  `Files: ${files}\nCopyright: ${holders.join('\n           ')}\nLicense: ${license}`;

/**
 * The text of each license. Spaces, case and punctuation make no difference; a package without a text has the others' one.
 * @throws Error if a package has another text for its license
 */
function textsOf(packages) {
  const words = (text) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, ' ');
  const known = new Map();
  for (const { name, license, terms } of packages) {
    if (terms === '' || license === 'Apache-2.0') continue;
    const first = known.get(license) ?? terms;
    if (words(first) !== words(terms)) throw new Error(`${name} has a text of its own for license ${license}`);
    known.set(license, first);
  }
  return known;
}

const indented = (text) =>
  text
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trim()}`))
    .join('\n');

const common = (name, file) =>
  `License: ${name}\n On Debian systems, the complete text of this license is in\n /usr/share/common-licenses/${file}.`;

function bunStanzas(version) {
  const rows = Object.entries(bunParts).map(([license, names]) => ` ${names}: ${license}`);
  return [
    [
      'Files: bun/*',
      'Copyright: Oven (Bun), Apple Inc. and others (JavaScriptCore), and the authors of the libraries below',
      'License: Expat and LGPL-2+ and LGPL-2.1 and Apache-2.0',
      `Comment: The executable contains the runtime Bun ${version}, which links these libraries:`,
      ...rows,
      ' .',
      ' Their sources and complete licenses, and how to relink Bun with a changed JavaScriptCore, are at',
      ' https://bun.com/docs/project/license. npm run build:binary builds the executable with any Bun.',
    ].join('\n'),
  ];
}
