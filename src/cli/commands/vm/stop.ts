import { planDomainStop } from '../../../plan/domain/lifecycle.ts';
import type { CommandDefinition } from '../../command.ts';
import { changeDomains, domainNames } from './names.ts';

export const command: CommandDefinition = {
  arguments: [domainNames],
  options: [{ flags: '--force', description: 'pull the plug: the guest loses what it has not written' }],
  description: 'Asks the guest to shut down, and waits up to 30 seconds (--timeout) until it has.',
  examples: [
    ['vm stop VM1', 'asks the guest, and waits'],
    ['vm stop VM1 --force', 'does not ask'],
  ],
  run: changeDomains({
    planFor: (domain, _state, { force }) => planDomainStop(domain, { force: force === true }),
    done: (name) => `stopped ${name}`,
  }),
};
