/** The network templates that come with kvmnet, and those of the user: plain libvirt XML. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KvmnetError } from '../errors.ts';
import { parseTemplateName } from '../values/name.ts';
import { suggestion } from '../values/nearest.ts';
import { parseNetwork, type Network } from '../xml/network.ts';
import type { Context } from './context.ts';
import { readDocument } from './terminal/input-file.ts';

const directory = fileURLToPath(new URL('../../templates/networks/', import.meta.url));

export function templateNames(): string[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.xml'))
    .map((file) => file.slice(0, -'.xml'.length));
}

/** A template by its name; what looks like a path is a file of the user's. Throws NOTFOUND with the nearest names. */
export async function loadTemplate(context: Context, template: string): Promise<Network> {
  if (/[/.]/.test(template)) return parseNetwork(await readDocument(context, template));
  const name = parseTemplateName(template);
  if (!templateNames().includes(name)) {
    throw new KvmnetError('NOTFOUND', `no template named ${name}`, {
      hint: suggestion(name, templateNames(), `templates: ${templateNames().join(', ')}; a file is named by its path`),
    });
  }
  return parseNetwork(readFileSync(`${directory}${name}.xml`, 'utf8'));
}
