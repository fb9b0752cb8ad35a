/** The network templates that come with kvmnet: plain libvirt XML. */
import { KvmnetError } from '../errors.ts';
import { packagedFiles, readPackaged } from '../host/packaged.ts';
import { parseTemplateName } from '../values/name.ts';
import { suggestion } from '../values/nearest.ts';
import { parseNetwork, type Network } from '../xml/network.ts';

/** Lists the names of the templates. */
export function templateNames(): string[] {
  return packagedFiles('networks')
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
  return parseNetwork(readPackaged(`networks/${name}.xml`));
}
