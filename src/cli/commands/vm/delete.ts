import { planDomainDelete } from '../../../plan/domain/changes.ts';
import { flag, typed, type ValuesOf } from '../../options.ts';
import { readDefinition } from '../../../observe/domain-definition.ts';
import { changeDomains, domainNames } from './names.ts';

const options = { force: flag('--force', 'pull the plug of those that run') };

export const command = typed({
  arguments: [domainNames],
  options,
  description:
    'Removes the definitions of domains that are shut off. Disks and NVRAM stay, and are named. undo brings definition and autostart back; what it ' +
    'does not bring back (a managed save, snapshots, checkpoints) is named, and asked about.',
  examples: [
    ['vm delete VM1', 'removes its definition, and says which disks stay'],
    ['vm delete VM1 VM2 --force', 'also where they run'],
    ['vm delete VM1 --dry-run', 'says what that would do'],
  ],
  run: (context, names, values) => {
    const kept = new Map<string, readonly string[]>();
    const keptOf = (name: string): readonly string[] => kept.get(name) ?? [];
    const change = changeDomains<ValuesOf<typeof options>>({
      planFor: async (domain, state, { force }) => {
        const connection = await context.connection(context.options.dryRun ? 'read' : 'change');
        const extras = await connection.call('getDomainKept', { domain: domain.uuid });
        const definition = await readDefinition(context, domain, { secrets: !context.options.dryRun });
        const plan = planDomainDelete(domain, { definition, extras }, { force }, state);
        names
          .filter((name) => name === domain.name || name === domain.uuid)
          .forEach((name) => kept.set(name, plan.kept));
        return plan;
      },
      done: (name) => [`deleted ${name}`, ...keptOf(name).map((file) => `kept: ${file}`)].join('\n'),
      more: (name) => ({ kept: keptOf(name) }),
    });
    return change(context, names, values);
  },
});
