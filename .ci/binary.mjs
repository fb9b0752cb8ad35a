// `npm run build:binary [-- x64|arm64]`: kvmnet as one file that needs no Node.js, only libvirt.so.0: dist/binary/kvmnet-linux-ARCH, with its
// checksum and its list of components (CycloneDX) beside it. Bun compiles it, and runs this script. Two builds of one tree are equal.
// See docs/decisions/0017-one-file-executable.md.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { architectures, byBun, compile, root } from './executable.mjs';

byBun(import.meta.url);
const arch = process.argv[2] ?? process.arch;
if (!Object.hasOwn(architectures, arch)) {
  console.error(`kvmnet: no executable for '${arch}': ${Object.keys(architectures).join(', ')}`);
  process.exit(2);
}

const folder = `${root}dist/binary`;
const name = `kvmnet-linux-${arch}`;
mkdirSync(folder, { recursive: true });
// It may be in use: what is new takes its place only when it is whole.
const fresh = mkdtempSync(`${folder}/.new-`);
const outfile = `${fresh}/${name}`;
process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));
await compile({ entrypoints: [`${root}src/cli/main.ts`, `${root}src/libvirt/worker.ts`], outfile, arch });

const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');
writeFileSync(`${outfile}.sha256`, `${digest(outfile)}  ${name}\n`);
writeFileSync(`${outfile}.cdx.json`, `${JSON.stringify(components(), null, 2)}\n`);
for (const file of readdirSync(fresh)) renameSync(`${fresh}/${file}`, `${folder}/${file}`);

/** The packages of package-lock.json that are installed with kvmnet, NAME@VERSION; without koffi's native half for other systems. */
function packagesInside() {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, 'utf8'));
  const inside = Object.entries(packages).flatMap(([path, { version, dev = false }]) => {
    const name = path.replace(/^.*node_modules\//, '');
    return dev || name === '' ? [] : [`${name}@${version}`];
  });
  return inside.filter(
    (name) => !name.startsWith('@koromix/koffi-') || name.startsWith(`@koromix/koffi-linux-${arch}@`),
  );
}

/** npm's list of the packages inside, and Bun itself. Without time and random number, which would make each build another one. */
function components() {
  const npm = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
    cwd: root,
  });
  const { serialNumber: _, metadata, ...sbom } = JSON.parse(npm);
  const { timestamp: __, ...rest } = metadata;
  // Not by --omit=dev, which leaves out a package that a development tool needs too.
  const inside = new Set(packagesInside());
  const framework = {
    type: 'framework',
    name: 'bun',
    version: Bun.version,
    licenses: [{ license: { id: 'MIT' } }],
    purl: `pkg:npm/bun@${Bun.version}`,
    externalReferences: [{ type: 'vcs', url: 'https://github.com/oven-sh/bun' }],
  };
  return {
    ...sbom,
    metadata: rest,
    components: [...sbom.components.filter((each) => inside.has(each['bom-ref'])), framework],
  };
}
