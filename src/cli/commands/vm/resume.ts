import { planDomainResume } from '../../../plan/domain/changes.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './change-domains.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  examples: [['vm resume VM1', 'Continue where vm suspend stopped it']],
  run: changeDomains({ planFor: planDomainResume, done: (name) => `resumed ${name}`, look: { only: ['domains'] } }),
};
