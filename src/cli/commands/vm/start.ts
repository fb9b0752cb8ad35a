import { planDomainStart } from '../../../plan/domain/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  description: 'A network that a domain needs and that is not active is started first, with your consent.',
  examples: [['vm start VM1 VM2', 'one after the other']],
  run: changeDomains({ planFor: planDomainStart, done: (name) => `started ${name}`, look: { leases: false } }),
};
