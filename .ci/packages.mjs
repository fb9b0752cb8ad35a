// `npm run build:packages`: Debian's packages, and the archive of the one-file executable, in dist/packages. Two builds of one tree are
// equal. See docs/decisions/0018-packages.md.
//
//   node .ci/packages.mjs [--version VERSION] [--executable FILE] [NAME...]
//
// NAMEs are without the version: `kvmnet_amd64.deb`; by default all. FILE is the executable, if it is built already.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { completionScript } from '../dist/cli/complete/scripts.js';
import { readManual } from '../dist/cli/reference/manual.js';
import { manPages } from '../dist/cli/reference/roff.js';
import { natFiles } from '../dist/firewall/nat-files.js';
import { noRules } from '../dist/firewall/nat.js';
import { buildDate, debianChangelog, maintainer } from './changelog.mjs';
import { bundledPackages, copyrightFile } from './copyright.mjs';
import { buildDeb, writeTree } from './deb.mjs';
import { fetchLocked } from './foreign.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist/packages`;
const { version: released, description } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const { values, positionals } = parseArgs({
  options: { version: { type: 'string' }, executable: { type: 'string' } },
  allowPositionals: true,
});
const version = values.version ?? released;
const debian = `${version}-1`;
const date = buildDate();

const debianNames = { x64: 'amd64', arm64: 'arm64' };
/** The executables that are packaged, by Node.js's names of architectures. */
const executables = ['x64', 'arm64'];

const read = (path) => readFileSync(`${root}${path}`);
const zipped = (text) => ({ data: gzipSync(text, { level: 9 }) });

/** The files of a folder, by their paths there. */
const filesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort();

/** What both packages have beside the program: by path below /. */
async function shared(name, copyright) {
  const manual = manPages(await readManual(), { version, date: date.toISOString().slice(0, 10) });
  const completions = {
    bash: 'bash-completion/completions/kvmnet',
    zsh: 'zsh/vendor-completions/_kvmnet',
    fish: 'fish/vendor_completions.d/kvmnet.fish',
  };
  const pages = readdirSync(`${root}docs`).filter((file) => file.endsWith('.md'));
  const doc = `usr/share/doc/${name}`;
  return {
    ...Object.fromEntries(
      Object.entries(manual).map(([file, text]) => [`usr/share/man/man1/${file}.gz`, zipped(text)]),
    ),
    ...Object.fromEntries(
      Object.entries(completions).map(([shell, path]) => [`usr/share/${path}`, { data: completionScript(shell) }]),
    ),
    [`${doc}/copyright`]: { data: copyright },
    [`${doc}/changelog.Debian.gz`]: zipped(debianChangelog(debian).replaceAll(/^kvmnet \(/gm, `${name} (`)),
    [`${doc}/changelog.gz`]: zipped(read('CHANGELOG.md')),
    [`${doc}/README.md`]: { data: read('README.md') },
    ...Object.fromEntries(pages.map((file) => [`${doc}/docs/${file}`, { data: read(`docs/${file}`) }])),
  };
}

/** The command line as npm has it, with what it loads of koffi, and koffi's native half for this architecture and glibc. */
function bundle(arch) {
  const half = `@koromix/koffi-linux-${arch}`;
  const koffi = ['package.json', 'index.cjs', 'src/koffi/index.cjs', 'src/koffi/src/static.cjs'];
  const ofHalf = ['package.json', 'index.js', `linux_${arch}/koffi.node`];
  const scripts = filesIn(`${root}dist/bin`).filter((file) => !file.endsWith('.map') && !file.startsWith('compiled/'));
  const rows = [
    ...scripts.map((file) => [`dist/bin/${file}`, read(`dist/bin/${file}`)]),
    ...filesIn(`${root}templates`).map((file) => [`templates/${file}`, read(`templates/${file}`)]),
    ...koffi.map((file) => [`node_modules/koffi/${file}`, read(`node_modules/koffi/${file}`)]),
    ...ofHalf.map((file) => [`node_modules/${half}/${file}`, readFileSync(`${fetchLocked(half)}/${file}`)]),
  ];
  const main = 'usr/lib/kvmnet/dist/bin/kvmnet.js';
  const modeOf = (path) => (path.endsWith('.sh') ? 0o755 : 0o644);
  const files = Object.fromEntries(
    rows.map(([path, data]) => [`usr/lib/kvmnet/${path}`, { data, mode: modeOf(path) }]),
  );
  // Debian's own Node.js, and not another one that comes first in PATH.
  const text = files[main].data.toString().replace(/^#!.*/, '#!/usr/bin/node');
  return {
    ...files,
    [main]: { data: text, mode: 0o755 },
    'usr/bin/kvmnet': { link: '../lib/kvmnet/dist/bin/kvmnet.js' },
  };
}

const fieldsOf = (name, arch, more) => ({
  Package: name,
  Version: debian,
  Architecture: debianNames[arch],
  Maintainer: maintainer,
  ...more,
  Recommends: 'iproute2',
  Suggests: 'libvirt-daemon-system, openssh-client, tcpdump',
  Section: 'admin',
  Priority: 'optional',
});

/** What koffi's native half is linked to. */
const native = 'libc6 (>= 2.25), libstdc++6';

/** lintian's tags that do not apply, each with the reason. */
const notDebians = ['initial-upload-closes-no-bugs', 'These packages are not part of Debian.'];
const bunsOwn = [
  ['unstripped-binary-or-object', 'strip would remove the program, which Bun keeps behind the sections.'],
  ...['hardening-no-pie', 'hardening-no-relro', 'embedded-library'].map((tag) => [tag, 'Bun is built this way.']),
];
const overrides = (name, rows) => ({
  [`usr/share/lintian/overrides/${name}`]: {
    data: rows.map(([tag, reason]) => `# ${reason}\n${name}: ${tag}\n`).join(''),
  },
});

const described = (synopsis, more) => `${synopsis}\n${more.map((line) => ` ${line}`).join('\n')}`;
const [purpose] = description.split(':');
const about = [
  'kvmnet creates and changes libvirt networks, host bridges and VLANs, attaches',
  'virtual machines to them, forwards ports to them, and shows and explains the',
  'result. It checks before it changes anything, verifies each change, and rolls',
  'back a change that fails halfway.',
];

const compiled = '/usr/lib/kvmnet/dist/bin';

const postinst = `#!/bin/sh
# V8 compiles kvmnet for the Node.js of this host, so that it starts faster; it starts without that, too.
set -e
case "$1" in
  configure | triggered) /usr/bin/node ${compiled}/compile.js || true ;;
esac
`;

const prerm = `#!/bin/sh
# What postinst has written.
set -e
rm -rf ${compiled}/compiled
`;

/** Port forwards have files that kvmnet writes with the first one and removes with the last; without it, they would stay for good. */
function postrm() {
  const templates = { hook: '', unit: '' };
  const written = natFiles(noRules, { backend: 'nftables', templates, sysctls: {} }).map(
    ({ path }) => `  rm -f ${path}\n`,
  );
  return `#!/bin/sh
# What kvmnet forward and kvmnet snat have written. The journal in /var/lib/kvmnet stays.
set -e
# Where kvmnet is still there, it is of the other package, and its files are in use.
if [ "$1" = purge ] && [ ! -e /usr/bin/kvmnet ]; then
${written.join('')}  for folder in /etc/kvmnet /etc/libvirt/hooks/network.d /etc/systemd/system/multi-user.target.wants; do
    if [ -d "$folder" ]; then rmdir --ignore-fail-on-non-empty "$folder"; fi
  done
fi
`;
}

async function buildBundle(arch) {
  const copyright = copyrightFile(bundledPackages());
  return buildDeb(`${out}/kvmnet_${debian}_${debianNames[arch]}.deb`, {
    fields: fieldsOf('kvmnet', arch, {
      Depends: `nodejs (>= 20.19), libvirt0 (>= 6.0), ${native}`,
      Description: described(purpose, about),
    }),
    files: { ...bundle(arch), ...(await shared('kvmnet', copyright)), ...overrides('kvmnet', [notDebians]) },
    scripts: { postinst, prerm, postrm: postrm() },
    // Code is compiled for one version of Node.js.
    triggers: 'interest-noawait /usr/bin/node\n',
    date,
  });
}

function executable(arch) {
  if (values.executable !== undefined) return readFileSync(values.executable);
  execFileSync('node', [`${root}.ci/binary.mjs`, arch], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return read(`dist/binary/kvmnet-linux-${arch}`);
}

async function buildStandalone(arch, program = executable(arch)) {
  const name = 'kvmnet-standalone';
  const copyright = copyrightFile(bundledPackages(), bunVersion());
  return buildDeb(`${out}/${name}_${debian}_${debianNames[arch]}.deb`, {
    fields: fieldsOf(name, arch, {
      Depends: `libvirt0 (>= 6.0), ${native}`,
      Conflicts: 'kvmnet',
      Replaces: 'kvmnet',
      Provides: `kvmnet (= ${debian})`,
      Description: described(`${purpose} (one file)`, [
        ...about,
        '.',
        'This package has kvmnet as one executable that needs no Node.js.',
      ]),
    }),
    files: {
      'usr/bin/kvmnet': { data: program, mode: 0o755 },
      ...(await shared(name, copyright)),
      ...overrides(name, [notDebians, ...bunsOwn]),
    },
    scripts: { postrm: postrm() },
    date,
    // xz takes twice as long for a tenth less.
    compression: ['-Zgzip', '-z6'],
  });
}

const bunVersion = () => JSON.parse(read('node_modules/bun/package.json').toString()).version;

/** For systems without dpkg: the executable with its manual and completions. */
async function buildArchive(arch, program = executable(arch)) {
  const name = `kvmnet-${version}`;
  const copyright = copyrightFile(bundledPackages(), bunVersion());
  const folder = mkdtempSync(`${tmpdir()}/kvmnet-archive-`);
  try {
    const beside = Object.entries(await shared('kvmnet', copyright)).filter(
      ([path]) => !path.endsWith('changelog.Debian.gz'),
    );
    const files = beside.map(([path, file]) => [`${name}/${path.replace(/^usr\//, '')}`, file]);
    writeTree(folder, { [`${name}/bin/kvmnet`]: { data: program, mode: 0o755 }, ...Object.fromEntries(files) }, date);
    const time = `--mtime=@${date.getTime() / 1000}`;
    const owner = ['--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--format=gnu'];
    const file = `${out}/kvmnet-standalone-${version}-linux-${arch}.tar.gz`;
    // gzip -n: without the time.
    execFileSync('tar', ['-cf', file, '-I', 'gzip -n', '-C', folder, ...owner, time, name]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What there is to build, by name without the version. */
const builders = Object.fromEntries([
  ...Object.entries(debianNames).map(([arch, name]) => [`kvmnet_${name}.deb`, () => buildBundle(arch)]),
  ...executables.flatMap((arch) => [
    [`kvmnet-standalone_${debianNames[arch]}.deb`, () => buildStandalone(arch)],
    [`kvmnet-standalone-linux-${arch}.tar.gz`, () => buildArchive(arch)],
  ]),
]);

const unknown = positionals.find((name) => !Object.hasOwn(builders, name));
if (unknown !== undefined) {
  console.error(`kvmnet: no package '${unknown}': ${Object.keys(builders).join(', ')}`);
  process.exit(2);
}
if (!existsSync(out)) mkdirSync(out, { recursive: true });
for (const name of positionals.length > 0 ? positionals : Object.keys(builders)) await builders[name]();
