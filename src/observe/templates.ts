/** The network templates that come with kvmnet: plain libvirt XML. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KvmnetError } from '../errors.ts';
import { parseTemplateName } from '../values/name.ts';
import { suggestion } from '../values/nearest.ts';
import { parseNetwork, type Network } from '../xml/network.ts';

const directory = fileURLToPath(new URL('../../templates/networks/', import.meta.url));

/** Lists the names of the templates. */
export function templateNames(): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.xml'))
    .map((file) => file.slice(0, -'.xml'.length));
}

/**
 * Reads a template.
 * @throws NOTFOUND with the nearest names
 */
export function readTemplate(template: string): Network {
  const name = parseTemplateName(template);
  if (!templateNames().includes(name)) {
    throw new KvmnetError('NOTFOUND', `no template named '${name}'`, {
      hint: suggestion(name, templateNames(), `templates: ${templateNames().join(', ')}; a file is named by its path`),
    });
  }
  return parseNetwork(readFileSync(`${directory}${name}.xml`, 'utf8'));
}
