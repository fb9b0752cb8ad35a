/** Named network namespaces. Source: ip-netns(8) */
import { parseList } from './json.ts';
import { run, type RunOptions } from '../run.ts';

/** The names of all that ip-netns(8) knows. */
export async function readNetnsNames(options: RunOptions = {}): Promise<string[]> {
  const shown = await run('ip', ['-j', 'netns', 'list'], options);
  const found = parseList(shown, 'ip') as readonly { readonly name: string }[];
  return found.map(({ name }) => name);
}
