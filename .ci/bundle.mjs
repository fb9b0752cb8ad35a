// Makes the executable dist/bin/kvmnet.js of src/cli: CommonJS, in few and small files, which Node.js starts in two thirds of the time that
// the compiler's modules take (docs/decisions). The packages stay outside, and the types are the compiler's business.
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist/bin`;

const bundle = await rolldown({
  input: { kvmnet: `${root}src/cli/main.ts`, worker: `${root}src/libvirt/worker.ts` },
  platform: 'node',
  external: /^[a-z@]/,
  logLevel: 'warn',
});
rmSync(out, { recursive: true, force: true });
// What libvirt/connection.ts starts is worker.js beside itself: all files are in one folder.
await bundle.write({
  dir: out,
  format: 'cjs',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
});
writeFileSync(`${out}/package.json`, '{ "type": "commonjs" }\n');
chmodSync(`${out}/kvmnet.js`, 0o755);
