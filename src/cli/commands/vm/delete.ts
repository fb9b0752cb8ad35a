import { planDomainDelete } from '../../../plan/domain/changes.ts';
import { flag, typed, type ValuesOf } from '../../options.ts';
import { readDefinition } from '../../../observe/domain-definition.ts';
import { changeDomains, domainNames } from './change-domains.ts';

const options = { force: flag('--force', 'Power running domains off first') };

export const command = typed({
  arguments: [domainNames],
  options,
  description:
    'Removes the definitions of domains that are shut off. Disks and NVRAM stay, and are listed. undo restores the definition and ' +
    'autostart; kvmnet asks before it deletes what undo cannot restore: a managed save, snapshots, checkpoints.',
  examples: [
    ['vm delete VM1', 'Remove its definition, and list the disks that stay'],
    ['vm delete VM1 VM2 --force', 'Delete them even if they are running'],
    ['vm delete VM1 --dry-run', 'Print the steps'],
  ],
  run: (context, names, values) => {
    const kept = new Map<string, readonly string[]>();
    const keptOf = (name: string): readonly string[] => kept.get(name) ?? [];
    const change = changeDomains<ValuesOf<typeof options>, 'domains'>({
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
      look: { only: ['domains'] },
    });
    return change(context, names, values);
  },
});
