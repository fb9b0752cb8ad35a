// Parses FILE as a domain a number of times, changes it, and builds it again, by the library.
import { readFileSync } from 'node:fs';
import { buildDomain, parseDomain } from '../../../dist/index.js';

const [, , file, count] = process.argv;
const text = readFileSync(file, 'utf8');
for (let each = 0; each < Number(count); each += 1) {
  const domain = parseDomain(text);
  if (!buildDomain({ ...domain, title: String(each) }).includes('<title>')) throw new Error('the title is missing');
}
