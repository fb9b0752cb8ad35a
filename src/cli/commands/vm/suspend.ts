import { planDomainSuspend } from '../../../plan/domain/changes.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  description: 'Stops the processors of running domains; their memory and their NICs stay. vm resume lets them go on.',
  examples: [['vm suspend VM1 VM2', 'they stand still until vm resume']],
  run: changeDomains({ planFor: planDomainSuspend, done: (name) => `suspended ${name}` }),
};
