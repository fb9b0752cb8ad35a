/** All commands behind the word `virsh`, in virsh's groups. */
import type { HelpSources } from './help.ts';
import type { VirshDefinition } from './grammar/definition.ts';
import { hypervisorEntries, managementEntries, monitoringEntries } from './everyday-registry.ts';
import { virshEntries } from './registry.ts';

const startingWith = (...beginnings: readonly string[]) =>
  virshEntries.filter(({ path: [name = ''] }) => beginnings.some((beginning) => name.startsWith(beginning)));

const monitoring = startingWith('domifaddr', 'domifstat', 'domif-getlink');

export const everydayEntries = [...managementEntries, ...monitoringEntries, ...hypervisorEntries];

export const helpGroups: HelpSources['groups'] = [
  [
    'Domain Management',
    'domain',
    [
      ...managementEntries,
      ...startingWith('attach-', 'detach-', 'update-', 'dom').filter((each) => !monitoring.includes(each)),
    ],
  ],
  ['Domain Monitoring', 'monitor', [...monitoringEntries, ...monitoring]],
  ['Host and Hypervisor', 'host', hypervisorEntries],
  ['Interface', 'interface', startingWith('iface-')],
  ['Network Filter', 'filter', startingWith('nwfilter-')],
  ['Networking', 'network', startingWith('net-')],
  [
    'Virsh itself',
    'virsh',
    [
      ['cd', 'change the current directory'],
      ['connect', '(re)connect to hypervisor'],
      ['echo', 'echo arguments'],
      ['exit', 'quit this interactive terminal'],
      ['help', 'print help'],
      ['pwd', 'print the current directory'],
      ['quit', 'quit this interactive terminal'],
    ].map(([name = '', summary = '']) => ({ path: [name], summary })),
  ],
];

export const strictEntries = [...virshEntries, ...everydayEntries];

const byName = new Map(strictEntries.map((each) => [each.path.join(' '), each]));

export const strictNames: ReadonlySet<string> = new Set(byName.keys());

/** How a command behind the word `virsh` is written; undefined for one that kvmnet does not have. */
export async function strictDefinition(name: string): Promise<VirshDefinition | undefined> {
  return byName.get(name)?.definition();
}
