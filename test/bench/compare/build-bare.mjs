// Builds bare.js as the executable is built. Argument: the file to make.
import { byBun, compile } from '../../../.ci/executable.mjs';

byBun(import.meta.url);
const [outfile] = process.argv.slice(2);
await compile({ entrypoints: [new URL('bare.js', import.meta.url).pathname], outfile, arch: process.arch });
