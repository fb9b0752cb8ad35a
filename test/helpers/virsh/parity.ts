/** The same command line by virsh and by kvmnet, on the same host: what each printed on stdout, and its exit status. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { kvmnet, run, type Outcome, type RunOptions } from '../host.ts';

/** Words with a blank between them, or a list of words where one has a blank in it. */
export type Line = string | readonly string[];

export type Said = Pick<Outcome, 'stdout' | 'status'>;

export function wordsOf(line: Line): readonly string[] {
  return typeof line === 'string' ? line.split(' ') : line;
}

export async function byVirsh(line: Line, options?: RunOptions): Promise<Said> {
  const { stdout, status } = await run('virsh', wordsOf(line), options);
  return { stdout, status };
}

export async function byKvmnet(line: Line, options?: RunOptions): Promise<Said> {
  const { stdout, status } = await kvmnet(wordsOf(line), options);
  return { stdout, status };
}

/** A directory with these documents; removed by the function that comes with it. */
export async function documents<Name extends string>(
  texts: Readonly<Record<Name, string>>,
): Promise<{ readonly path: (name: Name) => string; readonly remove: () => Promise<void> }> {
  const directory = await mkdtemp(`${tmpdir()}/kvmnet-test-`);
  const path = (name: Name): string => `${directory}/${name}.xml`;
  for (const name of Object.keys(texts) as Name[]) await writeFile(path(name), texts[name]);
  return { path, remove: () => rm(directory, { recursive: true }) };
}
