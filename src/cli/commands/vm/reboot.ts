import { planDomainReboot } from '../../../plan/domain/changes.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  description:
    'Asks guests to restart, and does not wait until they have. A definition that was changed takes effect when a domain is stopped and started: ' +
    'a reboot is not enough.',
  examples: [['vm reboot VM1', 'asks the guest to restart']],
  run: changeDomains({ planFor: planDomainReboot, done: (name) => `asked ${name} to reboot` }),
};
