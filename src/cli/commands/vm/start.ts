import { planDomainStart } from '../../../plan/domain/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './change-domains.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  description: 'If a domain needs an inactive network, kvmnet asks and starts the network first.',
  examples: [['vm start VM1 VM2', 'Start them one after the other']],
  run: changeDomains({
    planFor: planDomainStart,
    done: (name) => `started ${name}`,
    look: { leases: false, routes: false },
  }),
};
