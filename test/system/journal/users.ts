/** The journal as its users change it. */
import { afterAll, beforeAll, expect } from '@jest/globals';
import { journalFiles, journalFolder, removeNetworks } from '../../helpers/fault/fault.ts';
import type { Outcome } from '../../helpers/host.ts';
import { kvmnetBy, runAs, type User } from '../../helpers/user.ts';

export const words = (line: string): readonly string[] => line.split(' ');
export const killed = 128 + 9;
export const lockFile = '/var/lib/kvmnet/lock';

/** Changes nothing, but recovers from an earlier run. */
export const other = words('net autostart by');

/** Makes the network that other changes leave alone; all networks are removed at the end. */
export function besideOthers(): void {
  beforeAll(async () => {
    // Root's first change makes the directories.
    await done('root', ...words('net create by --isolated --bridge-name by0'));
  });

  afterAll(async () => {
    await removeNetworks();
  });
}

export async function done(user: User, ...args: readonly string[]): Promise<Outcome> {
  const outcome = await kvmnetBy(user, args);
  expect({ args, status: outcome.status, stderr: outcome.stderr }).toMatchObject({ args, status: 0 });
  return outcome;
}

/** The id of the newest entry, and the path of its file. */
export async function newest(): Promise<{ readonly id: string; readonly path: string }> {
  const name = (await journalFiles()).filter((each) => each.endsWith('.json')).at(-1)!;
  return { id: name.split(/\.\d+\.[a-z]+\.json$/)[0]!, path: `${journalFolder}/${name}` };
}

/** A document of the journal that a user writes by hand. */
export async function writeAs(user: 'alice' | 'bob', name: string, document: object): Promise<string> {
  const path = `${journalFolder}/${name}`;
  const script = ['-c', 'umask 027; cat >"$0"', path];
  expect(await runAs(user, 'sh', script, { stdin: JSON.stringify(document) })).toMatchObject({ status: 0 });
  return path;
}
