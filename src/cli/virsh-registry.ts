/** virsh's own names for what it does with networks, interfaces and filters: each with its one line of help and its code. */
import { KvmnetError } from '../errors.ts';
import { suggestion } from '../state/nearest.ts';
import type { VirshDefinition } from './virsh/definition.ts';
import { virshEntry as entry, type VirshEntry } from './virsh/entry.ts';
import { virshDomainEntries } from './virsh-domain-registry.ts';

const netLists = () => import('./commands/virsh/net-list.ts');

/** Hidden in `kvmnet --help`, where one line names `kvmnet help virsh`. */
export const virshEntries: readonly VirshEntry[] = [
  entry('net-list', 'list networks', async () => (await netLists()).netList),
  ...virshDomainEntries,
];

const byName = new Map(virshEntries.map((each) => [each.path.join(' '), each]));

export const virshNames: ReadonlySet<string> = new Set(byName.keys());

/** How a command of virsh's is written. Throws USAGE where a line of several commands has one that is not virsh's. */
export async function virshDefinition(name: string): Promise<VirshDefinition> {
  const known = byName.get(name);
  if (known) return known.definition();
  throw new KvmnetError('USAGE', `${name} is not one of virsh's commands for networks and interfaces`, {
    hint: suggestion(name, byName.keys(), 'kvmnet help virsh lists them'),
  });
}
