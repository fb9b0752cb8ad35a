/**
 * The files that come with kvmnet, and how it starts itself again. The one-file executable has them inside: .ci/executable.mjs substitutes
 * another module for this one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The same from src/host, dist/host and dist/bin.
const root = new URL('../../', import.meta.url);

/** Returns the text of a file in `templates`; `path` is relative to it. */
export function readPackaged(path: string): string {
  return readFileSync(new URL(`templates/${path}`, root), 'utf8');
}

/** Returns the names of the files in a folder of `templates`. */
export function packagedFiles(folder: string): readonly string[] {
  return readdirSync(new URL(`templates/${folder}`, root));
}

/** The program and first arguments that start kvmnet. The bundle starts fastest; it is found from itself, and from the library in dist. */
export const ownCommand: readonly [program: string, ...args: string[]] = [
  process.execPath,
  fileURLToPath(new URL('dist/bin/kvmnet.js', root)),
];
