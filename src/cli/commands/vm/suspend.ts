import { planDomainSuspend } from '../../../plan/domain/changes.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './change-domains.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  description: 'Stops the processors of running domains; their memory and NICs stay. vm resume continues them.',
  examples: [['vm suspend VM1 VM2', 'Pause them until vm resume']],
  run: changeDomains({ planFor: planDomainSuspend, done: (name) => `suspended ${name}`, look: { only: ['domains'] } }),
};
