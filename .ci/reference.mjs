// Writes docs/reference from the commands and their options; a test fails while they differ.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readManual } from '../dist/cli/reference/manual.js';
import { referencePages } from '../dist/cli/reference/markdown.js';

const folder = new URL('../docs/reference/', import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [name, text] of Object.entries(referencePages(await readManual())))
  writeFileSync(new URL(name, folder), text);
