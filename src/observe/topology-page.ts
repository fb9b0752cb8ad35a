/** The page that shows a topology in a browser, as it comes with kvmnet. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TopologyPage } from '../records/topology-page.ts';

/** Reads the parts of the page, for `formatHtml`. */
export function readTopologyPage(): TopologyPage {
  const read = (name: string): string =>
    readFileSync(fileURLToPath(new URL(`../../templates/topology/${name}`, import.meta.url)), 'utf8');
  const script = read('page.js');
  return {
    ...{ document: read('page.html'), style: read('page.css'), darkStyle: read('dark.css'), script },
    scriptHash: `sha256-${createHash('sha256').update(script).digest('base64')}`,
  };
}
