// How Bun compiles a program of this tree to one file that needs no Node.js: compile(). See docs/decisions/0017-one-file-executable.md.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withoutPrograms } from './commander.mjs';
import { fetchLocked } from './foreign.mjs';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a script by Bun, unless Bun runs it already. */
export function byBun(url) {
  if (process.versions.bun !== undefined) return;
  // The install script of the package bun moves it; .ci/setup runs no install scripts.
  const platform = `linux-${process.arch === 'arm64' ? 'aarch64' : process.arch}`;
  const places = [`@oven/bun-${platform}/bin/bun`, 'bun/bin/bun.exe'].map((path) => `${root}node_modules/${path}`);
  execFileSync(places.find(existsSync) ?? places[0], [fileURLToPath(url), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  process.exit(0);
}

/** Architectures as Node.js names them, and as Bun's packages do. */
export const architectures = { x64: 'x64', arm64: 'aarch64' };

/** Files in templates, by their path there. */
function packaged(folder = '') {
  return readdirSync(`${root}templates/${folder}`, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? packaged(`${folder}${entry.name}/`) : [`${folder}${entry.name}`],
  );
}

/** What src/host/packaged.ts exports, with the files inside. */
function packagedModule() {
  const files = packaged().sort();
  const texts = Object.fromEntries(files.map((path) => [path, readFileSync(`${root}templates/${path}`, 'utf8')]));
  return `const files = ${JSON.stringify(texts)};
export const readPackaged = (path) => files[path];
export const packagedFiles = (folder) =>
  Object.keys(files).filter((path) => path.startsWith(folder + '/')).map((path) => path.slice(folder.length + 1));
export const ownCommand = [process.execPath];
`;
}

/**
 * Instead of koffi. A library is loaded from a file: it gets one without a name, or for a moment a folder of
 * its own, in the first place that is not mounted noexec. Source: open(2), O_TMPFILE
 */
function koffiModule(arch) {
  const koffi = `${fetchLocked(`@koromix/koffi-linux-${arch}`)}/linux_${arch}/koffi.node`;
  return `import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import file from ${JSON.stringify(koffi)} with { type: 'file' };

const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;

export default load();

function load() {
  const library = readFileSync(file);
  const { TMPDIR: chosen = '/tmp', HOME: home = '/' } = process.env;
  for (const from of [withoutName, withName]) {
    for (const place of [chosen, '/dev/shm', '/var/tmp', home]) {
      try {
        return from(place, library);
      } catch {
        // the next place
      }
    }
  }
  process.stderr.write('error: cannot load a library from ' + chosen + ': it is full, read-only or mounted noexec\\n' +
    'hint: name another folder: TMPDIR=FOLDER kvmnet ...\\n');
  process.exit(1);
}

function withoutName(place, library) {
  const fd = openSync(place, O_TMPFILE | constants.O_RDWR, 0o700);
  try {
    writeFileSync(fd, library);
    return open('/proc/self/fd/' + fd);
  } finally {
    closeSync(fd);
  }
}

function withName(place, library) {
  const folder = mkdtempSync(place + '/.kvmnet-');
  try {
    writeFileSync(folder + '/koffi.node', library, { mode: 0o700 });
    return open(folder + '/koffi.node');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function open(path) {
  const found = { exports: {} };
  process.dlopen(found, path);
  return found.exports;
}
`;
}

/** What src/cli/output/blocking.ts exports, for Bun. 0o4000 is O_NONBLOCK; 3 and 4 are F_GETFL and F_SETFL. Source: proc(5), fdinfo; fcntl(2) */
const blockingModule = `import { dlopen } from 'bun:ffi';
import { readFileSync } from 'node:fs';

const isBlocking = (fd) => {
  try {
    return (parseInt(/^flags:\\s*(\\d+)/m.exec(readFileSync('/proc/self/fdinfo/' + fd, 'utf8'))[1], 8) & 0o4000) === 0;
  } catch {
    return true;
  }
};
const before = [0, 1, 2].filter(isBlocking);

export function restoreBlocking() {
  const changed = before.filter((fd) => !isBlocking(fd));
  if (changed.length === 0) return;
  const { symbols } = dlopen('libc.so.6', { fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' } });
  for (const fd of changed) symbols.fcntl(fd, 4, symbols.fcntl(fd, 3, 0) & ~0o4000);
}
`;

const inside = (arch) => ({
  name: 'inside',
  setup(build) {
    // Of koffi only its native half, for this architecture and glibc: its own code looks for that on many systems, and warns of old names.
    build.onResolve({ filter: /^koffi$/ }, () => ({ path: `${root}node_modules/koffi/inside.js` }));
    build.onLoad({ filter: /\/koffi\/inside\.js$/ }, () => ({ loader: 'js', contents: koffiModule(arch) }));
    build.onLoad({ filter: /\/src\/libvirt\/worker-file\.ts$/ }, () => ({
      loader: 'js',
      contents:
        "import { dirname } from 'node:path'; export const workerFile = dirname(Bun.main) + '/src/libvirt/worker.js';",
    }));
    build.onLoad({ filter: /\/src\/cli\/output\/blocking\.ts$/ }, () => ({ loader: 'js', contents: blockingModule }));
    build.onResolve({ filter: /\/child\/node\.ts$/ }, () => ({ path: `${root}src/host/child/bun.ts` }));
    build.onLoad({ filter: /\/commander\/lib\/command\.js$/ }, ({ path }) => ({
      loader: 'js',
      contents: withoutPrograms(readFileSync(path, 'utf8')),
    }));
    build.onLoad({ filter: /\/src\/host\/packaged\.ts$/ }, () => ({ loader: 'js', contents: packagedModule() }));
  },
});

/**
 * Compiles a program and the threads that it starts.
 * @param entrypoints its file first
 */
export async function compile({ entrypoints, outfile, arch }) {
  const result = await Bun.build({
    entrypoints,
    root,
    target: 'bun',
    // Bytecode makes it start three times as fast. As chunks, of which a command loads its own: to load everything takes 8 ms.
    format: 'esm',
    bytecode: true,
    splitting: true,
    minify: true,
    compile: {
      target: `bun-linux-${arch}`,
      executablePath: `${fetchLocked(`@oven/bun-linux-${architectures[arch]}`)}/bin/bun`,
      outfile,
      autoloadDotenv: false,
      autoloadBunfig: false,
      // Code is compiled after it has run 8 times as often as usual: most commands end before they could gain by it.
      jitPolicy: 8,
    },
    plugins: [inside(arch)],
  });
  if (!result.success) throw new AggregateError(result.logs, `${outfile} could not be built`);
}
