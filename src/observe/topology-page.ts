/** The page that shows a topology in a browser, as it comes with kvmnet. */
import { createHash } from 'node:crypto';
import { readPackaged } from '../host/packaged.ts';
import type { TopologyPage } from '../records/topology-page.ts';

/** Reads the parts of the page, for `formatHtml`. */
export function readTopologyPage(): TopologyPage {
  const read = (name: string): string => readPackaged(`topology/${name}`);
  const script = read('page.js');
  return {
    ...{ document: read('page.html'), style: read('page.css'), darkStyle: read('dark.css'), script },
    scriptHash: `sha256-${createHash('sha256').update(script).digest('base64')}`,
  };
}
