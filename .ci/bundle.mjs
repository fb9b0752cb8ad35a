// `npm run build`, second half: the command line as few CommonJS files, dist/bin. Node.js starts them in two thirds of the time
// that it takes for the compiler's output (docs/decisions/0009-the-command-line-is-bundled.md). Of the library in dist only the
// thread of a connection is bundled, as one ES module in the place of the compiler's: it is loaded anew for each connection.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { withoutPrograms } from './commander.mjs';

/** The package is of ES modules; this folder is not. */
const commonJs = {
  name: 'package-json',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'package.json', source: '{ "type": "commonjs" }\n' });
  },
};

const noPrograms = {
  name: 'no-programs',
  transform: {
    filter: { id: /commander\/lib\/command\.js$/ },
    // null: it leaves each line where it was.
    handler: (source) => ({ code: withoutPrograms(source), map: null }),
  },
};

/** koffi's own JavaScript looks for its native half on many systems: four files for the one that is nearly always needed. */
const nativeKoffi = {
  name: 'native-koffi',
  resolveId: (id, importer) => {
    if (id !== 'koffi') return null;
    return importer === '\0koffi' ? { id, external: true } : '\0koffi';
  },
  load: (id) =>
    id !== '\0koffi'
      ? null
      : `const half = '@koromix/koffi-linux-' + process.arch + '/linux_' + process.arch + '/koffi.node';
try {
  module.exports = require(half);
} catch (error) {
  try {
    module.exports = require('koffi');
  } catch {
    throw error;
  }
}
`,
};

const common = {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  platform: 'node',
};

const comments = { legal: true, jsdoc: false, annotation: false };

await build({
  ...common,
  input: 'src/libvirt/worker.ts',
  // Native code, found by its own package.json.
  external: ['koffi'],
  output: { file: 'dist/libvirt/worker.js', format: 'es', sourcemap: false, comments },
});

await build({
  ...common,
  // A connection's thread is found beside the command line, under this name.
  input: { main: 'src/cli/main.ts', worker: 'src/libvirt/worker.ts' },
  plugins: [commonJs, noPrograms, nativeKoffi],
  // An import that can wait in one command is needed at once in another.
  checks: { ineffectiveDynamicImport: false },
  output: {
    // As deep as src/cli: templates are found from there.
    dir: 'dist/bin',
    cleanDir: true,
    format: 'cjs',
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    // Not minified: that would save 2 ms, and cost the names in the stack of an error. node --enable-source-maps reads the maps.
    sourcemap: true,
    comments,
    // To find and open a file costs more than to read it, so what commands have in common is a few files and not fifty.
    // Each takes along what its modules import; the rest of a command is a file of its own, loaded when it runs.
    codeSplitting: {
      groups: [
        // Apart: whatever else they were with would come along with them.
        { name: 'errors', priority: 4, test: /src\/errors\.ts$/ },
        { name: 'koffi', priority: 4, test: /^\0koffi$/ },
        // To begin.
        {
          name: 'process',
          priority: 3,
          test: /src\/cli\/(process|terminal\/signals)\.ts$/,
        },
        // To read any command line, and to print help.
        { name: 'program', priority: 3, test: /src\/cli\/program\.ts$/ },
        // To call libvirt; a connection's thread needs nothing else.
        { name: 'libvirt', priority: 2, test: /src\/libvirt\/(in-process|procedures)\.ts$/ },
        // To look at what is there, and to print it.
        {
          name: 'look',
          priority: 1,
          test: /src\/(observe\/(observe|examine|default-uri)|apply\/journal\/journal|cli\/(context|leftover-text|leftover-warnings|options|output\/output|views\/(network|nic)))\.ts$/,
        },
      ],
    },
  },
});

// What starts it, with code that is compiled already.
const bin = fileURLToPath(new URL('../dist/bin/', import.meta.url));
const hash = createHash('sha256');
for (const file of readdirSync(bin).sort()) hash.update(readFileSync(`${bin}${file}`));
const digest = hash.digest('hex').slice(0, 16);
for (const name of ['kvmnet.js', 'compile.js']) {
  const text = readFileSync(new URL(`start/${name}`, import.meta.url), 'utf8');
  writeFileSync(`${bin}${name}`, text.replace("'BUILD'", `'${digest}'`));
  chmodSync(`${bin}${name}`, 0o755);
}
execFileSync(process.execPath, [`${bin}compile.js`], { stdio: 'inherit' });
