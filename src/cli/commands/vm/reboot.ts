import { planDomainReboot } from '../../../plan/domain/changes.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './change-domains.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  description:
    'Asks guests to restart, without waiting for them. A changed definition takes effect only when a domain is stopped and started, not ' +
    'when it reboots.',
  examples: [['vm reboot VM1', 'Ask the guest to restart']],
  run: changeDomains({
    planFor: planDomainReboot,
    done: (name) => `asked ${name} to reboot`,
    look: { only: ['domains'] },
  }),
};
