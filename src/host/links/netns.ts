/** Named network namespaces. Source: ip-netns(8) */
import { parseList } from './json.ts';
import { run, type RunOptions } from '../run.ts';

/** The names of all that ip-netns(8) knows. */
export async function readNetnsNames(options: RunOptions = {}): Promise<string[]> {
  return (await readNetns(options)).map(({ name }) => name);
}

/** The names by the numbers that the namespaces have here; one that no link leads to has no number. */
export async function readNetnsNumbers(options: RunOptions = {}): Promise<ReadonlyMap<number, string>> {
  const found = await readNetns(options);
  return new Map(found.flatMap(({ id, name }) => (id === undefined ? [] : [[id, name] as const])));
}

interface Netns {
  readonly name: string;
  readonly id?: number;
}

async function readNetns(options: RunOptions): Promise<readonly Netns[]> {
  return parseList(await run('ip', ['-j', 'netns', 'list'], options), 'ip') as readonly Netns[];
}
