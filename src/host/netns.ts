/** Named network namespaces. Source: ip-netns(8) */
import { run, type RunOptions } from './run.ts';

/** The names of all that ip-netns(8) knows. */
export async function readNetnsNames(options: RunOptions = {}): Promise<string[]> {
  const shown = await run('ip', ['-j', 'netns', 'list'], options);
  const found = (shown.trim() === '' ? [] : JSON.parse(shown)) as readonly { readonly name: string }[];
  return found.map(({ name }) => name);
}
